"""Groups and settlements from a list: matched with what stands below the villages, given codes, and loaded as units are."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.periods import today
from governance.sheets.units import ListedPlaces, group_name, is_group
from governance.sheets.villagenames import VillageNames
from villages.models import Unit, UnitQuerySet
from villages.units.loading import units_load
from villages.units.planning import Plan, UnitRow, free_code


def places_rows(places: Iterable[ListedPlaces], by: User) -> list[UnitRow]:
    """One row for each group and settlement that the list names; what stands keeps its code and name."""
    seeker = _Seeker(by)
    return [row for place in places for row in seeker.rows(place)]


def places_load(*, places: Iterable[ListedPlaces], by: User) -> Plan:
    """Make the groups and settlements that are new, under the locks of all villages where one may. Raises UnitError."""
    with transaction.atomic():
        list(_villages(by).order_by("pk").select_for_update())
        return units_load(rows=places_rows(places, by), by=by)


def _villages(by: User) -> UnitQuerySet:
    return Unit.objects.visible_to(by, Action.UNIT_EDIT).villages().on(today())


class _Seeker:
    """Villages, groups and settlements where somebody may make more, by what lists call them."""

    def __init__(self, by: User) -> None:
        self.called = dict(_villages(by).values_list("code", "name"))
        self.villages = VillageNames(self.called.items())
        below = Unit.objects.visible_to(by, Action.UNIT_EDIT).filter(level__in=["group", "settlement"])
        self.taken = set(below.values_list("code", flat=True))
        self.groups: dict[tuple[str, str], tuple[str, str]] = {}
        self.yards: dict[tuple[str, str], tuple[str, str]] = {}
        self.told: set[str] = set()
        for level, code, name in below.on(today()).order_by("-path").values_list("level", "code", "name"):
            if level == Unit.Level.GROUP:
                self.groups[code[:12], group_name(name)] = code, name
            else:
                self.yards[code[:12], name] = self.yards[code[:15], name] = code, name

    def rows(self, place: ListedPlaces) -> list[UnitRow]:
        """A line's village and what it names below it, each once in the whole list."""
        village = self.villages.find(place.village)
        if village is None:
            fault = f"不认识的村“{place.village}”，或不归您维护" if place.village else "没有写村名"
            return [UnitRow("", place.village, line=place.line, fault=fault)]
        if not place.group and not place.yards:
            return [UnitRow("", place.village, line=place.line, fault="没有写组或聚居点")]
        groups = [place.group] if place.group else [name for name in place.yards if is_group(name)]
        yards = place.yards if place.group else [name for name in place.yards if not is_group(name)]
        found = [UnitRow(village, self.called[village], line=place.line)]
        found += [self._row(self.groups, village, group_name(name), Unit.Level.GROUP, place.line) for name in groups]
        parent = found[1].code if place.group else village
        found += [self._row(self.yards, parent, name, Unit.Level.SETTLEMENT, place.line) for name in yards]
        new = [row for row in found if row.fault or row.code not in self.told]
        self.told.update(row.code for row in new)
        return new

    def _row(self, known: dict[tuple[str, str], tuple[str, str]], parent: str, name: str, level: str, line: int) -> UnitRow:
        """The unit of this name below `parent`, else a new one under the next free code."""
        if (parent, name) not in known:
            code = free_code(parent, self.taken)
            if code is None:
                return UnitRow("", name, line=line, fault=f"{parent} 下的代码已用完")
            self.taken.add(code)
            known[parent, name] = code, name
        code, called = known[parent, name]
        return UnitRow(code, called, level, code[:-3], line=line)
