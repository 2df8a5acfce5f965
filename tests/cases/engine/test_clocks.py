"""The clock table: twenty cases around National Day 2026, each due time written out by hand (限时办结; plan §四.3).

2026: Sunday 20 September worked, Mid-Autumn 25–27 September off; National Day 1–7 October off, Saturday 10 October
worked. Office hours 08:30–12:00 and 14:00–17:30.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from governance.cases.engine.clocks import dues, reading
from governance.workdays import Limit, LimitUnit, shipped
from tests.cases.house import moment

MINUTES, HOURS, WORKHOURS, WORKDAYS = (LimitUnit(name) for name in ("minutes", "hours", "workhours", "workdays"))

Pauses = list[tuple[str, str]]

# start, limit, pauses, due
TABLE = [
    ("09-30 09:00", (1, WORKDAYS), [], "10-08 17:30"),
    ("09-30 17:00", (3, WORKDAYS), [], "10-10 17:30"),
    ("09-30 16:00", (2, WORKHOURS), [], "10-08 09:00"),
    ("10-03 10:00", (24, HOURS), [], "10-04 10:00"),
    ("10-03 10:00", (10, MINUTES), [], "10-03 10:10"),
    ("10-03 10:00", (2, WORKHOURS), [], "10-08 10:30"),
    ("10-03 10:00", (1, WORKDAYS), [], "10-08 17:30"),
    ("10-09 22:00", (1, WORKHOURS), [], "10-10 09:30"),
    ("10-09 22:00", (1, WORKDAYS), [], "10-10 17:30"),
    ("10-10 11:30", (2, WORKHOURS), [], "10-10 15:30"),
    ("10-10 17:30", (1, WORKHOURS), [], "10-12 09:30"),
    ("10-11 09:00", (7, WORKDAYS), [], "10-20 17:30"),
    ("09-19 09:00", (4, WORKHOURS), [], "09-20 14:30"),
    ("09-24 17:00", (15, WORKDAYS), [], "10-22 17:30"),
    ("09-24 13:00", (7, WORKHOURS), [], "09-28 12:00"),
    ("09-28 09:00", (3, WORKDAYS), [("09-29 08:30", "10-09 08:30")], "10-12 17:30"),
    ("09-30 09:00", (3, WORKDAYS), [("09-30 14:00", "10-05 10:00")], "10-12 12:00"),
    ("10-01 20:00", (24, HOURS), [("10-02 08:00", "10-03 08:00")], "10-03 20:00"),
    ("10-08 09:00", (1, WORKHOURS), [("10-08 11:00", "10-08 15:00")], "10-08 10:00"),
    ("10-08 08:30", (7, WORKHOURS), [("10-08 10:30", "10-08 11:30"), ("10-08 15:00", "10-08 16:00")], "10-09 10:30"),
]
NEAR = [
    ("09-30 16:00", (2, WORKHOURS), [], "10-08 08:36"),
    ("10-03 10:00", (10, MINUTES), [], "10-03 10:08"),
    ("09-30 09:00", (1, WORKDAYS), [], "10-08 14:48"),
    ("10-01 20:00", (24, HOURS), [("10-02 08:00", "10-03 08:00")], "10-03 15:12"),
]


def of_2026(text: str) -> datetime:
    return moment(f"2026-{text}")


@pytest.mark.parametrize(("start", "limit", "pauses", "due"), TABLE)
def test_it_is_due_when_the_table_says(start: str, limit: tuple[int, LimitUnit], pauses: Pauses, due: str) -> None:
    stood = [(of_2026(begin), of_2026(end)) for begin, end in pauses]
    assert reading(shipped(), of_2026(start), Limit(*limit), stood).due == of_2026(due)


@pytest.mark.parametrize(("start", "limit", "pauses", "near"), NEAR)
def test_it_warns_at_four_fifths(start: str, limit: tuple[int, LimitUnit], pauses: Pauses, near: str) -> None:
    stood = [(of_2026(begin), of_2026(end)) for begin, end in pauses]
    assert reading(shipped(), of_2026(start), Limit(*limit), stood).near == of_2026(near)


def test_it_reminds_and_climbs_by_the_nearer_clock_and_gives_those_above_a_step() -> None:
    now = moment("2026-10-08 09:00")
    clocks: dict[str, Any] = {"step": (now, Limit(1, WORKDAYS)), "case": (now, Limit(3, WORKDAYS)), "pauses": []}
    first = dues(shipped(), now=now, **clocks, top=False)
    assert first.climb_at == first.step_due_at == moment("2026-10-09 17:30")
    assert first.case_due_at == moment("2026-10-12 17:30")
    late = moment("2026-10-09 17:30")
    climbed = dues(shipped(), now=late, **clocks, top=False, climbed=True)
    assert climbed.climb_at == moment("2026-10-10 17:30")
    assert climbed.near_at == moment("2026-10-12 10:00"), "the whole case's, since the step's is past"
    assert dues(shipped(), now=late, **clocks, top=True).climb_at is None
    over = moment("2026-10-14 09:00")
    assert dues(shipped(), now=over, **clocks, top=False).climb_at == moment("2026-10-15 17:30")
