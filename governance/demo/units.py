"""The tree of units: 平昌县, 西兴镇, its 14 villages, what the merger ended, invented groups and settlements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

from governance.demo.loading import STARTED
from governance.demo.places import places_below
from governance.demo.sources import COUNTY, FORMER_TOWNSHIP, TOWNSHIP, added_codes, lineage, removed_villages, villages
from villages.models import Unit
from villages.units.loading import units_plan, units_write
from villages.units.planning import UnitRow

# The divisions' data knows two days only, 2018-10-31 and 2023-06-30 (data/divisions/README.md).
LONG_AGO = date(2000, 1, 1)
MERGER = date(2020, 6, 1)


def load_units(rng: Random) -> dict[str, Unit]:
    """All units by code."""
    rows = [
        UnitRow(COUNTY, "平昌县"),
        UnitRow(TOWNSHIP, "西兴镇"),
        UnitRow(FORMER_TOWNSHIP, "高峰镇", valid_to=MERGER),
        *_villages(),
    ]
    for village in villages():
        for place in places_below(rng, village):
            rows.append(UnitRow(place.code, place.name, key_area=place.key_area, valid_from=MERGER))
    return units_write(units_plan(rows), LONG_AGO, None, STARTED)


def _villages() -> Iterator[UnitRow]:
    successors = dict(lineage())
    for village in villages():
        yield UnitRow(
            village.code,
            village.name,
            key_area=Unit.KeyArea.MERGED if village.code in successors.values() else "",
            valid_from=MERGER if village.code in added_codes() else LONG_AGO,
        )
    for old in removed_villages():
        yield UnitRow(old.code, old.name, valid_to=MERGER, ended=True, successor=successors.get(old.code, ""))
