"""Chinese working time: holidays with make-up days (调休), office hours, due times (限时办结; plan §四.3; design §3). Pure.

Working days count from the day after the start; office time is what lies within office hours of working days.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from governance.periods import SHANGHAI

SOURCE = Path(__file__).resolve().parent.parent / "data/calendar/holidays_2024_2027.csv"
OFFICE_HOURS = ((time(8, 30), time(12)), (time(14), time(17, 30)))
NEAR = 4, 5


class LimitUnit(StrEnum):
    """minutes and hours run round the clock, workhours and workdays in office hours only."""

    MINUTES = "minutes"
    HOURS = "hours"
    WORKHOURS = "workhours"
    WORKDAYS = "workdays"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def is_working(self) -> bool:
        return self in (LimitUnit.WORKHOURS, LimitUnit.WORKDAYS)


_LABELS = {
    LimitUnit.MINUTES: "分钟",
    LimitUnit.HOURS: "小时",
    LimitUnit.WORKHOURS: "个工作小时",
    LimitUnit.WORKDAYS: "个工作日",
}


@dataclass(frozen=True)
class Limit:
    amount: int
    unit: LimitUnit

    def __str__(self) -> str:
        return f"{self.amount} {self.unit.label}"


@dataclass(frozen=True)
class WorkCalendar:
    """Days off beside weekends, and weekend days that are worked."""

    off: frozenset[date]
    work: frozenset[date]

    def is_workday(self, day: date) -> bool:
        return day in self.work or (day.weekday() < 5 and day not in self.off)

    def next_workday(self, day: date) -> date:
        """The first working day after `day`."""
        day += timedelta(days=1)
        while not self.is_workday(day):
            day += timedelta(days=1)
        return day

    def over(self, off: frozenset[date], work: frozenset[date]) -> WorkCalendar:
        """The same but for single days, which are off or worked whatever they were."""
        return WorkCalendar((self.off - work) | off, (self.work - off) | work)

    def with_year(self, year: int, off: frozenset[date], work: frozenset[date]) -> WorkCalendar:
        """The same but for `year`, whose days are replaced."""
        return WorkCalendar(
            frozenset(day for day in self.off if day.year != year) | off,
            frozenset(day for day in self.work if day.year != year) | work,
        )


@cache
def shipped() -> WorkCalendar:
    """The calendar that comes with the project, as the State Council announced it, the last year computed."""
    days: dict[str, set[date]] = {"off": set(), "work": set()}
    with SOURCE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            days[row["kind"]].add(date.fromisoformat(row["date"]))
    return WorkCalendar(frozenset(days["off"]), frozenset(days["work"]))


def due(calendar: WorkCalendar, start: datetime, limit: Limit) -> datetime:
    """When `limit` from `start` is over (UTC); working days end with the office hours of the last one."""
    if limit.unit == LimitUnit.MINUTES:
        return start.astimezone(UTC) + timedelta(minutes=limit.amount)
    if limit.unit == LimitUnit.HOURS:
        return start.astimezone(UTC) + timedelta(hours=limit.amount)
    if limit.unit == LimitUnit.WORKHOURS:
        return after(calendar, start, timedelta(hours=limit.amount))
    day = start.astimezone(SHANGHAI).date()
    for _ in range(limit.amount):
        day = calendar.next_workday(day)
    return _at(day, OFFICE_HOURS[-1][1])


def near(calendar: WorkCalendar, start: datetime, due: datetime, limit: Limit) -> datetime:
    """When four fifths of the time between `start` and `due` are gone, in the limit's kind of time."""
    done, whole = NEAR
    if not limit.unit.is_working:
        return start.astimezone(UTC) + (due - start) * done / whole
    return after(calendar, start, worked(calendar, start, due) * done / whole)


def worked(calendar: WorkCalendar, begin: datetime, end: datetime) -> timedelta:
    """Office time between two moments; none where `end` is not later."""
    total = timedelta()
    if end <= begin:
        return total
    for opens, closes in _blocks(calendar, begin):
        if opens >= end:
            break
        total += max(min(closes, end) - max(opens, begin), timedelta())
    return total


def after(calendar: WorkCalendar, start: datetime, time_worked: timedelta) -> datetime:
    """When so much office time has passed since `start` (UTC); a block's end stays its end."""
    left = time_worked
    if left <= timedelta():
        return start.astimezone(UTC)
    for opens, closes in _blocks(calendar, start):
        begin = max(opens, start)
        if closes <= begin:
            continue
        if left <= closes - begin:
            return (begin + left).astimezone(UTC)
        left -= closes - begin
    raise AssertionError("office hours never end")


def resumed(
    calendar: WorkCalendar, unit: LimitUnit, due: datetime, paused_at: datetime, resumed_at: datetime
) -> datetime:
    """The due time after a pause: what was left at its begin is laid behind its end; what was overdue stays so."""
    if due <= paused_at:
        return due
    if not unit.is_working:
        return due + (resumed_at - paused_at)
    return after(calendar, resumed_at, worked(calendar, paused_at, due))


def _blocks(calendar: WorkCalendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Office blocks from the day of `start` on, without end."""
    day = start.astimezone(SHANGHAI).date()
    while True:
        if calendar.is_workday(day):
            for opens, closes in OFFICE_HOURS:
                yield _at(day, opens), _at(day, closes)
        day = calendar.next_workday(day)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, SHANGHAI).astimezone(UTC)
