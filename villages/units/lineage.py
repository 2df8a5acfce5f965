"""Where a unit stands in the tree, and who took over from it (涉改合并村; mission M01)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from villages.models import Succession, Unit


def villages_of(units: Iterable[Unit]) -> dict[int, Unit]:
    """Unit id → the village in which it lies (itself, if it is one), in one query; units above villages are left out."""
    units = list(units)
    codes = {code for unit in units for code in _codes(unit)}
    by_code = {village.code: village for village in Unit.objects.villages().filter(code__in=codes)}
    return {unit.pk: by_code[code] for unit in units for code in _codes(unit) if code in by_code}


def village_of(unit: Unit) -> Unit | None:
    """The village in which `unit` lies."""
    return villages_of([unit]).get(unit.pk)


def _codes(unit: Unit) -> list[str]:
    return unit.path.strip("/").split("/")


def successor_map(day: date) -> dict[int, int]:
    """Unit id → id of the unit that stands for it on `day`, in one query, for all units that were merged by then.

    Chains are followed to their end (A → C → D gives A: D). A unit that was split has several successors and is left
    out, as are units without any: figures stored for it stay its own, its groups and settlements are mapped one by one.
    """
    followers: dict[int, list[int]] = {}
    for predecessor, successor in Succession.objects.filter(on__lte=day).values_list("predecessor_id", "successor_id"):
        followers.setdefault(predecessor, []).append(successor)
    only = {former: successors[0] for former, successors in followers.items() if len(successors) == 1}
    return {former: _last(former, only) for former in only}


def _last(unit_id: int, only: dict[int, int]) -> int:
    while unit_id in only:
        unit_id = only[unit_id]
    return unit_id


def villages_before(day: date) -> dict[int, list[int]]:
    """Id of a standing village → ids of all villages that were merged or split into it by `day`, in one query."""
    direct: dict[int, list[int]] = {}
    links = Succession.objects.filter(on__lte=day, successor__level=Unit.Level.VILLAGE)
    for predecessor, successor in links.order_by("pk").values_list("predecessor_id", "successor_id"):
        direct.setdefault(successor, []).append(predecessor)
    ended = {predecessor for formers in direct.values() for predecessor in formers}
    return {village: _all_before(village, direct) for village in direct if village not in ended}


def _all_before(unit_id: int, direct: dict[int, list[int]]) -> list[int]:
    found = list(direct[unit_id])
    for former in found:  # grows meanwhile
        found += [older for older in direct.get(former, []) if older not in found]
    return found


def villages_now(village: Unit, day: date) -> list[Unit]:
    """The villages that stand for `village` on `day`: itself, the one into which it was merged, those into which it was split."""
    if village.stands_on(day):
        return [village]
    after = [unit_id for unit_id, before in villages_before(day).items() if village.pk in before]
    return list(Unit.objects.filter(pk__in=after).order_by("path"))
