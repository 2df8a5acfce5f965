"""When somebody in care is to be reached next (design §12: weekly, monthly, monthly). Pure.

Holidays push nothing: a contact that falls due on one stays due that day.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

YEAR = 12
ADULT = 18


def next_due(last_on: date | None, entered_on: date, days: int) -> date:
    """`days` after the last contact, or after somebody was taken in; 0: the same day of the next month."""
    since = last_on or entered_on
    return since + timedelta(days=days) if days else months_after(since, 1)


def missed(due_on: date, days: int, before: date) -> Iterator[date]:
    """The days by which somebody had to be reached, from `due_on` on, that are over on the day `before`."""
    while due_on < before:
        yield due_on
        due_on = next_due(due_on, due_on, days)


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the last day of that month where it is shorter."""
    index = day.year * YEAR + day.month - 1 + months
    year, month = index // YEAR, index % YEAR + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def year_before(day: date) -> date:
    return months_after(day, -YEAR)


def years_before(day: date, years: int) -> date:
    """The birthday of those who are `years` old on `day`."""
    return months_after(day, -YEAR * years)


def is_minor(born: date | None, day: date) -> bool:
    """Below 18 on `day`, as far as the register knows."""
    return born is not None and born > years_before(day, ADULT)
