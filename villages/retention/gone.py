"""Who is being forgotten, and where else their names may stand (docs/decisions/0033-personal-data.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from villages.models import Household, Resident
from villages.retention.models import NAMELESS

HOMES = 200  # in one question


@dataclass(frozen=True)
class Gone:
    """`residents`: their keys. `names`: by household, every one that they were ever written down in, what they were called; a name
    that somebody known there bears is none of it. `empty`: households of which nobody is known any more."""

    residents: Sequence[int]
    names: Mapping[int, frozenset[str]]
    empty: Sequence[int]

    def bearing(self, home: str, name: str) -> Iterator[Q]:
        """Rows whose household (the look-up `home`) had one of them under the name in the column `name`, in several questions."""
        homes = list(self.names.items())
        for start in range(0, len(homes), HOMES):
            yield reduce(or_, (Q(**{home: key, f"{name}__in": names}) for key, names in homes[start : start + HOMES]))


def gone_of(people: Sequence[Resident]) -> Gone:
    """Asked before their names are taken out."""
    keys = [person.pk for person in people]
    named = {(person.household_id, person.name) for person in people}
    named |= set(Resident.history.filter(id__in=keys).order_by().values_list("household_id", "name").distinct())
    others = Resident.objects.filter(forgotten_on=None).exclude(pk__in=keys)
    named -= set(others.filter(household__in={home for home, _ in named}).values_list("household_id", "name"))
    names: dict[int, set[str]] = {}
    for home, name in named:
        if name != NAMELESS:
            names.setdefault(home, set()).add(name)
    known = Exists(others.filter(household=OuterRef("pk")))
    empty = Household.objects.filter(~known, pk__in={person.household_id for person in people}).values_list("pk", flat=True)
    return Gone(keys, {home: frozenset(of) for home, of in sorted(names.items())}, list(empty))
