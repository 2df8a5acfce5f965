"""Households and people by village as they stood on a day, or restated to the villages of today (mission M01)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, TextChoices

from governance.accounts.models import User
from governance.periods import today
from villages.models import Placement, Resident, Unit
from villages.units.lineage import successor_map, villages_of


class Basis(TextChoices):
    """Which villages a report about the past names."""

    AS_WAS = "as_was", "按当时的村"
    RESTATED = "restated", "按现在的村"


@dataclass(frozen=True)
class VillageLine:
    """One line of a report: households and people of `village`."""

    village: Unit
    households: int
    people: int


def village_report(user: User, day: date, basis: str = Basis.AS_WAS, at: date | None = None) -> list[VillageLine]:
    """Households and people on `day` for every village that `user` sees whole, by path.

    AS_WAS names the villages of `day`; RESTATED adds up the same households under the villages of `at` (today, if
    absent). People of a household are those born by then who had not died or left. The number of queries is constant.
    """
    now = at or today()
    seen = list(Unit.objects.visible_to(user).villages())
    households, people = _counts(seen, day)
    village_by_unit = _restated(households, now) if basis == Basis.RESTATED else {}
    homes, persons = _by_village(households, village_by_unit), _by_village(people, village_by_unit)
    named = now if basis == Basis.RESTATED else day
    return [
        VillageLine(village, homes[village.pk], persons[village.pk])
        for village in seen
        if village.stands_on(named) or homes[village.pk]
    ]


Counts = dict[tuple[int, int], int]


def _counts(villages: Iterable[Unit], day: date) -> tuple[Counts, Counts]:
    """Households and people on `day` by (village id, unit id)."""
    placements = Placement.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day, village__in=list(villages)
    )
    households = placements.order_by().values_list("village_id", "unit_id").annotate(n=Count("pk"))
    alive = Resident.objects.filter(
        Q(status=Resident.Status.PRESENT) | Q(status_on__gt=day), Q(birth_date=None) | Q(birth_date__lte=day)
    )
    people = (
        alive.filter(household__placements__in=placements)
        .order_by()
        .values_list("household__placements__village", "household__placements__unit")
        .annotate(n=Count("pk", distinct=True))
    )
    return (
        {(village, unit): count for village, unit, count in households},
        {(village, unit): count for village, unit, count in people},
    )


def _restated(counts: Counts, now: date) -> dict[int, int]:
    """Unit id → id of the village in which its successor on `now` lies."""
    successor = successor_map(now)
    standing = {unit: successor[unit] for _, unit in counts if unit in successor}
    villages = villages_of(Unit.objects.filter(pk__in=set(standing.values())))
    return {unit: villages[last].pk for unit, last in standing.items()}


def _by_village(counts: Counts, village_by_unit: dict[int, int]) -> Counter[int]:
    total: Counter[int] = Counter()
    for (village, unit), count in counts.items():
        total[village_by_unit.get(unit, village)] += count
    return total
