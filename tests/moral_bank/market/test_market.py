"""Redemptions through their services: hold, hand over, cancel, expire, refund."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from moral_bank.ledger.services import LedgerError, entry_reverse
from moral_bank.market import services as market
from moral_bank.market.collectors import collectors
from moral_bank.market.services import (
    MarketError,
    redemption_cancel,
    redemption_hand,
    redemption_hold,
    redemption_refund,
    redemptions_expire,
    redemptions_hold,
)
from moral_bank.market.stock import ShopDetails, shop_change, shop_open
from moral_bank.models import Entry, Item, Move, Proxy, Redemption, Shop
from tests.builders import make_cast, make_household, make_village, settlement_of
from tests.moral_bank.market.house import NOW, TODAY, MarketHouse
from tests.once import sent_once
from villages.households.services import household_move

LATER = NOW + timedelta(days=8)


@pytest.fixture
def house(db: None) -> MarketHouse:
    return MarketHouse()


def refusal(call: object, **arguments: object) -> MarketError:
    with pytest.raises(MarketError) as error:
        call(**arguments)  # type: ignore[operator]
    return error.value


def test_it_holds_points_and_goods_at_once(house: MarketHouse) -> None:
    held = house.hold(quantity=3)
    assert (held.state, held.points, held.on, held.entry.points) == ("held", 15, TODAY, -15)
    assert held.entry.memo == "道德超市兑换：香皂×3"
    assert (house.balance(), house.stock(house.soap), house.stock(house.early)) == (85, 97, 37)
    assert held.code.isdecimal() and len(held.code) == 6
    assert held.expires_at.isoformat() == "2026-04-09T23:59:59+08:00"


def test_it_takes_what_perishes_first_and_then_the_next_lot(house: MarketHouse) -> None:
    house.earn(house.account, 300)
    held = house.hold(quantity=50)
    out = dict(held.moves.values_list("lot", "quantity"))
    assert out == {house.early.pk: -40, house.late.pk: -10}
    redemption_cancel(redemption=held, reason="不要了", by=house.clerk, at=NOW)
    assert (house.stock(house.early), house.stock(house.late), house.stock(house.soap)) == (40, 60, 100)


def test_it_leaves_goods_past_their_day_on_the_shelf(house: MarketHouse) -> None:
    stale = house.item("牛奶", 5)
    house.receive(stale, 5, 2_00, best_before=date(2026, 4, 1))
    error = refusal(house.hold, item=stale)
    assert (error.code, error.message) == ("stock", "“牛奶”有 5 件已过保质期，请先报损。")


def test_it_keeps_the_first_answer_after_the_shelf_is_empty(house: MarketHouse) -> None:
    key = uuid4()
    first, again = (sent_once(lambda: house.hold(item=house.oil).pk, house.clerk, key) for _ in range(2))
    assert first == again == Redemption.objects.get().pk


def test_it_says_what_is_missing_in_plain_words(house: MarketHouse) -> None:
    poor = house.home("赵六", 20)
    assert refusal(house.hold, item=house.oil, account=poor).message == "余额不足：这一户有 20 分，兑换要 50 分。"
    assert "只剩 1 桶" in refusal(house.hold, item=house.oil, quantity=2).message
    house.hold(item=house.oil)
    assert "没有货了" in refusal(house.hold, item=house.oil).message
    assert refusal(house.hold, quantity=0).code == "quantity"
    Item.objects.filter(pk=house.soap.pk).update(is_active=False)
    assert "已下架" in refusal(house.hold).message
    shop_change(shop=house.shop, details=ShopDetails("八一村道德超市", is_open=False), by=house.clerk)
    assert refusal(house.hold).code == "closed"
    assert house.balance(poor) == 20


def test_it_keeps_to_the_village_and_to_the_clerk_s_places(house: MarketHouse) -> None:
    other = make_village(house.township, "马头村委会", "511923102202")
    away = make_household(other)
    account = house.home("钱七", 20)
    type(account.household).objects.filter(pk=account.household_id).update(village=other, unit=away.unit)
    account.refresh_from_db()
    assert refusal(house.hold, account=account).code == "scope"
    asked = {"account": account, "item": house.soap, "quantity": 1, "by": house.staff, "at": NOW}
    assert refusal(redemption_hold, **asked).code == "place"
    asked |= {"account": house.account, "by": house.cast["overseer"]}
    assert refusal(redemption_hold, **asked).code == "scope"


def test_it_holds_several_articles_or_none(house: MarketHouse) -> None:
    wanted = [(house.oil, 1), (house.soap, 2)]
    asked = {"account": house.account, "by": house.clerk, "at": NOW}
    first = redemptions_hold(wanted=wanted, **asked)  # type: ignore[arg-type]
    assert [(one.item, one.points) for one in first] == [(house.oil, 50), (house.soap, 10)]
    error = refusal(redemptions_hold, wanted=[(house.soap, 1), (house.oil, 1), (house.soap, 0)], **asked)
    assert set(error.rows) == {1, 2} and "没有货了" in error.rows[1]
    error = refusal(redemptions_hold, wanted=[(house.soap, 4), (house.soap, 5)], **asked)
    assert error.message == "余额不足：这一户有 40 分，兑换要 45 分。"
    assert (Redemption.objects.count(), house.balance(), house.stock(house.soap)) == (2, 40, 98)


def test_it_gives_another_code_where_one_is_taken(house: MarketHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = iter(["000001", "000001", "000002"])
    monkeypatch.setattr(market, "new_code", lambda: next(codes))
    assert [house.hold().code, house.hold().code] == ["000001", "000002"]
    monkeypatch.setattr(market, "new_code", lambda: "000001")
    assert refusal(house.hold).code == "code"
    assert house.balance() == 90


def test_it_is_handed_over_by_a_second_person(house: MarketHouse) -> None:
    held = house.hold()
    asked = {"redemption": held, "code": held.code, "collector": "王小明", "at": NOW}
    assert refusal(redemption_hand, **asked, by=house.clerk).code == "another"
    asked["code"] = "x" + held.code
    assert refusal(redemption_hand, **asked, by=house.second).code == "code"
    asked |= {"code": held.code, "collector": "张三"}
    assert refusal(redemption_hand, **asked, by=house.second).code == "collector"
    asked["collector"] = "王小明"
    assert refusal(redemption_hand, **asked, by=house.cast["overseer"]).code == "scope"
    done = redemption_hand(**asked, by=house.second)  # type: ignore[arg-type]
    assert (done.state, done.handed_by, done.collector) == ("done", house.second, "王小明")
    assert refusal(redemption_hand, **asked, by=house.second).code == "state"
    assert (house.balance(), house.stock(house.soap)) == (95, 99)


def test_it_is_ended_here_or_there_where_the_household_moves_away(house: MarketHouse) -> None:
    first, second, third = house.hold(), house.hold(), house.hold()
    other = make_village(house.township, "东沟村委会", "511923102299")
    there = make_cast(house.township, other)
    household_move(household=house.account.household, unit=settlement_of(other), by=house.staff, on=TODAY)
    asked = {"collector": "王小明", "at": NOW}
    assert redemption_hand(redemption=first, code=first.code, by=house.second, **asked).state == "done"  # type: ignore[arg-type]
    assert redemption_cancel(redemption=second, reason="搬走了", by=house.clerk, at=NOW).state == "cancelled"
    assert redemption_hand(redemption=third, code=third.code, by=there["cadre"], **asked).state == "done"  # type: ignore[arg-type]


def test_it_lets_a_proxy_collect_while_it_stands(house: MarketHouse) -> None:
    proxy = Proxy.objects.create(
        account=house.account, name="李婶", relation="邻居", consent="当面", added_by=house.clerk, added_on=TODAY
    )
    assert collectors(house.account) == ["王小明", "李婶"]
    Proxy.objects.filter(pk=proxy.pk).update(ended_on=TODAY)
    assert collectors(house.account) == ["王小明"]
    house.account.household.residents.update(status="moved")
    assert collectors(house.account) == [house.account.household.head_name]


def test_it_takes_back_a_hold_once(house: MarketHouse) -> None:
    held = house.hold()
    asked = {"redemption": held, "by": house.clerk, "at": NOW}
    assert refusal(redemption_cancel, reason=" ", **asked).code == "reason"
    back = redemption_cancel(reason="不要了", **asked)  # type: ignore[arg-type]
    assert (back.state, back.reason, house.balance(), house.stock(house.soap)) == ("cancelled", "不要了", 100, 100)
    assert refusal(redemption_cancel, reason="不要了", **asked).code == "state"
    assert refusal(redemption_refund, reason="坏了", goods_back=True, **asked).code == "state"
    assert Entry.objects.get(reverses=held.entry).memo == "冲正：兑换取消，不要了"


def test_it_refunds_with_the_goods_or_without(house: MarketHouse) -> None:
    for goods_back, stock in ((True, 100), (False, 99)):
        held = house.hold()
        redemption_hand(redemption=held, code=held.code, collector="王小明", by=house.second, at=NOW)
        asked = {"redemption": held, "goods_back": goods_back, "at": NOW}
        assert refusal(redemption_refund, **asked, reason="坏了", by=house.cast["overseer"]).code == "scope"
        back = redemption_refund(**asked, reason="坏了", by=house.second)  # type: ignore[arg-type]
        assert (back.state, back.collector, house.balance(), house.stock(house.soap)) == (
            "refunded", "王小明", 100, stock,
        )  # fmt: skip
    assert Move.objects.get(kind="scrapped").reason == "退货未收回：坏了"


def test_it_returns_what_nobody_fetched_and_only_once(house: MarketHouse) -> None:
    first, second = house.hold(), house.hold(item=house.oil)
    redemption_hand(redemption=second, code=second.code, collector="王小明", by=house.second, at=NOW)
    assert redemptions_expire(at=first.expires_at - timedelta(seconds=1)) == 0
    assert redemptions_expire(at=LATER) == 1
    assert redemptions_expire(at=LATER) == 0
    first.refresh_from_db()
    assert (first.state, first.ended_by, first.reason) == ("expired", None, "逾期未领，自动退回")
    assert (house.balance(), house.stock(house.soap)) == (50, 100)


@pytest.mark.parametrize("refused", [LedgerError("不行", "locked"), IntegrityError("check")])
def test_it_returns_the_others_where_one_cannot_be(
    house: MarketHouse, monkeypatch: pytest.MonkeyPatch, refused: Exception
) -> None:
    first = house.hold()
    house.hold(item=house.oil)
    def refuse_first(**arguments: Any) -> Entry:
        if arguments["entry"] == first.entry:
            raise refused
        return entry_reverse(**arguments)

    monkeypatch.setattr(market, "entry_reverse", refuse_first)
    assert redemptions_expire(at=LATER) == 1
    assert (house.balance(), house.stock(house.soap), house.stock(house.oil)) == (95, 99, 1)


def test_it_does_not_let_the_ledger_undo_a_redemption_behind_the_counter(house: MarketHouse) -> None:
    held = house.hold()
    with pytest.raises(LedgerError) as error:
        entry_reverse(entry=held.entry, reason="记错", by=house.staff, at=NOW)
    assert error.value.code == "redeemed"
    assert house.balance() == 95


def test_it_asks_the_database_equally_often_whatever_is_in_stock(house: MarketHouse) -> None:
    with CaptureQueriesContext(connection, ) as before:
        house.hold()
    for _ in range(5):
        house.receive(house.soap, 5, 1_00)
        house.hold()
    with CaptureQueriesContext(connection) as after:
        house.hold()
    assert len(after) == len(before)


def test_it_opens_one_shop_with_the_right_over_money(house: MarketHouse) -> None:
    details = ShopDetails("又一个")
    assert refusal(shop_open, village=house.village, details=details, by=house.clerk).code == "scope"
    assert refusal(shop_open, village=house.village, details=details, by=house.staff).code == "invalid"
    assert refusal(shop_open, village=house.township, details=details, by=house.staff).code == "place"
    dear = ShopDetails("八一村道德超市", cents_per_point=200)
    assert refusal(shop_change, shop=house.shop, details=dear, by=house.clerk).code == "scope"
    assert shop_change(shop=house.shop, details=dear, by=house.staff).cents_per_point == 200
    assert Shop.objects.count() == 1
