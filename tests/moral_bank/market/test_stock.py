"""Catalogue, receipts, fund, write-offs and stock-takes through their services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from moral_bank.market import stock as market_stock
from moral_bank.market.services import redemption_cancel, redemption_hand
from moral_bank.market.stock import (
    CountLine,
    Delivery,
    fund_move,
    item_save,
    lot_receive,
    lot_scrap,
    on_shelf,
    stock_take,
    supplier_save,
)
from moral_bank.market.witnesses import witness_named
from moral_bank.models import FundMove, Item, Lot, Move, StockTake
from tests.builders import make_cast, make_household, make_resident, make_township, make_village
from tests.moral_bank.market.house import NOW, TODAY, MarketHouse
from tests.moral_bank.market.test_market import refusal
from villages.models import Post, Unit


@pytest.fixture
def house(db: None) -> MarketHouse:
    return MarketHouse()


def fund(house: MarketHouse) -> int:
    return sum(FundMove.objects.filter(shop=house.shop).values_list("cents", flat=True))


def test_it_pays_for_what_it_receives(house: MarketHouse) -> None:
    assert fund(house) == 10_000_00 - 100 * 3_00 - 45_00
    delivery = Delivery(item=house.oil, quantity=10, unit_cents=45_50, received_on=TODAY, number="A1")
    lot = lot_receive(delivery=delivery, by=house.clerk, at=NOW)
    assert (house.stock(lot), house.stock(house.oil)) == (10, 11)
    paid = FundMove.objects.get(source_key=f"lot:{lot.pk}")
    assert (paid.kind, paid.cents, paid.memo) == ("purchase", -455_00, "进货：食用油×10")


def test_it_pays_nothing_for_a_donation(house: MarketHouse) -> None:
    before = fund(house)
    house.receive(house.oil, 10, 45_00, donated=True)
    assert (fund(house), house.stock(house.oil)) == (before, 11)


def test_it_refuses_a_delivery_that_is_wrong(house: MarketHouse) -> None:
    def receive(by: object = house.clerk, **terms: object) -> str | None:
        said = {"item": house.oil, "quantity": 1, "unit_cents": 1_00, "received_on": TODAY, **terms}
        delivery = Delivery(**said)  # type: ignore[arg-type]
        return refusal(lot_receive, delivery=delivery, by=by, at=NOW).code

    assert receive(quantity=0) == "quantity"
    assert receive(unit_cents=0) == "fund"
    assert receive(received_on=date(2026, 4, 3)) == "date"
    assert receive(best_before=date(2026, 4, 1)) == "date"
    assert receive(by=house.cast["yard_head"]) == "scope"
    assert receive(quantity=1000, unit_cents=100_00) == "fund"
    assert Lot.objects.count() == 3


def test_it_says_what_is_too_much_for_one_delivery(house: MarketHouse) -> None:
    asked = {"by": house.staff, "at": NOW}
    for quantity, cents, message in (
        (99_901, 1, "数量应是 1 到 99900。"),
        (1_000, 100_01, "这批货总价超过 10 万元，请核对数量和单价。"),
    ):
        delivery = Delivery(item=house.oil, quantity=quantity, unit_cents=cents, received_on=TODAY, donated=True)
        assert refusal(lot_receive, delivery=delivery, **asked).message == message


def test_it_leaves_dear_donations_to_those_who_answer_for_the_money(house: MarketHouse) -> None:
    house.receive(house.oil, 10, 100_00, donated=True)
    dear = Delivery(item=house.oil, quantity=10, unit_cents=100_01, received_on=TODAY, donated=True)
    asked = {"delivery": dear, "at": NOW}
    error = refusal(lot_receive, **asked, by=house.clerk)
    assert (error.code, error.message) == ("scope", "估价超过 1000 元的捐赠货物，请镇上登记超市资金的人登记。")
    assert lot_receive(**asked, by=house.staff).donated  # type: ignore[arg-type]


def test_it_never_pays_more_than_there_is(house: MarketHouse) -> None:
    spend = {"shop": house.shop, "kind": "out", "on": TODAY, "by": house.staff, "at": NOW}
    error = refusal(fund_move, **spend, cents=-10_000_00, memo="运费")
    assert error.message == "资金不足：还有 9655.00 元，要支出 10000.00 元。请镇上先登记拨入或捐赠。"
    assert fund_move(**spend, cents=-10_00, memo="运费").memo == "运费"  # type: ignore[arg-type]
    assert refusal(fund_move, **spend, cents=-1, memo=" ").code == "reason"
    assert refusal(fund_move, **{**spend, "kind": "purchase"}, cents=-1, memo="x").code == "fund"
    assert refusal(fund_move, **{**spend, "kind": "grant"}, cents=-1, memo="x").code == "invalid"
    assert refusal(fund_move, **{**spend, "by": house.clerk}, cents=-1, memo="x").code == "scope"
    assert fund(house) == 9645_00


def test_it_keeps_the_price_of_what_is_held(house: MarketHouse) -> None:
    held = house.hold()
    item_save(shop=house.shop, item=house.soap, name="香皂", unit="块", points=8, by=house.clerk)
    redemption_cancel(redemption=held, reason="不要了", by=house.clerk, at=NOW)
    assert (house.balance(), Item.objects.get(pk=house.soap.pk).points) == (100, 8)
    new = {"shop": house.shop, "name": "食用油", "unit": "桶"}
    assert "已有" in refusal(item_save, **new, points=5, by=house.clerk).message
    assert refusal(item_save, **{**new, "name": "盐"}, points=0, by=house.clerk).code == "invalid"
    assert refusal(item_save, **new, points=5, by=house.cast["yard_head"]).code == "scope"


def test_it_keeps_a_supplier_once(house: MarketHouse) -> None:
    supplier = supplier_save(village=house.village, name="供销社", by=house.clerk)
    assert supplier_save(village=house.village, supplier=supplier, name="供销社", phone="15400000001", by=house.clerk).phone
    assert "已有" in refusal(supplier_save, village=house.village, name="供销社", by=house.clerk).message


def test_it_scraps_with_a_reason(house: MarketHouse) -> None:
    asked = {"lot": house.early, "by": house.clerk, "at": NOW}
    assert lot_scrap(**asked, quantity=3, reason="受潮").quantity == -3  # type: ignore[arg-type]
    assert (house.stock(house.early), house.stock(house.soap)) == (37, 97)
    assert refusal(lot_scrap, **asked, quantity=38, reason="受潮").message == "这一批可报损的数量是 1 到 37。"
    assert refusal(lot_scrap, **asked, quantity=1, reason=" ").code == "reason"


@pytest.fixture
def take(house: MarketHouse) -> Callable[..., StockTake]:
    def call(lines: list[CountLine], **said: object) -> StockTake:
        asked = {"witness": house.second, "on": TODAY, "by": house.clerk, "at": NOW, **said}
        return stock_take(shop=house.shop, lines=lines, **asked)  # type: ignore[arg-type]

    return call


def test_it_counts_held_goods_as_on_the_shelf(house: MarketHouse, take: Callable[..., StockTake]) -> None:
    house.hold(quantity=3)
    assert {pk: found for pk, *found in on_shelf(house.shop).values_list("pk", "stock", "held", "expected")} == {
        house.early.pk: [37, 3, 40], house.late.pk: [60, 0, 60], house.pot.pk: [1, 0, 1],
    }  # fmt: skip
    lines = [CountLine(house.early, 40, 38, "破损"), CountLine(house.late, 60, 61, "上次少记"), CountLine(house.pot, 1, 1)]
    found = take(lines)
    assert (house.stock(house.early), house.stock(house.late), house.stock(house.soap)) == (35, 61, 96)
    assert found.counts.count() == 3
    assert dict(found.moves.values_list("lot", "reason")) == {house.early.pk: "破损", house.late.pk: "上次少记"}


def test_it_says_row_by_row_what_a_count_lacks(house: MarketHouse, take: Callable[..., StockTake]) -> None:
    house.hold(quantity=3)
    lines = [CountLine(house.early, 40, 2, "少了"), CountLine(house.late, 59, 59), CountLine(house.pot, 1, 0)]
    rows = refusal(take, lines=lines).rows
    assert "已被预留" in rows[0] and "清点期间有进出" in rows[1] and "写明原因" in rows[2]
    assert refusal(take, lines=lines, witness=house.clerk).code == "another"
    assert refusal(take, lines=[]).code == "count"
    assert refusal(take, lines=lines, on=date(2026, 4, 3)).code == "date"
    assert refusal(take, lines=lines, by=house.cast["yard_head"]).code == "scope"
    assert not Move.objects.filter(kind="counted").exists()


def test_a_witness_is_a_person_of_the_roster_or_an_account(house: MarketHouse, take: Callable[..., StockTake]) -> None:
    village, home = house.village, house.account.household
    resident = home.residents.get()
    assert witness_named(village, house.second.name, TODAY) == house.second
    assert witness_named(village, "王小明", TODAY) == resident
    for text in ("没有这个人", make_cast(*_elsewhere())["cadre"].name + "远", " "):
        assert refusal(witness_named, village=village, text=text, day=TODAY).code == "another"
    other = make_resident(make_household(village, "王大"), "王小明")
    assert "有 2 人" in refusal(witness_named, village=village, text="王小明", day=TODAY).message
    assert witness_named(village, f"王小明（{other.household.number}）", TODAY) == other
    lines = [CountLine(house.early, 40, 40), CountLine(house.late, 60, 60), CountLine(house.pot, 1, 1)]
    taken = take(lines, witness=resident)
    assert (taken.witness, taken.witness_resident, taken.witness_account) == ("王小明", resident, None)
    Post.objects.filter(user=house.clerk).update(resident=other)
    assert refusal(take, lines=lines, witness=other).code == "another", "the counter's own person"
    refused: list[dict[str, Any]] = [
        {}, {"witness_account": house.clerk}, {"witness_resident": other},
        {"witness_account": house.staff, "witness_resident": resident},
    ]  # fmt: skip
    for said in refused:
        with pytest.raises(IntegrityError, match="另一个人"), transaction.atomic():
            StockTake.objects.create(shop=house.shop, on=TODAY, by=house.clerk, witness="某人", at=NOW, **said)


def _elsewhere() -> tuple[Unit, Unit]:
    township = make_township("511923103")
    return township, make_village(township, "九龙村委会", "511923103201")


def test_it_asks_for_a_new_count_where_goods_were_handed_over_meanwhile(
    house: MarketHouse, take: Callable[..., StockTake], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = house.hold(quantity=2)
    write = market_stock._write_counts

    def late(*arguments: object) -> None:
        redemption_hand(redemption=held, code=held.code, collector="王小明", by=house.second, at=NOW)
        write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(market_stock, "_write_counts", late)
    error = refusal(take, lines=[CountLine(house.early, 40, 40)])
    assert (error.code, error.message) == ("count", "清点期间有进出，请重新清点。")
    assert not StockTake.objects.exists()
