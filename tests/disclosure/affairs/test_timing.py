"""Due days over a year, worked by hand: every rule, every month, quarter and year; working days over holidays and make-up days."""

from __future__ import annotations

from datetime import date

import pytest

from governance.disclosure.affairs.timing import Rule, Timing
from governance.periods import Period
from governance.workdays import shipped

QUARTERS = {"2025-Q4": "2026-01-20", "2026-Q1": "2026-04-20", "2026-Q2": "2026-07-20", "2026-Q3": "2026-10-20", "2026-Q4": "2027-01-20"}
MONTHS = {
    "2025-12": "2026-01-10", "2026-01": "2026-02-10", "2026-02": "2026-03-10", "2026-03": "2026-04-10", "2026-04": "2026-05-10",
    "2026-05": "2026-06-10", "2026-06": "2026-07-10", "2026-07": "2026-08-10", "2026-08": "2026-09-10", "2026-09": "2026-10-10",
    "2026-10": "2026-11-10", "2026-11": "2026-12-10", "2026-12": "2027-01-10",
}  # fmt: skip
YEARS = {"2024": "2025-02-28", "2025": "2026-02-28", "2026": "2027-02-28"}
# Five working days after the event, from the calendar on the wall of 2026: off are 01-01 to 03 (04 worked), 02-15 to 23 (02-14 and 02-28
# worked), 04-04 to 06, 05-01 to 05 (05-09 worked), 06-19 to 21, 09-25 to 27, 10-01 to 07 (09-20 and 10-10 worked).
EVENTS = {
    "2025-12-31": "2026-01-08", "2026-01-05": "2026-01-12", "2026-02-13": "2026-02-27", "2026-02-27": "2026-03-05",
    "2026-03-06": "2026-03-13", "2026-03-07": "2026-03-13", "2026-04-03": "2026-04-13", "2026-04-30": "2026-05-11",
    "2026-06-18": "2026-06-26", "2026-07-31": "2026-08-07", "2026-09-24": "2026-10-09", "2026-09-30": "2026-10-13",
}  # fmt: skip


@pytest.mark.parametrize(("rule", "day", "month", "days"), [
    (Rule.QUARTERLY, 20, 1, QUARTERS), (Rule.MONTHLY, 10, 1, MONTHS), (Rule.YEARLY, 28, 2, YEARS),
])  # fmt: skip
def test_a_list_of_a_period_is_due_after_it(rule: Rule, day: int, month: int, days: dict[str, str]) -> None:
    timing = Timing(rule, day=day, month=month)
    assert {text: str(timing.last_day(Period.parse(text))) for text in days} == days


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_what_is_disclosed_at_once_is_due_by_working_days(event: str) -> None:
    assert str(Timing(Rule.AT_ONCE, workdays=5).last_day_after(date.fromisoformat(event), shipped())) == EVENTS[event]


def test_it_says_the_rule_in_words() -> None:
    words = [Timing(rule, day=20, month=2, workdays=5).words for rule in Rule]
    assert words == ["每月 20 日前公开上月", "每季度第一个月 20 日前公开上季度", "每年 2 月 20 日前公开上年", "事项发生后 5 个工作日内"]
