"""What a township's register says about the villages, households and people of a roster, loaded at once."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from functools import cache, cached_property

from django.db.models import Min

from governance.periods import today
from governance.sheets.roster_fields import clean_group
from villages.models import Household, Resident, Unit

# A village's first roster comes in within these days, often in a file for each group.
OPENING = timedelta(days=60)


@cache
def group_key(name: str) -> str:
    """第三村民小组, 三组 and 3社 are all 3组."""
    return str(clean_group(name).value or "")


class Register:
    """Six queries at most, whatever the roster's length.

    `villages`: code → village; `groups`: (village id, 3组) → group; `yards`: (village id, name) → settlements;
    `households`: id → living household; `by_number`: (village id, number) → household, ended ones too; `by_head`:
    (village id, head) → living households; `residents`: household id → its people; `by_hash`: ID hash → residents
    anywhere, those present first.
    """

    def __init__(self, township: Unit, village_codes: set[str], hashes: set[str]) -> None:
        self._load_units(township, village_codes)
        self._load_households()
        self._load_residents(hashes)

    def _load_units(self, township: Unit, codes: set[str]) -> None:
        units = list(Unit.objects.within(township).filter(valid_to=None).order_by("path"))
        self.villages = {unit.code: unit for unit in units if unit.level == Unit.Level.VILLAGE and unit.code in codes}
        by_path = {village.path: village for village in self.villages.values()}
        self.groups: dict[tuple[int, str], Unit] = {}
        self.yards: dict[tuple[int, str], list[Unit]] = defaultdict(list)
        self._group_names: dict[str, str] = {}
        for unit in units:
            village = by_path.get("/".join(unit.path.split("/")[:4]) + "/")
            if village is None or unit == village:
                continue
            if unit.level == Unit.Level.GROUP:
                self.groups.setdefault((village.pk, group_key(unit.name)), unit)
                self._group_names[unit.path] = group_key(unit.name)
            else:
                self.yards[village.pk, unit.name].append(unit)

    def _load_households(self) -> None:
        villages = [village.pk for village in self.villages.values()]
        self.households: dict[int, Household] = {}
        self.by_number: dict[tuple[int, str], Household] = {}
        self.by_head: dict[tuple[int, str], list[Household]] = defaultdict(list)
        for household in Household.objects.filter(village__in=villages).select_related("unit").order_by("pk"):
            self.by_number[household.village_id, household.number] = household
            if household.ended_on is None:
                self.households[household.pk] = household
                self.by_head[household.village_id, household.head_name].append(household)

    def _load_residents(self, hashes: set[str]) -> None:
        self.residents: dict[int, list[Resident]] = defaultdict(list)
        self.by_hash: dict[str, list[Resident]] = defaultdict(list)
        self.people: dict[int, Resident] = {}
        villages = [village.pk for village in self.villages.values()]
        residents = Resident.objects.select_related("household__village").order_by("pk")
        for resident in residents.filter(household__village__in=villages):
            self.people[resident.pk] = resident
            self.residents[resident.household_id].append(resident)
        for resident in residents.filter(id_hash__in=hashes):
            resident = self.people.setdefault(resident.pk, resident)
            self.by_hash[resident.id_hash].append(resident)
        for known in self.by_hash.values():
            known.sort(key=lambda resident: (resident.status != Resident.Status.PRESENT, -resident.pk))

    def group_of(self, household: Household) -> str:
        """The group in which a household lives, as 3组; '' where it is not known."""
        return self._group_names.get("/".join(household.unit.path.split("/")[:5]) + "/", "")

    def opening_day(self, village: int, on: date) -> date:
        """From when a household that a roster of day `on` brings new belongs to the village with this id: from `on`, but in
        a first roster from the year before, when the first rules of points may begin, so that the ledgers and months that
        the township brings along find it."""
        first = self._first_entries.get(village, on)
        if on - first > OPENING:
            return on
        return min(on, max(self._founded[village], date(on.year - 1, 1, 1)))

    @cached_property
    def _founded(self) -> dict[int, date]:
        return {village.pk: village.valid_from for village in self.villages.values()}

    @cached_property
    def _first_entries(self) -> dict[int, date]:
        """Village id → the day on which its first household was written down."""
        entries = Household.history.filter(village__in=list(self._founded)).order_by().values_list("village")
        return {village: today(first) for village, first in entries.annotate(Min("history_date"))}
