"""What waits of the closings: villages whose last month is not locked (plan §三.4; M20)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import DueKind, Late, Line, Lines, Part, Todo, day_words, evening
from governance.periods import Kind, Period, today
from moral_bank.models import Closing
from moral_bank.rules.models import RuleSet
from villages.models import Unit

By = Callable[[Period], date]
SHOWN_WITHIN, LOCKED_WITHIN = timedelta(days=7), timedelta(days=15)
"""After the month: a week to compute, then five days of notice and time to answer."""


def shown_by(month: Period) -> date:
    """The last day on which the month's list is shown in time."""
    return month.end + SHOWN_WITHIN - timedelta(days=1)


def locked_by(month: Period) -> date:
    """The last day on which the month is locked in time."""
    return month.end + LOCKED_WITHIN - timedelta(days=1)


def _month(now: datetime) -> Period:
    return Period.of(Kind.MONTH, today(now)).previous()


def _unlocked(now: datetime) -> QuerySet[Unit]:
    """The villages of the month, where rules were in force."""
    month = _month(now)
    rules = RuleSet.objects.filter(state=RuleSet.State.ADOPTED, valid_from__lt=month.end).order_by()
    villages = Unit.objects.villages().on(month.end - timedelta(days=1)).filter(parent__in=rules.values("township"))
    locked = Closing.objects.for_period(month).filter(state=Closing.State.LOCKED)
    return villages.exclude(pk__in=locked.order_by().values("village"))


def _unshown(now: datetime) -> QuerySet[Unit]:
    shown = Closing.objects.for_period(_month(now)).filter(state=Closing.State.NOTICED)
    return _unlocked(now).exclude(pk__in=shown.order_by().values("village"))


def _kept(rows: Any, user: User, now: datetime) -> QuerySet[Unit]:
    found: QuerySet[Unit] = rows.visible_to(user, Action.CLOSING_RUN)
    return found


def _late(by: By) -> Late:
    return lambda rows, now: rows if day_words(by(_month(now)), now).part == Part.LATE else rows.none()


def _lines(by: By, what: str) -> Lines:
    """One line for all villages."""

    def lines(rows: QuerySet[Unit], user: User, now: datetime) -> Iterator[Todo]:
        if count := rows.count():
            month = _month(now)
            on, link = by(month), reverse("moral_bank:closing-list", query={"period": month})
            yield Todo(evening(on), f"{month.label}评分还没有{what}", f"{count} 个村（社区）", link, day_words(on, now))

    return lines


def _line(by: By, what: str) -> Line:
    def line(village: Unit, now: datetime) -> Todo:
        month = _month(now)
        return Todo(evening(by(month)), str(village), f"{month.label}评分还没有{what}", _page(village), day_words(by(month), now))

    return line


def _page(village: Unit) -> str:
    return reverse("moral_bank:closing-list", query={"period": _month(timezone.now()), "village": village.pk})


def _waits(key: str, what: str, by: By, rows: Callable[[datetime], QuerySet[Unit]]) -> DueKind:
    """The villages in which last month is not `what` yet."""
    return DueKind(
        key,
        f"月评分{what}",
        open=rows,
        held=_kept,
        line=_line(by, what),
        order=("path",),
        lines=_lines(by, what),
        late=_late(by),
        village="pk",
        words=f"上月评分没有{what}",
        page=_page,
    )


KINDS = [_waits("closing-notice", "公示", shown_by, _unshown), _waits("closing", "锁定", locked_by, _unlocked)]
