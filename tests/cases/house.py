"""A township with its categories, and cases made in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from governance.accounts.models import User
from governance.cases.categories.setting_up import cases_set_up
from governance.cases.engine.services import Report, Words, case_log, case_step
from governance.cases.models import Case, Category, Office, OfficeMember
from tests.builders import make_cast, make_household, make_resident, make_township, make_village, settlement_of
from villages.models import Household, Resident, Unit

ZONE = ZoneInfo("Asia/Shanghai")


def moment(text: str) -> datetime:
    """Shanghai time from `2026-03-10 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


MORNING = moment("2026-03-10 09:00")  # a Tuesday


class CaseHouse:
    """八一村 with its cast, the plan's categories, and one office member: the township's clerk sits in every office."""

    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.yard: Unit = settlement_of(self.village)
        self.cast = make_cast(self.township, self.village)
        cases_set_up(township=self.township)
        for office in Office.objects.all():
            OfficeMember.objects.create(office=office, user=self.cast["staff"])

    def category(self, code: str) -> Category:
        return Category.objects.select_related("township", "office", "service").get(township=self.township, code=code)

    def log(self, code: str = "dianli", *, by: str = "cadre", at: datetime = MORNING, **fields: Any) -> Case:
        category = self.category(code)
        said = {"unit": self.yard, "text": "院口的电线垂下来了"}
        if category.kind == "errand":
            said |= {"client": "王大爷", "phone": "15400001234"}
        return case_log(report=Report(category=category, **{**said, **fields}), by=self.cast[by], at=at)

    def step(self, case: Case, step: str, *, by: str = "cadre", at: datetime | None = None, **words: Any) -> Case:
        return case_step(case=case, step=step, by=self.cast[by], words=Words(**words), at=at)

    def user(self, role: str) -> User:
        return self.cast[role]

    def family(self, name: str = "王小明") -> tuple[Household, Resident]:
        household = make_household(self.village, name)
        return household, make_resident(household, name)
