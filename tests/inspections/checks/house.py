"""西兴镇 with the shipped household card in force, rules that have its deeds, and a settlement to walk through."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from governance.accounts.models import User
from governance.periods import Kind, Period, today
from inspections.cards.setting_up import checklists_set_up
from inspections.checks.services import household_check
from inspections.models import Checklist, ChecklistItem, HouseholdCheck
from moral_bank.rules.models import Head, RuleSet
from tests.builders import (
    make_cast,
    make_deed,
    make_household,
    make_resident,
    make_rule_set,
    make_township,
    make_village,
    settlement_of,
)
from tests.inspections.house import moment
from villages.models import Household, Post, Unit

MARCH = Period.parse("2026-03")
NOON = moment("2026-03-10 12:00")


class CheckHouse:
    """W01 +10 stands for 清洁, W11 −5 for 不清洁; 环境卫生评比 starts a month with 15 of 20. `homes` are 王一户, 王二户 …"""

    def __init__(self, homes: int = 2) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.yard: Unit = settlement_of(self.village)
        self.cast = make_cast(self.township, self.village)
        rules = make_rule_set(self.township, adopted=False)
        make_deed(rules, "W01", Head.SANITATION, "庭院评比达到整洁", 10, points=10)
        make_deed(rules, "W11", Head.SANITATION, "乱堆乱倒垃圾", -5)
        rules.state, rules.adopted_at = RuleSet.State.ADOPTED, timezone.now()
        rules.save()
        self.rules = rules
        checklists_set_up(township=self.township)
        self.checklist = Checklist.objects.get(township=self.township, use=Checklist.Use.HOUSEHOLD)
        self.homes = [make_household(self.village, f"王{number}", number=f"{number:03d}") for number in range(1, homes + 1)]

    def user(self, duty: str) -> User:
        return self.cast[duty]

    def item(self, name: str) -> ChecklistItem:
        return ChecklistItem.objects.get(section__checklist=self.checklist, name=name)

    def faults(self, **cases: int) -> dict[int, int]:
        return {self.item(name).pk: count for name, count in cases.items()}

    def check(self, home: int = 0, *, by: str = "sanitation", month: Period = MARCH, **said: Any) -> HouseholdCheck:
        """`said`: note, at, and cases by the item's name."""
        more = {name: said.pop(name) for name in ("note", "at") if name in said}
        return household_check(
            household=self.homes[home], month=month, faults=self.faults(**said), by=self.user(by), **{"at": NOON, **more}
        )

    def kin(self, duty: str, home: int = 0) -> Household:
        """The holder of the cast's post becomes somebody of the household."""
        household = self.homes[home]
        person = make_resident(household, "王小明")
        Post.objects.filter(user=self.user(duty)).update(resident=person)
        return household


def this_month() -> Period:
    return Period.of(Kind.MONTH, today())


