"""The tree of units: 平昌县, 西兴镇, its 14 villages, what the merger ended, invented groups and settlements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from random import Random

from governance.demo.loading import create
from governance.demo.places import Place, places_below
from governance.demo.sources import COUNTY, FORMER_TOWNSHIP, TOWNSHIP, added_codes, lineage, removed_villages, villages
from villages.models import Succession, Unit

# The divisions' data knows two days only, 2018-10-31 and 2023-06-30 (data/divisions/README.md).
LONG_AGO = date(2000, 1, 1)
MERGER = date(2020, 6, 1)


def load_units(rng: Random) -> dict[str, Unit]:
    """All units by code, upper ones first."""
    found: dict[str, Unit] = {}
    _create(found, [Unit(code=COUNTY, name="平昌县", level=Unit.Level.COUNTY, path=f"/{COUNTY}/", valid_from=LONG_AGO)])
    _create(
        found,
        [
            _below(found[COUNTY], TOWNSHIP, "西兴镇", "township", valid_from=LONG_AGO),
            _below(found[COUNTY], FORMER_TOWNSHIP, "高峰镇", "township", valid_from=LONG_AGO, valid_to=MERGER),
        ],
    )
    _create(found, _villages(found))
    places = [place for village in villages() for place in places_below(rng, village)]
    for level in ("group", "settlement"):
        _create(found, [_of_place(found, place) for place in places if place.level == level])
    Succession.objects.bulk_create(
        Succession(predecessor=found[old], successor=found[new], on=MERGER) for old, new in lineage()
    )
    return found


def _villages(found: dict[str, Unit]) -> list[Unit]:
    merged = {new for _, new in lineage()}
    rows = [
        _below(
            found[TOWNSHIP],
            village.code,
            village.name,
            "village",
            key_area=Unit.KeyArea.MERGED if village.code in merged else "",
            valid_from=MERGER if village.code in added_codes() else LONG_AGO,
        )
        for village in villages()
    ]
    for old in removed_villages():
        parent = found[f"{old.code[:9]}000"]
        rows.append(_below(parent, old.code, old.name, "village", valid_from=LONG_AGO, valid_to=MERGER))
    return rows


def _of_place(found: dict[str, Unit], place: Place) -> Unit:
    parent = found[place.parent]
    return _below(parent, place.code, place.name, place.level, key_area=place.key_area, valid_from=MERGER)


def _below(parent: Unit, code: str, name: str, level: str, **fields: object) -> Unit:
    return Unit(code=code, name=name, level=level, parent=parent, path=f"{parent.path}{code}/", **fields)


def _create(found: dict[str, Unit], rows: Iterable[Unit]) -> None:
    found.update((unit.code, unit) for unit in create(rows))
