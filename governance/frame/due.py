"""The registry of due things (design §11): each room declares its kinds, and whoever says what waits or what is late reads them.

A `DueKind` says what is open, who holds it, from when on it is late, and its lines. The to-do reads `found_of`, the leader's page
`late_counts`, their pages `held_by` and `late_seen`, beats and marks of lists `late_rows` and `late_among`: all begin with the same rows.
A `Limit` is the only place that compares a day or a moment with the clock: of rows, of one row, and of a period that is looked back on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import reduce
from typing import Any, Self

from django.db.models import CharField, Count, F, Q, QuerySet, Value

from governance.accounts.duties import TOWN_OFFICES, Action
from governance.accounts.models import User
from governance.periods import SHANGHAI, Period, today

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
class Limit(ABC):
    """Until when something may wait: `field` of its row, `within` after it, look-ups allowed. `met`: the field that says when it was
    done, of the same sort ("…__date" of a moment against a day)."""

    field: str
    met: str = ""
    within: timedelta = timedelta()

    def of(self, relation: str) -> Self:
        """The same limit, of rows that lead to its row by `relation`."""
        return replace(self, field=f"{relation}__{self.field}", met=f"{relation}__{self.met}" if self.met else "")

    def past(self, now: datetime) -> Q:
        """The rows whose limit is over."""
        return Q(**{f"{self.field}__lt": self._edge(now) - self.within})

    def over(self, period: Period, now: datetime) -> Q:
        """The rows whose limit lay in the period and is over, whether or not they still wait."""
        begins, ends = self._bounds(period)
        return Q(**{f"{self.field}__gte": begins - self.within, f"{self.field}__lt": min(ends, self._edge(now)) - self.within})

    def kept(self) -> Q:
        """The rows that were done by their limit, where the row says it without `within`."""
        return Q(**{f"{self.met}__lte": F(self.field)})

    def due(self, row: Any, now: datetime) -> Due | None:
        """What a tag says of the row, None where it has no limit."""
        value = reduce(lambda found, name: getattr(found, name, None), self.field.split("__"), row)
        return self._words(value, now) if value is not None else None

    def is_past(self, row: Any, now: datetime) -> bool:
        """As `past`, of one row."""
        due = self.due(row, now)
        return due is not None and due.part == Part.LATE

    @abstractmethod
    def _edge(self, now: datetime) -> Any:
        """What lies before it is over at `now`."""

    @abstractmethod
    def _bounds(self, period: Period) -> tuple[Any, Any]:
        """The period's begin, and the end that belongs to it no more."""

    @abstractmethod
    def _words(self, value: Any, now: datetime) -> Due:
        """What a tag says of the limit `value`."""


class Moment(Limit):
    """In time until the moment has passed."""

    def _edge(self, now: datetime) -> datetime:
        return now

    def _bounds(self, period: Period) -> tuple[datetime, datetime]:
        return period.bounds()

    def _words(self, value: datetime, now: datetime) -> Due:
        return due_words(value + self.within, now)


class Day(Limit):
    """In time until the day is over."""

    def by(self, now: datetime) -> Q:
        """The rows whose day has come, or is over."""
        return Q(**{f"{self.field}__lte": self._edge(now) - self.within})

    def _edge(self, now: datetime) -> Any:
        return today(now)

    def _bounds(self, period: Period) -> tuple[Any, Any]:
        return period.start, period.end

    def _words(self, value: Any, now: datetime) -> Due:
        return day_words(value + self.within, now)


class DayOf(Day):
    """As `Day`, counted from the day of the moment `field`."""

    def _edge(self, now: datetime) -> datetime:
        return datetime.combine(today(now), time(), SHANGHAI)

    def _bounds(self, period: Period) -> tuple[datetime, datetime]:
        return period.bounds()

    def _words(self, value: datetime, now: datetime) -> Due:
        return day_words(today(value) + self.within, now)


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
Line = Callable[[Any, datetime], Todo]
Lines = Callable[[Any, User, datetime], Iterable[Todo]]


