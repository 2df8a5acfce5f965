"""西兴镇 with 八一村's fronts: the shipped card in force, a shop, and people who patrol."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from governance.accounts.models import User
from inspections.cards.setting_up import checklists_set_up
from inspections.fronts.services import FrontDetails, front_patrol, front_register
from inspections.models import Checklist, ChecklistItem, Front, FrontPatrol
from tests.builders import make_cast, make_household, make_township, make_village, settlement_of
from tests.inspections.house import moment

WEDNESDAY = moment("2026-04-08 10:00")


class FrontHouse:
    """八一村 with a cast, one household, and 马鞍村 beside it; `township` decides the codes."""

    def __init__(self, code: str = "511923102") -> None:
        self.township = make_township(code)
        self.village = make_village(self.township, code=f"{code}201")
        self.other = make_village(self.township, "马鞍村委会", f"{code}202")
        self.cast: dict[str, User] = make_cast(self.township, self.village)
        self.yard = settlement_of(self.village)
        self.household = make_household(self.village, "王小明")
        checklists_set_up(township=self.township)
        self.checklist = Checklist.objects.get(township=self.township, use=Checklist.Use.FRONT)

    def details(self, **fields: Any) -> FrontDetails:
        said = {"kind": "shop", "unit": self.yard, "name": "便民超市", "person": "李四", "phone": "15400000011", "place": "兴隆街9号"}
        return FrontDetails(**{**said, **fields})

    def shop(self, by: str = "cadre", **fields: Any) -> Front:
        return front_register(details=self.details(**fields), by=self.cast[by], at=WEDNESDAY)

    def home(self, **fields: Any) -> Front:
        return self.shop(kind="household", household=self.household, name="", person="", place="", **fields)

    def item(self, name: str) -> int:
        return ChecklistItem.objects.get(section__checklist=self.checklist, name=name).pk

    def patrol(
        self,
        front: Front,
        by: str = "sanitation",
        at: datetime = WEDNESDAY,
        named: Mapping[str, int] = {},
        **faults: int,
    ) -> FrontPatrol:
        """One patrol with cases by the item's name."""
        found = {self.item(name): cases for name, cases in {**faults, **named}.items()}
        return front_patrol(front=front, faults=found, by=self.cast[by], at=at)
