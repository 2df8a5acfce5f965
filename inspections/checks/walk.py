"""What is read for a walk through a settlement: its households in walking order, this month's and last month's judgement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Prefetch, QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.periods import Period
from inspections.checks.services import bars_of
from inspections.models import Checklist, ChecklistItem, HouseholdCheck
from inspections.scorecards.scoring import Kind
from villages.models import Household, Unit
from villages.numbers.services import IN_ORDER


def households_in_walk(
    user: User, unit: Unit, month: Period, action: Action = Action.CHECK_SCORE
) -> QuerySet[Household]:
    """The households that live at `unit` itself, in walking order; `two_months` are their checks of `month` and the one before."""
    checks = HouseholdCheck.objects.filter(month__in=[month.start, month.previous().start]).select_related("by")
    rows = Household.objects.visible_to(user, action).filter(unit=unit, ended_on=None).select_related("village", "unit")
    order = (F("walk_order__position").asc(nulls_last=True), *IN_ORDER, "pk")
    return rows.prefetch_related(Prefetch("checks", checks, to_attr="two_months")).order_by(*order)


@dataclass(frozen=True)
class WalkRow:
    """A household on the walk. `again` are last month's faults in today's card, None where last month has none;
    `refusal` says why another must judge it."""

    household: Household
    check: HouseholdCheck | None
    last: HouseholdCheck | None
    again: dict[int, int] | None
    refusal: str

    @property
    def place(self) -> str:
        """Where its door is, as far as the register says."""
        return self.household.address or self.household.number


def walk_rows(user: User, unit: Unit, month: Period, checklist: Checklist | None) -> list[WalkRow]:
    """One row a household, in a fixed number of queries."""
    bars, rows = bars_of(user), list(households_in_walk(user, unit, month))
    lasts = {home.pk: check for home in rows if (check := _of(home, month.previous()))}
    again = same_as_last_month(lasts.values(), checklist) if checklist is not None else {}
    return [
        WalkRow(
            home,
            _of(home, month),
            lasts.get(home.pk),
            again.get(lasts[home.pk].pk) if home.pk in lasts else None,
            bars.reason(home),
        )
        for home in rows
    ]


def same_as_last_month(checks: Iterable[HouseholdCheck], checklist: Checklist) -> dict[int, dict[int, int]]:
    """Check id → its faults by the items of `checklist`; lines of another version are known by section and name, and a
    check with a fault that the card no longer has is left out."""
    checks = list(checks)
    older = {int(item) for check in checks if check.checklist_id != checklist.pk for item in check.faults}
    new: dict[int, int] = {}
    if older:
        names = {(item.section.name, item.name): item.pk for item in _items(section__checklist=checklist)}
        new = {
            item.pk: names[item.section.name, item.name]
            for item in _items(pk__in=older)
            if (item.section.name, item.name) in names
        }
    found = {}
    for check in checks:
        faults = {int(item): cases for item, cases in check.faults.items()}
        if check.checklist_id == checklist.pk:
            found[check.pk] = faults
        elif set(faults) <= set(new):
            found[check.pk] = {new[item]: cases for item, cases in faults.items()}
    return found


def check_words(checks: Iterable[HouseholdCheck]) -> dict[int, list[str]]:
    """Check id → what was wrong, in the card's order: 柴草乱堆 2 处; one query for all."""
    checks = list(checks)
    wanted = {int(item) for check in checks for item in check.faults}
    items = list(_items(pk__in=wanted)) if wanted else []
    return {
        check.pk: [
            f"{item.name} {check.faults[str(item.pk)]} {item.case_unit}".strip()
            if item.kind == Kind.EACH
            else item.name
            for item in items
            if str(item.pk) in check.faults
        ]
        for check in checks
    }


def _items(**wanted: object) -> QuerySet[ChecklistItem]:
    items = ChecklistItem.objects.filter(**wanted).select_related("section")
    return items.order_by("section__position", "position")


def _of(home: Household, month: Period) -> HouseholdCheck | None:
    checks: list[HouseholdCheck] = home.two_months  # type: ignore[attr-defined]
    return next((check for check in checks if check.month == month.start), None)
