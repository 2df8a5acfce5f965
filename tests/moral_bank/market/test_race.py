"""The counter under real sessions: one last article, one hold per key, no circle of locks; and the race without the guard."""

from __future__ import annotations

import threading
from uuid import UUID, uuid4

import pytest
from django.db import connection

from moral_bank.market.services import (
    MarketError,
    redemption_cancel,
    redemptions_expire,
    redemptions_hold,
)
from moral_bank.models import Entry, Item, Redemption
from tests.moral_bank.ledger.test_ledger import race
from tests.moral_bank.market.house import NOW, MarketHouse
from tests.moral_bank.market.test_market import LATER
from tests.once import OtherContent, sent_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_sells_the_last_one_once() -> None:
    house = MarketHouse()
    homes = [house.home(f"李{number}", 50) for number in range(8)]

    def redeem(number: int) -> bool:
        try:
            house.hold(item=house.oil, account=homes[number])
        except MarketError as error:
            assert error.code == "stock"
            return False
        return True

    assert race(8, 8, redeem) == 1
    assert house.stock(house.oil) == 0
    assert sum(house.balance(home) for home in homes) == 350


def test_it_would_sell_it_eight_times_to_whoever_looks_first() -> None:
    """The control: look, then take, without lock, trigger or constraint; a barrier puts all looks before all takes."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE control_stock (stock int)")
        cursor.execute("INSERT INTO control_stock VALUES (1)")
    looked = threading.Barrier(8)

    def redeem(number: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT stock FROM control_stock")
            enough: bool = cursor.fetchone()[0] >= 1
            looked.wait()
            if enough:
                cursor.execute("UPDATE control_stock SET stock = stock - 1")
        return enough

    try:
        assert race(8, 8, redeem) == 8
        with connection.cursor() as cursor:
            cursor.execute("SELECT stock FROM control_stock")
            assert cursor.fetchone()[0] == -7
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE control_stock")


def test_it_holds_once_for_a_key_sent_at_once() -> None:
    house, key = MarketHouse(), uuid4()
    found: list[int] = []

    def send(number: int) -> bool:
        found.append(sent_once(lambda: house.hold().pk, house.clerk, key))
        return True

    assert race(8, 8, send) == 8
    assert len(set(found)) == 1 and Redemption.objects.count() == 1
    assert (house.balance(), house.stock(house.soap)) == (95, 99)


def test_it_refuses_a_key_that_two_articles_send_at_once() -> None:
    house = MarketHouse()
    keys: list[UUID] = [uuid4() for _ in range(10)]
    items = [house.soap, house.item("毛巾", 5)]
    house.receive(items[1], 10, 3_00)
    house.earn(house.account, 100)

    def send(number: int) -> bool:
        try:
            item = items[number % 2]
            sent_once(lambda: house.hold(item=item).pk, house.clerk, keys[number // 2], item.name)
        except OtherContent:
            return False
        return True

    assert race(2, 20, send) == 10
    assert house.balance() == 150


def test_it_waits_in_no_circle() -> None:
    """Two articles asked for in both orders, taken back and returned by the beat, all at once."""
    house = MarketHouse()
    towel = house.item("毛巾", 5)
    house.receive(towel, 100, 3_00)
    house.earn(house.account, 900)
    held = [house.hold(item=item) for item in (house.soap, towel) * 10]

    def work(number: int) -> bool:
        if number % 4 == 3:
            return redemptions_expire(at=LATER) >= 0
        if number % 4 == 2:
            try:
                redemption_cancel(redemption=held[number // 4], reason="不要了", by=house.clerk, at=NOW)
            except MarketError as error:
                assert error.code == "state"
            return True
        wanted = [(house.soap, 1), (towel, 1)][:: 1 if number % 2 else -1]
        redemptions_hold(account=house.account, wanted=wanted, by=house.clerk, at=NOW)
        return True

    assert race(8, 40, work) == 40
    redemptions_expire(at=LATER)
    assert (house.balance(), house.stock(house.soap), house.stock(towel)) == (1000, 100, 100)
    assert not Item.objects.filter(stock__lt=0).exists()
    assert Entry.objects.filter(points__lt=0).count() == Entry.objects.filter(reverses__isnull=False).count()
