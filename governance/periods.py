"""Period: the only word for months, quarters, halves and years, in Asia/Shanghai (plan §三.4 月评分、季评星、年评优)."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from governance.errors import DomainError

SHANGHAI = ZoneInfo("Asia/Shanghai")

YEARS = range(1900, 2201)  # what is older or later is no day of the house: a slip, or somebody trying

_TEXT = re.compile(r"(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])|H([12])))?")


class Kind(StrEnum):
    """A period's length; the value is stored."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


KIND_CHOICES = [("month", "月"), ("quarter", "季度"), ("half", "半年"), ("year", "年")]

_MONTHS = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.HALF: 6, Kind.YEAR: 12}


def today(at: datetime | None = None) -> date:
    """The date in Shanghai at the instant `at` (now, if absent)."""
    return (at or datetime.now(UTC)).astimezone(SHANGHAI).date()


def years_later(day: date, years: int) -> date:
    """The same day `years` later, or earlier below zero; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def months_later(day: date, months: int) -> date:
    """The same day of the month `months` later, the month's last where it is shorter: 31 January + 1 → 28 February."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _shift(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True, order=True)
class Period:
    """Half-open stretch of days [start, end) of one kind; `start` is its first day."""

    kind: Kind
    start: date

    def __post_init__(self) -> None:
        if self.start.day != 1 or (self.start.month - 1) % _MONTHS[self.kind]:
            raise DomainError(f"{self.start} 不是{dict(KIND_CHOICES)[self.kind]}的第一天", "period")

    @classmethod
    def of(cls, kind: Kind | str, day: date) -> "Period":
        """The period of `kind` in which `day` lies."""
        kind = Kind(kind)
        length = _MONTHS[kind]
        return cls(kind, date(day.year, (day.month - 1) // length * length + 1, 1))

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read `2026-03`, `2026-Q1`, `2026-H1` or `2026`; anything else raises DomainError."""
        match = _TEXT.fullmatch(text.strip())
        if not match or int(match[1]) not in YEARS:
            raise DomainError(f"看不懂的期间“{text[:20]}”，应写作 2026-03、2026-Q1、2026-H1 或 2026", "period")
        year = int(match[1])
        if match[2]:
            return cls(Kind.MONTH, date(year, int(match[2]), 1))
        if match[3]:
            return cls(Kind.QUARTER, date(year, int(match[3]) * 3 - 2, 1))
        if match[4]:
            return cls(Kind.HALF, date(year, int(match[4]) * 6 - 5, 1))
        return cls(Kind.YEAR, date(year, 1, 1))

    @property
    def end(self) -> date:
        """First day after the period."""
        return _shift(self.start, _MONTHS[self.kind])

    def bounds(self) -> tuple[datetime, datetime]:
        """Aware instants: inclusive start, exclusive end."""
        return (
            datetime.combine(self.start, time(), SHANGHAI),
            datetime.combine(self.end, time(), SHANGHAI),
        )

    def previous(self) -> "Period":
        return Period(self.kind, _shift(self.start, -_MONTHS[self.kind]))

    def back(self, number: int) -> "list[Period]":
        """`number` periods: this one and those before it, latest first."""
        return [Period(self.kind, _shift(self.start, -_MONTHS[self.kind] * steps)) for steps in range(number)]

    def next(self) -> "Period":
        return Period(self.kind, self.end)

    def split(self, kind: Kind | str) -> Iterator["Period"]:
        """The shorter periods of `kind` that make up this one, in order."""
        part = Period(Kind(kind), self.start)
        while part.start < self.end:
            yield part
            part = part.next()

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        if self.kind == Kind.MONTH:
            return f"{self.start:%Y-%m}"
        number = (self.start.month - 1) // _MONTHS[self.kind] + 1
        return f"{self.start:%Y}" + {Kind.QUARTER: f"-Q{number}", Kind.HALF: f"-H{number}"}.get(self.kind, "")

    @property
    def label(self) -> str:
        """Chinese for people: 2026年3月, 2026年第1季度, 2026年上半年, 2026年."""
        year = f"{self.start.year}年"
        if self.kind == Kind.MONTH:
            return f"{year}{self.start.month}月"
        if self.kind == Kind.QUARTER:
            return f"{year}第{(self.start.month - 1) // 3 + 1}季度"
        if self.kind == Kind.HALF:
            return year + ("上半年" if self.start.month == 1 else "下半年")
        return year


def month_or_this(text: str | None, at: datetime | None = None) -> Period:
    """The month that an address names; this month where it names none, something else or a month to come."""
    this = Period.of(Kind.MONTH, today(at))
    try:
        month = Period.parse(text or "")
    except DomainError:
        return this
    return month if month.kind == Kind.MONTH and month <= this else this
