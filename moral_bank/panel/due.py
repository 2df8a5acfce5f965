"""What waits for a village's panel: one line for each village, for those who write its sittings down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min, QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import DueKind, Todo
from moral_bank.models import Claim
from villages.models import Unit


def _lines(waiting: QuerySet[Claim], user: User, now: datetime) -> Iterator[Todo]:
    """待评议 n 条, the village that waits longest first."""
    counted = waiting.order_by().values_list("account__household__village").annotate(claims=Count("pk"), since=Min("decided_at"))
    rows = list(counted.order_by("since"))
    villages = Unit.objects.in_bulk([pk for pk, _, _ in rows])
    for pk, claims, since in rows:
        link = reverse("moral_bank:sitting-create", args=[pk])
        yield Todo(since or now, f"待评议 {claims} 条", f"{villages[pk]}，开评议会后登记", link, None)


KINDS = [
    DueKind(
        "panel",
        "待评议的申报",
        open=lambda now: Claim.objects.filter(state=Claim.State.VERIFIED),
        held=lambda rows, user, now: rows.visible_to(user, Action.PANEL_RECORD),
        lines=_lines,
    )
]
