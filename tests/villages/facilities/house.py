"""A township with its categories of cases, and places of its village."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tests.builders import make_village
from tests.cases.house import CaseHouse
from villages.facilities.models import Facility, FacilityCheck
from villages.facilities.services import Place, facility_add, facility_check

TODAY = date(2026, 3, 10)  # a Tuesday


class FacilityHouse(CaseHouse):
    def __init__(self) -> None:
        super().__init__()
        self.other = make_village(self.township, "马鞍村委会", "511923102202")

    def said(self, **fields: Any) -> Place:
        return replace(Place(self.village, "guangchang", "村文化广场", date(2025, 1, 1)), **fields)

    def place(self, **fields: Any) -> Facility:
        return facility_add(place=self.said(**fields), by=self.cast["cadre"])

    def check(self, facility: Facility, outcome: str = "fine", note: str = "", on: date = TODAY, by: str = "cadre") -> FacilityCheck:
        return facility_check(facility=facility, on=on, outcome=outcome, note=note, by=self.cast[by])

    def broken(self, **fields: Any) -> Facility:
        facility = self.place(**fields)
        self.check(facility, "broken", "灯不亮")
        facility.refresh_from_db()
        return facility
