"""The fund's line: what a village decided to spend begins its lists of 财务公开, once it is carried out."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.test import Client

from governance.councils.decisions import disclosing
from governance.councils.decisions.disclosing import resolved_on, spent_by_project, spent_each
from governance.councils.decisions.services import decision_adopt, decision_finish
from governance.councils.models import Decision
from governance.disclosure.affairs.setting_up import affairs_set_up
from governance.disclosure.models import AffairKind, AffairTurn
from governance.periods import Period
from tests.builders import settlement_of
from tests.councils.decisions.house import noon
from tests.councils.decisions.test_decisions import StepHouse
from tests.pages import read

pytestmark = pytest.mark.django_db
NOVEMBER = Period.parse("2026-11")


@pytest.fixture
def house() -> StepHouse:
    return StepHouse()


def adopted(house: StepHouse, money_fen: int | None) -> Decision:
    """修路, all but its end."""
    decision = house.begin(money_fen=money_fen)
    house.held(decision, 1, date(2026, 9, 2), 5, 5, 5, papers={1: "提议书"})
    house.held(decision, 2, date(2026, 9, 4), 7, 6, 6)
    house.held(decision, 3, date(2026, 9, 8), 42, 30, 25)
    house.held(decision, 4, date(2026, 9, 20), 35, 30, 28, body="delegates")
    house.shown(decision, 5, date(2026, 9, 21))
    return decision_adopt(decision=decision, by=house.secretary, at=noon(date(2026, 9, 21)))


def carried_out(house: StepHouse, money_fen: int | None) -> Decision:
    decision = adopted(house, money_fen)
    house.shown(decision, 6, date(2026, 11, 1))
    return decision_finish(decision=decision, by=house.secretary, at=noon(date(2026, 11, 30)))


def test_a_line_for_each_that_was_carried_out_in_the_period(house: StepHouse) -> None:
    road = carried_out(house, 12_345_607)
    carried_out(house, None)
    adopted(house, 100)
    assert spent_each(house.village, NOVEMBER).rows == [["1", "2026-11-30", f"硬化三组道路（{road.number}）", "", "123456.07"]]
    quarter = spent_by_project(house.village, Period.parse("2026-Q4"))
    assert quarter.rows == [["1", "硬化三组道路", "", "123456.07", f"决策编号 {road.number}"]]
    assert "议定金额" in quarter.note and quarter.source == "决策事项登记表，2026年第4季度"
    for month in (NOVEMBER.previous(), NOVEMBER.next()):
        nothing = spent_each(house.village, month)
        assert (len(nothing.columns), nothing.rows, nothing.source) == (5, [], "") and nothing.note.startswith("本期没有")
    assert spent_each(house.township, NOVEMBER).rows == []


def test_neither_a_yards_money_nor_what_households_raise_is_the_villages(house: StepHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    carried_out(house, 100)
    yards = house.kind({"position": 1, "name": "材料", "what": "document"}, place="yard", takes_money=True)
    decision = house.decision(yards, unit=settlement_of(house.village), money_fen=100)
    house.record(decision, yards.gates.get(), date(2026, 9, 2))
    ended = decision_adopt(decision=decision, by=house.secretary, at=noon(date(2026, 11, 30)))
    assert ended.state == Decision.State.FINISHED, "it has no step after that"
    assert len(spent_each(house.village, NOVEMBER).rows) == 1
    monkeypatch.setattr(disclosing, "RAISED", "siyi")
    assert spent_each(house.village, NOVEMBER).rows == []


def test_a_tap_fills_the_draft(client: Client, house: StepHouse) -> None:
    road = carried_out(house, 12_345_600)
    affairs_set_up(township=house.township, since=date(2026, 1, 1))
    kind = AffairKind.objects.get(code="mingxi")
    turn = AffairTurn.objects.create(
        village=house.village, kind=kind, period="2026-11", begins_on=date(2026, 11, 1), due_on=date(2026, 12, 20)
    )
    with time_machine.travel(noon(date(2026, 12, 1)), tick=False):
        page = read(client, house.secretary, f"/affairs/{turn.pk}/draft/")
        assert "从决策事项带入" in page and road.number not in page
        page = read(client, house.secretary, f"/affairs/{turn.pk}/draft/?fill=1")
    assert f"1\t2026-11-30\t硬化三组道路（{road.number}）\t\t123456.00" in page and "决策事项登记表，2026年11月" in page


def test_what_the_villagers_resolved_fills_its_list(client: Client, house: StepHouse) -> None:
    """Of the day of their meeting alone; what was short of its figures says so; a record that nobody confirmed is none."""
    day = date(2026, 9, 20)
    first, lamps, bridge = (house.begin(title=title) for title in ("硬化三组道路", "安装路灯", "修桥"))
    for decision in (first, lamps, bridge):
        house.held(decision, 1, date(2026, 9, 2), 5, 5, 5, papers={1: "提议书"})
        house.held(decision, 2, date(2026, 9, 4), 7, 6, 6)
        house.held(decision, 3, date(2026, 9, 8), 42, 30, 25)
    house.held(first, 4, day, 36, 30, 28, body="delegates")
    house.held(lamps, 4, day, 36, 30, 15, body="delegates")
    house.record(bridge, house.gate(bridge, 4, "delegates"), day, entitled=36, present=30, yes=30, confirmed=False)
    lines = [["1", "硬化三组道路", "36人", "30人", "通过。同意 28，不同意 0，弃权 0"],
             ["2", "安装路灯", "36人", "30人", "没有通过：到会 30 人，同意 15 人，没有超过半数"]]  # fmt: skip
    assert resolved_on(house.village, day).rows == lines
    assert resolved_on(house.village, date(2026, 9, 8)).rows == [], "the Party's members are another list's"
    house.held(lamps, 4, date(2026, 9, 25), 36, 30, 29, body="delegates")
    assert resolved_on(house.village, day).rows[1][-1] == "没有通过，另行召开会议"
    assert resolved_on(house.township, day).note.startswith("这一天没有")
    affairs_set_up(township=house.township, since=date(2026, 1, 1))
    turn = AffairTurn.objects.create(
        village=house.village, kind=AffairKind.objects.get(code="jueyi"), event="村民代表会议", begins_on=day, due_on=date(2026, 9, 27)
    )
    with time_machine.travel(noon(date(2026, 9, 26)), tick=False):
        assert "从决策事项带入" in read(client, house.secretary, f"/affairs/{turn.pk}/draft/")
        page = read(client, house.secretary, f"/affairs/{turn.pk}/draft/?fill=1")
    assert "1\t硬化三组道路\t36人\t30人\t通过。同意 28" in page and "决策事项登记表，2026-09-20的会议" in page
