"""A year of contacts, worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from volunteers.care.tiers import missed, months_after, next_due, years_before

# Monthly, taken in on 31 January 2028: (reached on, next due). 2028 has 29 February; 1 October and 春节 push nothing.
LEAP_YEAR = [
    (None, date(2028, 2, 29)),
    (date(2028, 2, 29), date(2028, 3, 29)),
    (date(2028, 3, 25), date(2028, 4, 25)),
    (date(2028, 4, 30), date(2028, 5, 30)),
    (date(2028, 5, 31), date(2028, 6, 30)),
    (date(2028, 6, 30), date(2028, 7, 30)),
    (date(2028, 8, 31), date(2028, 9, 30)),
    (date(2028, 9, 1), date(2028, 10, 1)),
    (date(2028, 10, 1), date(2028, 11, 1)),
    (date(2028, 11, 30), date(2028, 12, 30)),
    (date(2028, 12, 31), date(2029, 1, 31)),
    (date(2029, 1, 31), date(2029, 2, 28)),
]


@pytest.mark.parametrize(("last_on", "due_on"), LEAP_YEAR)
def test_it_counts_months_by_the_calendar(last_on: date | None, due_on: date) -> None:
    assert next_due(last_on, date(2028, 1, 31), 0) == due_on


def test_it_counts_weeks_by_days() -> None:
    assert next_due(None, date(2028, 2, 25), 7) == date(2028, 3, 3)
    assert next_due(date(2026, 2, 10), date(2026, 1, 1), 7) == date(2026, 2, 17)  # the first day of 春节


def test_it_names_each_day_that_was_missed() -> None:
    weeks = list(missed(date(2028, 2, 22), 7, date(2028, 3, 14)))
    assert weeks == [date(2028, 2, 22), date(2028, 2, 29), date(2028, 3, 7)]
    assert list(missed(date(2028, 1, 31), 0, date(2028, 4, 1))) == [date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 29)]
    assert list(missed(date(2028, 3, 14), 7, date(2028, 3, 14))) == []


def test_it_finds_birthdays_on_a_leap_day() -> None:
    assert years_before(date(2028, 2, 29), 65) == date(1963, 2, 28)
    assert months_after(date(2027, 12, 31), 2) == date(2028, 2, 29)
