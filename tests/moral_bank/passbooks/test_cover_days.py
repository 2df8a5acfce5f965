"""The evening's cover: kept once a day, and told once when it crosses 80 % and 100 %."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.accounts.inbox_models import Message
from moral_bank.models import CoverDay
from moral_bank.passbooks.cover_days import covers_snapshot
from tests.builders import make_account, make_entry, make_household, make_village
from tests.moral_bank.passbooks.test_cover import CoverHouse, fund, make_shop

EVENING = datetime(2026, 4, 2, 13, tzinfo=UTC)


@pytest.fixture
def house(db: None) -> CoverHouse:
    return CoverHouse()


def told() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("pk").values_list("user__username", "text"))


def test_it_keeps_one_row_a_day_with_the_latest_figures(house: CoverHouse) -> None:
    house.post("a")
    assert covers_snapshot(EVENING) == 1
    fund(house.shop, 500, house.clerk)
    covers_snapshot(EVENING + timedelta(hours=1))
    row = CoverDay.objects.get()
    assert (row.village, row.day) == (house.village, date(2026, 4, 2))
    assert (row.balance, row.cents_per_point, row.fund_cents, row.goods_cents) == (5, 100, 1500, 0)
    covers_snapshot(EVENING + timedelta(days=1))
    assert CoverDay.objects.count() == 2


def test_it_tells_staff_and_secretary_once_for_each_crossing(house: CoverHouse) -> None:
    people = {house.clerk.username, house.cast["secretary"].username}
    covers_snapshot(EVENING)
    assert told() == []
    house.post("a")
    make_entry(house.accounts[1], house.rule_set.deeds.get(code="J1"), date(2026, 3, 2), house.clerk, score=3)
    for hours in (24, 25, 48):
        covers_snapshot(EVENING + timedelta(hours=hours))
    assert {name for name, _ in told()} == people and len(told()) == 2
    assert all("预警" in text and text.endswith("待兑付占资金和库存已到 80%（不低于 80%，请尽快补充）") for _, text in told())
    make_entry(house.accounts[1], house.rule_set.deeds.get(code="J1"), date(2026, 3, 3), house.clerk, score=2)
    covers_snapshot(EVENING + timedelta(hours=72))
    covers_snapshot(EVENING + timedelta(hours=96))
    assert len(told()) == 4
    assert all("停发" in text and "100%" in text for _, text in told()[2:])
    fund(house.shop, 500, house.clerk)
    covers_snapshot(EVENING + timedelta(hours=120))
    fund(house.shop, -500, house.clerk)
    covers_snapshot(EVENING + timedelta(hours=144))
    assert len(told()) == 6


def test_it_says_plainly_that_a_shop_has_nothing_yet(house: CoverHouse) -> None:
    village = make_village(house.township, "东沟村委会", "511923102299")
    make_shop(village)
    covers_snapshot(EVENING)
    assert told() == [(house.clerk.username, f"{village}积分资金覆盖停发：超市还没有资金和库存（停发积分）")]


def test_it_asks_a_fixed_number_of_times(house: CoverHouse, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    covers_snapshot(EVENING - timedelta(days=1))
    with django_assert_num_queries(11):
        covers_snapshot(EVENING)
    for number in range(3):
        village = make_village(house.township, f"第{number}村委会", f"51192310230{number}")
        fund(make_shop(village), 1000, house.clerk)
        make_entry(make_account(make_household(village)), house.deed, date(2026, 3, 2), house.clerk)
    with django_assert_num_queries(11):
        covers_snapshot(EVENING + timedelta(days=1))
