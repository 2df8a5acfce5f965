"""What the township confirmed of a year begins the village's list of 财务公开."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.test import Client

from governance.disclosure.affairs.economy import NOT_YET, economy_disclosed
from governance.disclosure.affairs.setting_up import affairs_set_up
from governance.disclosure.models import AffairKind, AffairTurn
from governance.periods import Period
from tests.cases.house import moment
from tests.pages import read
from tests.villages.economy.house import EconomyHouse

pytestmark = pytest.mark.django_db


def test_the_list_of_the_year_begins_with_what_was_confirmed(client: Client) -> None:
    with time_machine.travel(moment("2026-02-10 10:00"), tick=False):
        house = EconomyHouse()
        year = Period.parse("2025")
        house.reported()
        assert economy_disclosed(house.village, year) == (["序号", "项目", "收入（元）", "支出（元）", "备注"], [], NOT_YET, "")
        house.confirmed(2025, house.other, operating=1_234_56)
        filled = economy_disclosed(house.other, year)
        assert filled.rows[0] == ["1", "经营收入", "1234.56", "", "计入经营收益"]
        assert ["5", "经营支出", "", "20000.00", "从经营收益中减去"] in filled.rows and "经营收益 -28767.44 元" in filled.note
        affairs_set_up(township=house.township)
        kind = AffairKind.objects.get(code="jingji")
        turn = AffairTurn.objects.create(
            village=house.other, kind=kind, period="2025", begins_on=date(2026, 1, 1), due_on=date(2026, 2, 28)
        )
        address = f"/affairs/{turn.pk}/draft/"
        assert "从村集体经济带入" in read(client, house.cast["staff"], address)
        assert "1234.56" in read(client, house.cast["staff"], f"{address}?fill=1")
