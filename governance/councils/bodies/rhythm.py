"""How often a body meets. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def months_later(day: date, months: int) -> date:
    """The same day of the month `months` later, the month's last where it is shorter: 31 January + 1 → 28 February."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def next_day(last: date, every_months: int) -> date | None:
    """The day by which a body that last met (or was founded) on `last` has to meet again; None where it has no rhythm."""
    return months_later(last, every_months) if every_months else None
