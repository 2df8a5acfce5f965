"""Due days over a year, worked by hand: every rule, every month, quarter and year; working days over holidays and make-up days."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time

import pytest

from governance.disclosure.affairs.timing import Rule, Timing
from governance.disclosure.affairs.turns import turn_open, turns_make
from governance.disclosure.models import AffairKind, AffairTurn
from governance.periods import SHANGHAI, Period
from governance.workdays import shipped
from tests.disclosure.affairs.house import AffairHouse

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

# What falls due in 2026 of each item that ships. A date of the calendar stays where it is, be it a holiday (02-20 of 春节, 06-20 of
# 端午节) or a weekend (02-28, 12-20): the rule says “20 日前”.
TWENTIETHS = [f"2026-{month:02d}-20" for month in range(1, 13)]
OF_PERIODS = {
    **dict.fromkeys(
        ("dang-gongzuo", "dang-fazhan", "dibao", "buzhu", "chaoshi", "shouzhi"), ["2026-01-20", "2026-04-20", "2026-07-20", "2026-10-20"]
    ),
    "mingxi": TWENTIETHS,
    "dang-zeren": ["2026-01-28"],
    "baochou": ["2026-01-28"],
    "jingji": ["2026-02-28"],
    "zichan": ["2026-02-28"],
}  # fmt: skip
# What happened, and the third and the fifth working day after it.
HAPPENED = {
    "2026-01-15": ("2026-01-20", "2026-01-22"),
    "2026-02-13": ("2026-02-25", "2026-02-27"),
    "2026-03-20": ("2026-03-25", "2026-03-27"),
    "2026-04-03": ("2026-04-09", "2026-04-13"),
    "2026-05-08": ("2026-05-12", "2026-05-14"),
    "2026-06-18": ("2026-06-24", "2026-06-26"),
    "2026-07-31": ("2026-08-05", "2026-08-07"),
    "2026-08-16": ("2026-08-19", "2026-08-21"),
    "2026-09-24": ("2026-09-30", "2026-10-09"),
    "2026-10-09": ("2026-10-13", "2026-10-15"),
    "2026-11-30": ("2026-12-03", "2026-12-07"),
    "2026-12-28": ("2026-12-31", "2027-01-05"),
}
WITHIN_THREE, WITHIN_FIVE = ("jueyi",), ("xiangmu", "shouyi", "zhaiji", "jiuzai", "zhuanxiang")


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


@pytest.mark.django_db
def test_a_year_of_every_item_that_ships() -> None:
    """As the night makes the turns of periods, and as a cadre writes down what happened."""
    house = AffairHouse(since=date(2025, 12, 31))
    turns_make(date(2026, 12, 31))
    for code in (*WITHIN_THREE, *WITHIN_FIVE):
        for event in HAPPENED:
            on = date.fromisoformat(event)
            at = datetime.combine(on, time(10), SHANGHAI)
            turn_open(kind=house.kind(code), village=house.village, event=f"{event} 的事", on=on, by=house.cast["cadre"], at=at)
    found = defaultdict(list)
    for code, due_on in AffairTurn.objects.order_by("kind__code", "due_on").values_list("kind__code", "due_on"):
        found[code].append(str(due_on))
    third, fifth = ([days[place] for days in HAPPENED.values()] for place in (0, 1))
    assert dict(found) == {**OF_PERIODS, **dict.fromkeys(WITHIN_THREE, third), **dict.fromkeys(WITHIN_FIVE, fifth)}
    assert set(found) == set(AffairKind.objects.values_list("code", flat=True))
