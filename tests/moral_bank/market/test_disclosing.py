"""The list of a village's 道德超市 that is disclosed: filled in from stock and fund, of the period alone."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.test import Client

from governance.disclosure.affairs.setting_up import affairs_set_up
from governance.disclosure.models import AffairKind, AffairTurn
from governance.periods import Period
from moral_bank.market.disclosing import market_disclosed
from moral_bank.market.services import redemption_cancel
from tests.moral_bank.market.house import NOW, MarketHouse
from tests.pages import read
from tests.worlds import module_world

pytestmark = pytest.mark.django_db
house = module_world(MarketHouse)
Q2 = Period.parse("2026-Q2")


def test_it_counts_what_moved_and_what_is_left(house: MarketHouse) -> None:
    house.hold(quantity=3)
    redemption_cancel(redemption=house.hold(quantity=2), reason="不要了", by=house.clerk, at=NOW)
    filled = market_disclosed(house.village, Q2)
    assert filled.rows == [["1", "食用油（桶）", "1", "0", "0", "1"], ["2", "香皂（块）", "100", "3", "0", "97"]]
    later = market_disclosed(house.village, Q2.next())
    assert later.rows == [["1", "食用油（桶）", "0", "0", "0", "1"], ["2", "香皂（块）", "0", "0", "0", "97"]]
    assert market_disclosed(house.village, Q2.previous()).rows == []
    fund = house.shop.fund_moves.values_list("cents", flat=True)
    assert filled.note.startswith("资金：本期收入 10000.00 元") and f"期末结余 {sum(fund) / 100:.2f} 元" in filled.note


def test_a_tap_fills_the_draft(client: Client, house: MarketHouse) -> None:
    affairs_set_up(township=house.township, since=date(2026, 1, 1))
    kind = AffairKind.objects.get(code="chaoshi")
    turn = AffairTurn.objects.create(
        village=house.village, kind=kind, period="2026-Q2", begins_on=date(2026, 4, 1), due_on=date(2026, 7, 20)
    )
    with time_machine.travel(NOW, tick=False):
        page = read(client, house.clerk, f"/affairs/{turn.pk}/draft/")
        assert "从道德超市带入" in page and "香皂（块）" not in page
        page = read(client, house.clerk, f"/affairs/{turn.pk}/draft/?fill=1")
    assert "香皂（块）\t100\t0\t0\t100" in page and "道德超市出入库和资金台账，2026年第2季度" in page
