"""The ledger's totals by village: of then, of now, in scope, in a fixed number of reads."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.accounts.models import User
from governance.periods import SHANGHAI, Period
from moral_bank.ledger.reports import entry_report
from moral_bank.ledger.services import points_spend
from moral_bank.models import Account
from tests.builders import (
    make_account,
    make_entry,
    make_household,
    make_rule_set,
    make_township,
    make_user,
    make_village,
    settlement_of,
)
from villages.households.services import household_move
from villages.models import Unit
from villages.units.reports import Basis
from villages.units.services import NewUnit, Part, unit_split, units_merge

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 1)
FEBRUARY = Period.parse("2026-02")


class Bank:
    """八一村 with 10 points of score in February, 马鞍村 with −10."""

    def __init__(self) -> None:
        self.township = make_township()
        self.deeds = {deed.code: deed for deed in make_rule_set(self.township).deeds.all()}
        self.staff = make_user("staff", "staff", self.township)
        self.villages = [make_village(self.township), make_village(self.township, "马鞍村委会", "511923102202")]
        self.accounts = [make_account(make_household(village)) for village in self.villages]
        for account, code in zip((self.accounts[0], *self.accounts), ("S1", "S1", "L1"), strict=True):
            self.enter(account, code)

    def enter(self, account: Account, code: str, day: date = date(2026, 2, 10)) -> None:
        make_entry(account, self.deeds[code], day, self.staff)

    def merge(self) -> Unit:
        return units_merge(sources=self.villages, into=NewUnit("兴隆村委会", "511923102210"), on=ON, by=self.staff)


@pytest.fixture
def bank() -> Bank:
    return Bank()


def lines(user: User, basis: str = Basis.AS_WAS, month: Period = FEBRUARY) -> dict[str, tuple[int, int, int]]:
    return {str(line.village): (line.entries, line.score, line.points) for line in entry_report(user, month, basis)}


def test_it_totals_before_after_and_restated(bank: Bank) -> None:
    bank.merge()
    assert lines(bank.staff) == {"八一村": (2, 10, 10), "马鞍村": (1, -10, 0)}
    assert lines(bank.staff, Basis.RESTATED) == {"兴隆村": (3, 0, 10)}
    assert lines(bank.staff, month=FEBRUARY.next()) == {"兴隆村": (0, 0, 0)}


def test_it_follows_a_split_by_the_household(bank: Bank) -> None:
    village = bank.villages[0]
    group = settlement_of(village).parent
    assert group
    parts = [Part("上八一村委会", "511923102211", children=[group]), Part("下八一村委会", "511923102212")]
    unit_split(source=village, parts=parts, on=ON, by=bank.staff)
    assert lines(bank.staff, Basis.RESTATED) == {"上八一村": (2, 10, 10), "下八一村": (0, 0, 0), "马鞍村": (1, -10, 0)}


def test_it_takes_redemptions_off_the_points_alone(bank: Bank) -> None:
    at = datetime(2026, 2, 20, tzinfo=SHANGHAI)
    points_spend(account=bank.accounts[0], points=3, memo="兑换", by=bank.staff, source_key="market:1", at=at)
    assert lines(bank.staff)["八一村"] == (3, 10, 7)


@pytest.mark.parametrize("basis", Basis.values)
def test_it_keeps_what_a_household_did_before_it_moved(bank: Bank, basis: str) -> None:
    household_move(household=bank.accounts[0].household, unit=settlement_of(bank.villages[1]), on=ON, by=bank.staff)
    assert lines(make_user("cadre", "cadre", bank.villages[0]), basis) == {"八一村": (2, 10, 10)}


def test_it_shows_only_whole_villages_that_the_user_sees(bank: Bank) -> None:
    assert lines(make_user("cadre", "cadre", bank.villages[0])) == {"八一村": (2, 10, 10)}
    assert lines(make_user("yard", "yard_head", settlement_of(bank.villages[0]))) == {}
    assert lines(make_user("far", "staff", make_township("511923103"))) == {}
    assert lines(make_user("guard", guard="system")) == {}


@pytest.mark.parametrize("basis", Basis.values)
def test_it_asks_no_more_often_for_more_villages(bank: Bank, basis: str, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    bank.merge()
    lines(bank.staff, basis)
    for serial in range(3, 9):
        village = make_village(bank.township, f"村{serial}村委会", f"51192310222{serial}")
        bank.enter(make_account(make_household(village)), "S1", date(2026, 2, 3) + timedelta(days=serial))
    with django_assert_num_queries(2 if basis == Basis.AS_WAS else 3):
        assert len(lines(bank.staff, basis)) > 6
