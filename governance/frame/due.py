"""The registry of due things (design §11): each room declares its kinds, and whoever says what waits or what is late reads them.

A `DueKind` says what is open, who holds it, from when on it is late, and its lines. The to-do reads `lines_of`, the leader's page
`late_counts`; both begin with the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import CharField, Count, F, QuerySet, Value

from governance.accounts.duties import TOWN_OFFICES, Action
from governance.accounts.models import User
from governance.periods import SHANGHAI, today

SHOWN = 50  # lines of each kind


class Part(StrEnum):
    """The three parts of the to-do."""

    LATE = "已逾期"
    TODAY = "今天"
    LATER = "以后"


@dataclass(frozen=True)
class Due:
    """`words` for people, `tone` for the tag: late, near (within a day), or nothing; `part` of the to-do."""

    words: str
    tone: str
    part: Part


def due_words(at: datetime, now: datetime) -> Due:
    """How long until the moment `at`, or since."""
    left = at - now
    if left < timedelta():
        return Due(f"已逾期 {_span(-left)}", "late", Part.LATE)
    part = Part.TODAY if today(at) == today(now) else Part.LATER
    return Due(f"剩 {_span(left)}", "near" if left < timedelta(days=1) else "", part)


def day_words(on: date, now: datetime) -> Due:
    """How many days until the end of the day `on`, or since: the day itself is in time."""
    days = (on - today(now)).days
    if days < 0:
        return Due(f"已逾期 {-days} 天", "late", Part.LATE)
    if days == 0:
        return Due("今天到期", "near", Part.TODAY)
    return Due(f"剩 {days} 天", "near" if days == 1 else "", Part.LATER)


@dataclass(frozen=True)
class Todo:
    """`at` orders the lines; `mark` says where one comes from (a post's or office's queue), "" for what is mine. Without `due` it waits
    now, without a limit."""

    at: datetime
    title: str
    words: str
    link: str
    due: Due | None
    mark: str = ""

    @property
    def part(self) -> Part:
        return self.due.part if self.due else Part.TODAY


Rows = QuerySet[Any]
Held = Callable[[Any, User, datetime], Rows]
Late = Callable[[Any, datetime], Rows]
Lines = Callable[[Any, User, datetime], Iterable[Todo]]


@dataclass(frozen=True)
class DueKind:
    """One kind of thing that waits for somebody.

    `open`: all that waits, whoever holds it. `held`: those of these rows that wait for a user, none for a stranger. `lines`: held rows
    as lines of the to-do, one for each row or one for several. `late`: those of the open rows that are past their limit, None where
    there is no limit; `village` leads to the village of a row, `words` say a count of late ones.
    """

    key: str
    open: Callable[[datetime], Rows]
    held: Held
    lines: Lines
    late: Late | None = None
    village: str = "village"
    words: str = ""

    def held_by(self, user: User, now: datetime) -> Rows:
        return self.held(self.open(now), user, now)

    def late_seen(self, user: User, now: datetime) -> Rows | None:
        """What is late where `user` may look, whoever holds it."""
        if self.late is None:
            return None
        rows: Any = self.late(self.open(now), now)
        seen: Rows = rows.visible_to(user)
        return seen


def asked_of_villages(rows: Any, user: User, action: Action) -> Rows:
    """Where `user` may do `action` for a village of their own; the office may do it for a village but is not asked to."""
    found: Rows = rows.visible_to(user, action)
    return found.none() if user.duties() & set(TOWN_OFFICES) else found


def each(line: Callable[[Any, datetime], Todo], *order: str, related: Iterable[str] = ()) -> Lines:
    """A line for each row, the first SHOWN in this order."""

    def lines(rows: Rows, user: User, now: datetime) -> Iterator[Todo]:
        for row in rows.select_related(*related).order_by(*order)[:SHOWN]:
            yield line(row, now)

    return lines


def past_day(field: str) -> Late:
    """Late from the day after `field` on."""
    return lambda rows, now: rows.filter(**{f"{field}__lt": today(now)})


def past(field: str) -> Late:
    """Late from the moment `field` on."""
    return lambda rows, now: rows.filter(**{f"{field}__lt": now})


def lines_of(kinds: Iterable[DueKind], user: User, now: datetime) -> list[Todo]:
    """All that waits for `user`, what is due first at the top; at most SHOWN of each kind."""
    found = [todo for kind in kinds for todo in kind.lines(kind.held_by(user, now), user, now)]
    return sorted(found, key=lambda todo: todo.at)


def late_counts(kinds: Iterable[DueKind], user: User, now: datetime) -> list[tuple[DueKind, int, int]]:
    """(kind, village's id, how many are late) in the order of the kinds, in one statement."""
    by_key = {kind.key: kind for kind in kinds}
    counted = []
    for kind in by_key.values():
        rows = kind.late_seen(user, now)
        if rows is not None:
            grouped = rows.order_by().values_list(Value(kind.key, CharField()), F(kind.village))
            counted.append(grouped.annotate(number=Count("pk")))
    if not counted:
        return []
    order = list(by_key)
    found = counted[0].union(*counted[1:], all=True)
    return sorted(((by_key[key], village, number) for key, village, number in found), key=lambda row: order.index(row[0].key))


def evening(day: date) -> datetime:
    """The end of office hours on a day."""
    return datetime.combine(day, time(17, 30), SHANGHAI)


def _span(left: timedelta) -> str:
    minutes = int(left.total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 1)} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // (24 * 60)} 天"
