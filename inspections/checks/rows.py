"""What the pages of 户月评 show: places with how far they are, a household's buttons, in fixed numbers of reads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.columns import Tag
from governance.periods import Period
from inspections.checks.walk import WalkRow, check_words
from inspections.fronts.services import ASKED
from inspections.models import Checklist, ChecklistItem, HouseholdCheck, Plate
from inspections.scorecards.scoring import Kind
from villages.households.counting import homes_by_village
from villages.models import Household, Unit
from villages.scope import reach_of
from villages.units.lineage import villages_of

TAPS = 3  # how far a button counts before it is empty again
MOST = 9
TONES = {Plate.CLEAN: "good", Plate.FAIR: "near", Plate.POOR: "late"}


@dataclass(frozen=True)
class PlaceRow:
    """A place where households live: how many, how many are judged this month, and with which plates."""

    unit: Unit
    name: str
    total: int
    plates: Counter[str]

    @property
    def done(self) -> int:
        return self.plates.total()

    @property
    def tags(self) -> list[Tag]:
        return plate_tags(self.plates, [plate for plate in Plate if self.plates[plate.value]])


def plate_tags(plates: Counter[str], kinds: Iterable[Plate] = Plate) -> list[Tag]:
    """Each kind of plate, with how many have it."""
    return [Tag(f"{plate.label} {plates[plate.value]}", TONES[plate]) for plate in kinds]


def homes_seen(user: User, village: str | None) -> QuerySet[Household]:
    """The households that the overview counts, of one village (its key) if asked for."""
    rows: QuerySet[Household] = homes_of(village).visible_to(user, Action.CHECK_VIEW)
    return rows


def homes_of(village: str | None) -> Any:
    """The households of a village (its key), else of all."""
    rows = Household.objects.filter(ended_on=None)
    return rows.filter(village=int(village)) if village else rows


@dataclass(frozen=True)
class Sums:
    """Over all places of the overview: how many households, how many of them are judged, and how."""

    total: int
    plates: Counter[str]

    @property
    def done(self) -> int:
        return self.plates.total()

    @property
    def tags(self) -> list[Tag]:
        return plate_tags(self.plates)


def sums_of(user: User, village: str | None, homes: QuerySet[Household], month: Period) -> Sums | None:
    """None over several townships, where they would be counted household by household: ask of a village."""
    reach = reach_of(user, Action.CHECK_VIEW)
    if not village and reach is not None and len(reach.townships) > 1:
        return None
    total = sum(homes_by_village(user, homes_of(village), Action.CHECK_VIEW).values())
    return Sums(total, all_plates(homes, month))


def places_of_homes(user: User, homes: QuerySet[Household]) -> QuerySet[Unit]:
    """Where some of `homes` are: sought place by place, as IN would read all households of a county."""
    first = homes.filter(unit=OuterRef("pk")).order_by().values("pk")[:1]
    return Unit.objects.visible_to(user, Action.CHECK_VIEW).alias(home=Subquery(first)).exclude(home=None).order_by("path")


def place_rows(units: Iterable[Unit], homes: QuerySet[Household], month: Period) -> list[PlaceRow]:
    """One row for each of `units`, in three queries."""
    units = list(units)
    here = homes.filter(unit__in=units).order_by()
    totals = dict(here.values_list("unit").annotate(count=Count("pk")))
    plates: dict[int, Counter[str]] = {unit.pk: Counter() for unit in units}
    checks = HouseholdCheck.objects.filter(household__in=here.values("pk"), month=month.start).order_by()
    for unit, plate, count in checks.values_list("household__unit", "plate").annotate(count=Count("pk")):
        plates[unit][plate] = count
    villages = villages_of(units)
    return [
        PlaceRow(unit, _name(unit, villages.get(unit.pk)), totals.get(unit.pk, 0), plates[unit.pk]) for unit in units
    ]


def all_plates(homes: QuerySet[Household], month: Period) -> Counter[str]:
    """How many of `homes` have which plate in a month."""
    checks = HouseholdCheck.objects.filter(household__in=homes.order_by().values("pk"), month=month.start).order_by()
    return Counter(dict(checks.values_list("plate").annotate(count=Count("pk"))))


@dataclass(frozen=True)
class ResultRow:
    """A household's judgement with its faults in words."""

    check: HouseholdCheck
    words: list[str]

    @property
    def faults(self) -> str:
        note = f"（{self.check.note}）" if self.check.note else ""
        return ("、".join(self.words) or "无") + note


def result_rows(checks: Sequence[HouseholdCheck]) -> list[ResultRow]:
    words = check_words(checks)
    return [ResultRow(check, words[check.pk]) for check in checks]


def _name(unit: Unit, village: Unit | None) -> str:
    return str(unit) if village in (None, unit) else f"{village} {unit}"


@dataclass(frozen=True)
class WalkLine:
    """A row of the walk as the page's script reads it: `faults` and `again` are JSON of cases by item, "" without any."""

    row: WalkRow
    plate: str
    tone: str
    faults: str
    again: str
    last: str


def walk_lines(rows: list[WalkRow]) -> list[WalkLine]:
    words = check_words([row.last for row in rows if row.last])
    return [_line(row, words) for row in rows]


def _line(row: WalkRow, words: dict[int, list[str]]) -> WalkLine:
    check, last = row.check, ""
    if row.last is not None:
        found = "、".join(words[row.last.pk])
        last = f"上月{row.last.get_plate_display()}" + (f"：{found}" if found else "")
    return WalkLine(
        row,
        check.get_plate_display() if check else "",
        TONES[Plate(check.plate)] if check else "",
        json.dumps(check.faults) if check else "",
        json.dumps(row.again) if row.again is not None else "",
        last,
    )


@dataclass(frozen=True)
class Button:
    """One deduction to tap: `words` say what a case takes, `most` how far it counts, `cases` what is said now."""

    item: ChecklistItem
    words: str
    most: int
    cases: int

    @property
    def counts(self) -> range:
        """The figures that the plain form offers."""
        return range(1, max(MOST, self.cases) + 1 if self.most > 1 else 2)


def fault_buttons(checklist: Checklist, faults: dict[int, int] | None = None) -> list[tuple[str, list[Button]]]:
    """(section, its buttons) in the card's order, in one query."""
    items = ChecklistItem.objects.filter(section__checklist=checklist, kind__in=[kind.value for kind in ASKED])
    groups: dict[int, tuple[str, list[Button]]] = {}
    for item in items.select_related("section").order_by("section__position", "position"):
        most = TAPS if item.kind == Kind.EACH else 1
        button = Button(item, _words(item), most, (faults or {}).get(item.pk, 0))
        groups.setdefault(item.section_id, (item.section.name, []))[1].append(button)
    return list(groups.values())


def _words(item: ChecklistItem) -> str:
    if item.kind == Kind.EACH:
        return f"−{item.per_case.normalize():f}"
    return {Kind.WHOLE.value: "扣完", Kind.VETO.value: "否决"}.get(item.kind, "只记录")
