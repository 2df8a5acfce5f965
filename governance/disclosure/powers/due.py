"""What waits of small powers: the yearly look at what is confirmed, and samples that nobody has confirmed yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.powers.models import Power
from governance.frame.due import Day, DueKind, Todo, evening, past

REVIEW = Day("review_on")
AHEAD = timedelta(days=30)


def _line(power: Power, now: datetime) -> Todo:
    assert power.review_on is not None
    link = reverse("disclosure:power-detail", args=[power.pk])
    return Todo(evening(power.review_on), f"核对小微权力：{power.name}", f"{power.confirmed_on} 确认", link, REVIEW.due(power, now))


def _held(rows: Any, user: User, now: datetime) -> Any:
    """`TownQuerySet` shows a township's things to all its duties; asked is only who keeps the list there."""
    return rows.visible_to(user, Action.POWER_EDIT)


KINDS = [
    DueKind(
        "power-review",
        "小微权力年度核对",
        open=lambda now: Power.objects.filter(REVIEW.by(now + AHEAD), is_active=True),
        held=_held,
        line=_line,
        order=("review_on", "pk"),
        late=past(REVIEW),
        village="township",
    ),
]
