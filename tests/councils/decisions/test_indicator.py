"""The figure 决策按程序办到底: half a year after its adoption a decision's result is public, by the day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from governance.councils.models import Decision, Gate
from governance.periods import Kind, Period
from inspections.indicators.registry import INDICATORS
from tests.councils.decisions.house import BEGUN, DecisionHouse, noon

pytestmark = pytest.mark.django_db
Q1 = Period.of(Kind.QUARTER, (BEGUN + timedelta(days=180)))


def adopted(house: DecisionHouse, at: datetime, finished: datetime | None = None) -> Decision:
    result = {"position": 2, "name": "结果", "what": "document", "stage": "finish"}
    kind = house.kind({"position": 1, "name": "材料", "what": "document"}, result)
    decision = house.decision(kind)
    first, last = Gate.objects.filter(kind=kind).order_by("position")
    house.record(decision, first, BEGUN)
    Decision.objects.filter(pk=decision.pk).update(adopted_at=at, adopted_by=house.staff)
    if finished:
        house.record(decision, last, BEGUN)
        Decision.objects.filter(pk=decision.pk).update(finished_at=finished, finished_by=house.staff)
    return decision


@time_machine.travel(noon(BEGUN + timedelta(days=190)))
def test_it_counts_decisions_by_the_day() -> None:
    house = DecisionHouse()
    at, last = noon(BEGUN), noon(BEGUN + timedelta(days=180))
    late_in_the_evening = last.replace(hour=23, minute=59)
    good = adopted(house, at, late_in_the_evening)
    late = adopted(house, at, late_in_the_evening + timedelta(minutes=1))
    missing = adopted(house, at)
    adopted(house, at + timedelta(days=60))
    house.decision(house.kind({"position": 1, "name": "材料", "what": "document"}))
    found = dict(INDICATORS["decisions_whole"].rows(Q1, last + timedelta(days=1)).values_list("pk", "good"))
    assert found == {good.pk: True, late.pk: False, missing.pk: False}
    assert not INDICATORS["decisions_whole"].rows(Q1, late_in_the_evening).exists()
