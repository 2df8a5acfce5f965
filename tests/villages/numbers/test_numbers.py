"""One series of numbers for all papers: no gap, no double, past 99,999, on PostgreSQL and SQLite."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from inspections.models import Order
from moral_bank.awards.honours import honours_from_year
from tests.builders import make_township
from tests.inspections.orders.house import OrderHouse
from tests.moral_bank.awards.house import AwardHouse
from tests.moral_bank.awards.test_honours import locked, year_of
from tests.moral_bank.closings.house import noon
from tests.moral_bank.ledger.test_ledger import race
from tests.trial import run_in_trial_mode
from villages.models import NumberSeries
from villages.numbers.services import IN_ORDER, numbers_take


def taken() -> list[list[str]]:
    """What a series gives: from the first number, for another prefix, many at once, and past 99,999."""
    township = make_township()
    with transaction.atomic():
        first = [*numbers_take(township, "ZG2026-"), *numbers_take(township, "JF2026-"), *numbers_take(township, "ZG2026-", count=2)]
        NumberSeries.objects.filter(prefix="ZG2026-").update(last=99_998)
        return [first, [number for _ in range(3) for number in numbers_take(township, "ZG2026-")]]


TAKEN = [
    ["ZG2026-00001", "JF2026-00001", "ZG2026-00002", "ZG2026-00003"],
    ["ZG2026-99999", "ZG2026-100000", "ZG2026-100001"],
]


@pytest.mark.django_db
def test_it_counts_each_prefix_and_goes_on_past_99999() -> None:
    assert taken() == TAKEN


def test_it_counts_the_same_in_trial_mode(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.villages.numbers.test_numbers:taken", tmp_path) == TAKEN


@pytest.mark.django_db(transaction=True)
def test_it_gives_no_number_twice_and_leaves_no_gap_in_a_race() -> None:
    """Eight sessions take 80 numbers; every fourth paper fails after its number was taken."""
    township, numbers = make_township(), list[str]()

    def take(turn: int) -> bool:
        try:
            with transaction.atomic():
                number = numbers_take(township, "ZG2026-")[0]
                if turn % 4 == 0:
                    raise IntegrityError
        except IntegrityError:
            return False
        numbers.append(number)
        return True

    assert race(8, 80, take) == 60
    assert sorted(numbers) == [f"ZG2026-{number:05d}" for number in range(1, 61)]


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_take_a_number_outside_a_transaction() -> None:
    with pytest.raises(TransactionManagementError):
        numbers_take(make_township(), "ZG2026-")


@pytest.mark.django_db
def test_the_database_keeps_one_row_for_a_series() -> None:
    township = make_township()
    NumberSeries.objects.create(unit=township, prefix="ZG2026-", last=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        NumberSeries.objects.create(unit=township, prefix="ZG2026-", last=2)


@pytest.mark.django_db
def test_orders_go_on_after_99999_and_stand_in_order() -> None:
    house = OrderHouse()
    house.issue()
    NumberSeries.objects.filter(prefix="ZG2026-").update(last=99_998)
    orders = [house.issue(house.finding(f"问题{number}")) for number in range(3)]
    assert [order.number for order in orders] == ["ZG2026-99999", "ZG2026-100000", "ZG2026-100001"]
    stand = ["ZG2026-00001", "ZG2026-99999", "ZG2026-100000", "ZG2026-100001"]
    assert list(Order.objects.order_by(*IN_ORDER).values_list("number", flat=True)) == stand


@pytest.mark.django_db
def test_migrations_go_on_after_the_numbers_that_stand() -> None:
    house = OrderHouse(code="511923103")
    for number in range(2):
        house.issue(house.finding(f"问题{number}"))
    honours = AwardHouse(households=3)
    honours_from_year(locked(year_of(honours)), noon(2027, 1, 8))
    before = set(NumberSeries.objects.values_list("unit", "prefix", "last"))
    NumberSeries.objects.all().delete()
    for name in ("inspections.migrations.0007_fill_number_series", "moral_bank.migrations.0011_fill_number_series"):
        import_module(name).fill(apps, connection.schema_editor())
    assert set(NumberSeries.objects.values_list("unit", "prefix", "last")) == before
    assert {(prefix, last) for _, prefix, last in before} == {("ZG2026-", 2), ("西兴镇2026优", 2)}
