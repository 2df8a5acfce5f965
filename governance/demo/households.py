"""Households with their people, placements, 网格 and 联户."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from governance.demo.loading import create
from governance.demo.people import Person, families
from governance.demo.places import NUMERALS, spread
from governance.demo.sources import villages
from governance.demo.units import MERGER
from governance.frame.pinyin import pinyin_key
from villages.models import Household, Overlay, OverlayMember, Placement, Resident, Unit

MOVED_SHARE = 0.01


@dataclass(frozen=True)
class Home:
    """A stored household, its people in the order of the family (户主 first) and its two units."""

    household: Household
    village: Unit
    settlement: Unit
    residents: list[Resident]


def load_households(rng: Random, units: dict[str, Unit], count: int) -> list[Home]:
    """`count` households over all settlements, in the order of village, settlement and number."""
    people = families(rng, count)
    seats = list(_seats(rng, units, count))
    households = create(
        _household(number, village, settlement, family[0])
        for (number, village, settlement), family in zip(seats, people, strict=True)
    )
    residents = iter(
        create(
            _resident(household, person)
            for household, family in zip(households, people, strict=True)
            for person in family
        )
    )
    homes = [
        Home(household, village, settlement, [next(residents) for _ in family])
        for household, (_, village, settlement), family in zip(households, seats, people, strict=True)
    ]
    Placement.objects.bulk_create([row for home in homes for row in _placements(rng, units, home)], batch_size=2000)
    _load_overlays(rng, homes)
    return homes


def _seats(rng: Random, units: dict[str, Unit], count: int) -> Iterator[tuple[int, Unit, Unit]]:
    """Number in the village, village and settlement of each household."""
    shares = spread(rng, count, len(villages()))
    for division, share in zip(villages(), shares, strict=True):
        village = units[division.code]
        settlements = [unit for code, unit in units.items() if code.startswith(village.code) and len(code) == 18]
        number = 0
        for settlement, homes in zip(settlements, spread(rng, share, min(share, len(settlements))), strict=False):
            for _ in range(homes):
                number += 1
                yield number, village, settlement


def _household(number: int, village: Unit, settlement: Unit, head: Person) -> Household:
    group = int(settlement.code[12:15])
    return Household(
        number=f"{number:04d}",
        head_name=head.name,
        head_pinyin=pinyin_key(head.name),
        kind=Household.Kind.RESIDENCE if number % 9 == 0 else Household.Kind.BOOKLET,
        address=f"{village.short_name}{group}组{settlement.name}{number}号",
        village=village,
        unit=settlement,
    )


def _resident(household: Household, person: Person) -> Resident:
    row = Resident(
        household=household,
        name=person.name,
        name_pinyin=pinyin_key(person.name),
        sex=person.sex,
        birth_date=person.birth,
        phone=person.phone,
        relation=person.relation,
        status=person.status,
        status_on=person.status_on,
    )
    row.set_id_number(person.id_number)
    return row


def _placements(rng: Random, units: dict[str, Unit], home: Home) -> Iterator[Placement]:
    """Where the household has lived since the merger; a few came from the village's first settlement."""
    since = MERGER if rng.random() < 0.8 else MERGER + timedelta(days=rng.randint(30, 1500))
    first = units[f"{home.village.code}001001"]
    if rng.random() < MOVED_SHARE and first != home.settlement:
        moved = date(2024, 3, 1) + timedelta(days=rng.randint(0, 300))
        yield _placement(home, first, MERGER, moved)
        since = moved
    yield _placement(home, home.settlement, since, None)


def _placement(home: Home, unit: Unit, since: date, until: date | None) -> Placement:
    return Placement(household=home.household, village=home.village, unit=unit, valid_from=since, valid_to=until)


def _load_overlays(rng: Random, homes: list[Home]) -> None:
    """One or two 网格 per village, and 联户 of 10–15 households each."""
    by_village: dict[Unit, list[Home]] = {}
    for home in homes:
        by_village.setdefault(home.village, []).append(home)
    parts = [part for village, its in by_village.items() for part in _parts(rng, village, its)]
    overlays = create(overlay for overlay, _ in parts)
    OverlayMember.objects.bulk_create(
        [
            OverlayMember(overlay=overlay, household=home.household, kind=overlay.kind)
            for overlay, (_, members) in zip(overlays, parts, strict=True)
            for home in members
        ],
        batch_size=2000,
    )


def _parts(rng: Random, village: Unit, homes: list[Home]) -> Iterator[tuple[Overlay, list[Home]]]:
    grids = rng.randint(1, 2)
    for index in range(grids):
        its = homes[index * len(homes) // grids : (index + 1) * len(homes) // grids]
        yield Overlay(kind=Overlay.Kind.GRID, name=f"第{NUMERALS[index]}网格", village=village), its
    start = number = 0
    while start < len(homes):
        size = rng.randint(10, 15) if len(homes) - start >= 20 else min(len(homes) - start, 15)
        number += 1
        its = homes[start : start + size]
        yield Overlay(kind=Overlay.Kind.JOINT, name=f"第{number}联户", village=village), its
        start += size
