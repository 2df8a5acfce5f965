"""Write matched families into the register: units, households, people, placements, posts, all in sets with history."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from simple_history.utils import bulk_update_with_history

from governance.accounts.models import User
from governance.engines import rows_insert
from governance.frame.imports.payload import NEW, SAME, UPDATE
from governance.frame.pinyin import pinyin_key
from governance.frame.saving import history_add
from villages.households.services import placements_move, placements_open
from villages.models import Household, Post, Resident, Unit
from villages.posts.services import posts_close
from villages.roster.match import Family
from villages.roster.people import People
from villages.roster.register import Register
from villages.units.loading import unit_draft
from villages.units.services import units_found

_HOUSEHOLD = ("number", "head_name", "head_pinyin", "kind", "address", "village_id", "unit_id")
_Row = TypeVar("_Row", Household, Unit)
_KINDS = {"户口簿": Household.Kind.BOOKLET, "共同居住": Household.Kind.RESIDENCE}


class RosterWriter:
    """Takes the rows of `families` whose verdict is one of `levels`; `on` is the day from which changes count (of a village's
    first roster: `Register.opening_day`)."""

    def __init__(self, families: list[Family], register: Register, levels: Sequence[str], on: date, by: User) -> None:
        self.register = register
        self.taken = [
            (family, person)
            for family in families
            for person in family.people
            if person.row.verdict in levels and person.is_news
        ]
        self.families = list(dict.fromkeys(family for family, _ in self.taken))
        self.on = on
        self.by = by

    def outlook(self) -> dict[str, Any]:
        """What `write` would do, without writing: outcomes of the rows are set, the counts are those of `write`."""
        counts = self._write_people(dry_run=True)
        fresh = sum(family.household is None for family in self.families)
        places = len(self._missing_groups()) + len(self._missing_yards())
        return {**counts, "households_new": fresh, "units_new": places}

    def write(self) -> dict[str, int]:
        """Counts of people `new`, `update`, `same`, of `households_new`, `households_update` and `units_new`."""
        places = self._found_units()
        fresh, changed = self._write_households()
        counts = self._write_people(dry_run=False)
        self._close_posts()
        return {**counts, "households_new": fresh, "households_update": changed, "units_new": places}

    def _missing_groups(self) -> dict[tuple[int, str], Unit]:
        """By number, so that codes follow it: 2组 before 10组."""
        missing = {}
        for family in sorted(self.families, key=lambda family: (len(family.group), family.group)):
            key = (family.village.pk, family.group)
            if family.group and key not in self.register.groups and key not in missing:
                missing[key] = unit_draft(level=Unit.Level.GROUP, name=family.group, parent=family.village)
        return missing

    def _missing_yards(self) -> dict[tuple[int, str, str], Unit]:
        missing = {}
        for family in self.families:
            name = family.first("settlement")
            key = (family.village.pk, family.group, name)
            if name and key not in missing and self._yard(family) is None:
                parent = self.register.groups.get(key[:2], family.village)
                missing[key] = unit_draft(level=Unit.Level.SETTLEMENT, name=name, parent=parent)
        return missing

    def _found_units(self) -> int:
        """Groups before settlements, so that a new settlement finds its new group."""
        groups = self._missing_groups()
        self._found(groups)
        self.register.groups.update(groups)
        yards = self._missing_yards()
        self._found(yards)
        for (village, _, name), yard in yards.items():
            self.register.yards[village, name].append(yard)
        return len(groups) + len(yards)

    def _found(self, drafts: Mapping[tuple[Any, ...], Unit]) -> None:
        """Save new units by (village id, …), each from the day of its village."""
        for day, units in self._by_day((key[0], unit) for key, unit in drafts.items()).items():
            units_found(units, on=day, by=self.by)

    def _by_day(self, rows: Iterable[tuple[int, _Row]]) -> dict[date, list[_Row]]:
        """(village id, new row) by the day from which the row counts: who stands in a village's first roster lived there
        before."""
        days: dict[date, list[_Row]] = defaultdict(list)
        for village, row in rows:
            days[self.register.opening_day(village, self.on)].append(row)
        return days

    def _yard(self, family: Family) -> Unit | None:
        """The settlement that a family names, in its group if it names one."""
        found = self.register.yards.get((family.village.pk, family.first("settlement")), [])
        if family.group:
            group = self.register.groups.get((family.village.pk, family.group))
            found = [yard for yard in found if group and yard.path.startswith(group.path)]
        return found[0] if found else None

    def _home(self, family: Family) -> Unit:
        """The lowest unit that the rows name; a household stays in a settlement of the group that they name."""
        present = family.household.unit if family.household else family.village
        if family.first("settlement"):
            return self._yard(family) or present
        group = self.register.groups.get((family.village.pk, family.group))
        return present if group is None or present.path.startswith(group.path) else group

    def _write_households(self) -> tuple[int, int]:
        free = self._free_numbers()
        fresh = [family for family in self.families if family.household is None]
        known = [family for family in self.families if family.household is not None]
        for family in fresh:
            number = family.number or free(family.village)
            family.household = Household(village=family.village, unit=family.village, number=number)
            self._describe(family, family.household)
        made = [_home_of(family) for family in fresh]
        rows = [[getattr(household, name) for name in _HOUSEHOLD] for household in made]
        for household, pk in zip(made, rows_insert(Household._meta.db_table, _HOUSEHOLD, rows, key="id"), strict=True):
            household.pk = pk
        history_add(Household, [household.pk for household in made], self.by)
        for day, homes in self._by_day((household.village_id, household) for household in made).items():
            placements_open(homes, day)
        moved = [family for family in known if self._home(family).pk != _home_of(family).unit_id]
        changed = [_home_of(family) for family in known if self._describe(family, _home_of(family))]
        fields = ["head_name", "head_pinyin", "kind", "address", "unit"]
        bulk_update_with_history(changed, Household, fields, 1000, default_user=self.by)
        placements_move([_home_of(family) for family in moved], self.on)
        return len(made), len(changed)

    def _describe(self, family: Family, household: Household) -> bool:
        """Write what the rows say about a household; True if it says something new."""
        before = _state(household)
        household.head_name = family.head_name or household.head_name or family.first("name")
        household.head_pinyin = pinyin_key(household.head_name)
        household.kind = _KINDS.get(family.first("kind"), household.kind)
        household.address = family.first("address") or household.address
        if household.unit_id != (home := self._home(family)).pk:
            household.unit = home
        return _state(household) != before

    def _free_numbers(self) -> Callable[[Unit], str]:
        """Numbers after the highest plain one of each village, for households whose rows give none."""
        last: Counter[int] = Counter()
        taken = [*self.register.by_number, *((family.village.pk, family.number) for family in self.families)]
        for village, number in taken:
            last[village] = max(last[village], int(number) if number.isdecimal() else 0)

        def free(village: Unit) -> str:
            last[village.pk] += 1
            return f"{last[village.pk]:04d}"

        return free

    def _write_people(self, dry_run: bool) -> dict[str, int]:
        people = People(self.on, trial=dry_run)
        for family, person in self.taken:
            person.item.outcome = people.take(person, family.household)
        if not dry_run:
            people.write(self.by)
        counts = Counter(person.item.outcome for _, person in self.taken)
        return {outcome: counts[outcome] for outcome in (NEW, UPDATE, SAME)}

    def _close_posts(self) -> None:
        """Posts of people whom the roster reports as gone end today."""
        for status in (Resident.Status.DIED, Resident.Status.MOVED):
            gone = [person.resident for _, person in self.taken if person.resident and person.status == status]
            posts = Post.objects.filter(resident__in=gone)
            posts_close(posts, on=self.on, reason=str(status.label), by=self.by)


def _home_of(family: Family) -> Household:
    assert family.household is not None
    return family.household


def _state(household: Household) -> list[Any]:
    return [household.head_name, household.kind, household.address, household.unit_id]