@dataclass(frozen=True)
class DueKind:
    """One kind of thing that waits for somebody.

    `open`: all that waits, whoever holds it. `held`: those of these rows that wait for a user, none for a stranger. `line`: a row as a
    line of the to-do, in `order`, read with `related`; `lines`: several rows as one line, where they are done together. `late`: those
    of the open rows that are past their limit, None where there is none. `words`: how a count of late ones reads, "" where another kind
    counts the same rows; `village` leads to the village of a row, `page` is where those read of a row who only look.
    """

    key: str
    name: str
    open: Callable[[datetime], Rows]
    held: Held
    line: Line | None = None
    order: tuple[str, ...] = ("pk",)
    related: tuple[str, ...] = ()
    lines: Lines | None = None
    late: Late | None = None
    village: str = "village"
    words: str = ""
    page: Callable[[Any], str] | None = None

    def held_by(self, user: User, now: datetime) -> Rows:
        return self.held(self.open(now), user, now)

    def late_rows(self, now: datetime) -> Any:
        """All that is late, whoever holds it: what beats tell of."""
        return self.late(self.open(now), now) if self.late else self.open(now).none()

    def late_among(self, rows: Any, now: datetime) -> Any:
        """Those of `rows` that are late: the marks and filters of lists."""
        return rows.filter(pk__in=self.late_rows(now).order_by().values("pk"))

    def late_seen(self, user: User, now: datetime) -> Rows:
        """What is late where `user` may look, whoever holds it."""
        found: Rows = self.late_rows(now).visible_to(user)
        return found

    def lines_for(self, user: User, now: datetime) -> list[Todo]:
        """What waits for `user`: at most SHOWN rows are lines of their own."""
        return self.lines_from(self.held_by(user, now), user, now)

    def lines_from(self, rows: Rows, user: User, now: datetime) -> list[Todo]:
        """As `lines_for`, of `rows` that were asked for already."""
        if self.lines is not None:
            return list(self.lines(rows, user, now))
        assert self.line is not None
        return [self.line(row, now) for row in rows.select_related(*self.related).order_by(*self.order)[:SHOWN]]


def villages_asked(rows: Any, user: User, action: Action) -> Q:
    """The rows where `user` may do `action` for a village of their own; the office may do it for a village but is not asked to."""
    place: Q = rows.place_of(user, action)
    return Q(pk__in=[]) if user.duties() & set(TOWN_OFFICES) else place


def asked_of_villages(rows: Any, user: User, action: Action) -> Rows:
    """The rows themselves."""
    found: Rows = rows.filter(villages_asked(rows, user, action))
    return found


def asked(action: Action) -> Held:
    """Held by whoever may do `action` for a village of their own."""
    return lambda rows, user, now: asked_of_villages(rows, user, action)


def past(limit: Limit) -> Late:
    """Late once the limit is over."""
    return lambda rows, now: rows.filter(limit.past(now))


def found_of(kinds: Iterable[DueKind], user: User, now: datetime) -> tuple[list[Todo], list[tuple[DueKind, int]]]:
    """All that waits for `user`, what is due first at the top; and the kinds of which there is more, with how many there are. Counted
    first, all in one statement, as most kinds are looked for in vain."""
    held = {kind.key: (kind, kind.held_by(user, now)) for kind in kinds}
    counted = _counted({key: rows for key, (_, rows) in held.items()})
    found = [(kind, rows) for key, (kind, rows) in held.items() if key in counted]
    todos = [todo for kind, rows in found for todo in kind.lines_from(rows, user, now)]
    cut = [(kind, counted[kind.key]) for kind, _ in found if kind.lines is None and counted[kind.key] > SHOWN]
    return sorted(todos, key=lambda todo: todo.at), cut


def lines_of(kinds: Iterable[DueKind], user: User, now: datetime) -> list[Todo]:
    """All that waits for `user`, what is due first at the top; at most SHOWN rows of each kind."""
    return found_of(kinds, user, now)[0]


def _counted(held: dict[str, Rows]) -> dict[str, int]:
    """The kind's key → how many rows, in one statement; without those of which there is none."""
    counted = [rows.order_by().values_list(Value(key, CharField())).annotate(number=Count("pk")) for key, rows in held.items()]
    return {key: number for key, number in counted[0].union(*counted[1:], all=True) if number} if counted else {}


def late_counts(kinds: Iterable[DueKind], user: User, now: datetime) -> list[tuple[DueKind, int, int]]:
    """(kind, village's id, how many are late) in the order of the kinds, in one statement."""
    by_key = {kind.key: kind for kind in kinds}
    counted = []
    for kind in by_key.values():
        if kind.words:
            grouped = kind.late_seen(user, now).order_by().values_list(Value(kind.key, CharField()), F(kind.village))
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
