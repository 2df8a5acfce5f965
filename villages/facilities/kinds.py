"""Which kinds of places there are, as shipped in data/facilities/kinds.csv (docs/decisions/0040-facilities.md)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from governance.periods import SHANGHAI, months_later, today
from governance.workdays import Limit, LimitUnit, WorkCalendar, due

SOURCE = Path(__file__).resolve().parent.parent.parent / "data/facilities/kinds.csv"


@dataclass(frozen=True)
class FacilityKind:
    """`check_months` 0: nobody is asked to look at it. `serves`: it says how many households it serves. `category`: of a fault's case."""

    key: str
    group: str
    name: str
    check_months: int
    mend: int
    in_workdays: bool
    is_public: bool
    serves: bool
    category: str

    def next_check(self, last: date) -> date | None:
        return months_later(last, self.check_months) if self.check_months else None

    def mend_by(self, found: date, calendar: WorkCalendar) -> date:
        """The last day in time."""
        if not self.in_workdays:
            return found + timedelta(days=self.mend)
        return today(due(calendar, datetime.combine(found, time(), SHANGHAI), Limit(self.mend, LimitUnit.WORKDAYS)))


@cache
def kinds() -> dict[str, FacilityKind]:
    """By key, in the order of the file."""
    with SOURCE.open(encoding="utf-8", newline="") as file:
        found = [
            FacilityKind(
                row["key"], row["group"], row["name"], int(row["check_months"] or 0), int(row["mend"]), row["mend_unit"] == "workdays",
                row["public"] == "1", row["households"] == "1", row["category"],
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip
    return {kind.key: kind for kind in found}


KIND_CHOICES = [(kind.key, kind.name) for kind in kinds().values()]


def kind_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """For a form: each kind under its group."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for kind in kinds().values():
        groups.setdefault(kind.group, []).append((kind.key, kind.name))
    return list(groups.items())


def public_kinds() -> list[str]:
    return [kind.key for kind in kinds().values() if kind.is_public]
