"""What waits of the closings: villages whose last month is not locked (plan §三.4; M20)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import DueKind, Todo, day_words, evening
from governance.periods import Kind, Period, today
from moral_bank.models import Closing
from moral_bank.rules.models import RuleSet
from villages.models import Unit

LOCKED_WITHIN = timedelta(days=10)
"""After the month: five days of notice, and time to compute and to answer."""


def _month(now: datetime) -> Period:
    return Period.of(Kind.MONTH, today(now)).previous()


def _unlocked(now: datetime) -> QuerySet[Unit]:
    """The villages of the month, where rules were in force."""
    month = _month(now)
    rules = RuleSet.objects.filter(state=RuleSet.State.ADOPTED, valid_from__lt=month.end).order_by()
    villages = Unit.objects.villages().on(month.end - timedelta(days=1)).filter(parent__in=rules.values("township"))
    locked = Closing.objects.for_period(month).filter(state=Closing.State.LOCKED)
    return villages.exclude(pk__in=locked.order_by().values("village"))


def _late(rows: QuerySet[Unit], now: datetime) -> QuerySet[Unit]:
    return rows if today(now) >= _month(now).end + LOCKED_WITHIN else rows.none()


def _lines(rows: QuerySet[Unit], user: User, now: datetime) -> Iterator[Todo]:
    """One line for all villages."""
    if count := rows.count():
        month = _month(now)
        on = month.end + LOCKED_WITHIN - timedelta(days=1)
        link = reverse("moral_bank:closing-list", query={"period": month})
        yield Todo(evening(on), f"{month.label}评分还没有锁定", f"{count} 个村（社区）", link, day_words(on, now))


KINDS = [
    DueKind(
        "closing",
        open=_unlocked,
        held=lambda rows, user, now: rows.visible_to(user, Action.CLOSING_RUN),
        lines=_lines,
        late=_late,
        village="pk",
        words="上月评分没有锁定",
    )
]
