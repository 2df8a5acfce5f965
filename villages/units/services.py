"""Units: found, merge and split (涉改合并村; mission M01). What was before a merger's date is never rewritten."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.periods import today
from villages.facilities.models import Facility
from villages.households.services import households_rehouse
from villages.models import Household, Overlay, OverlayMember, Post, Succession, Unit
from villages.posts.services import posts_close
from villages.units.lineage import villages_of
from villages.units.loading import UnitError as UnitError
from villages.units.loading import child_codes, next_code, unit_draft, units_insert

_Level = Unit.Level
_PARENTS: dict[str, tuple[str, ...]] = {
    _Level.TOWNSHIP: (_Level.COUNTY,),
    _Level.VILLAGE: (_Level.TOWNSHIP,),
    _Level.GROUP: (_Level.VILLAGE,),
    _Level.SETTLEMENT: (_Level.VILLAGE, _Level.GROUP),
}
_CHANGEABLE = (_Level.VILLAGE, _Level.GROUP, _Level.SETTLEMENT)
REASON = "单位撤并"


@dataclass(frozen=True)
class NewUnit:
    """A unit to be founded by a merger; below a village `code` may be left out."""

    name: str
    code: str = ""


@dataclass(frozen=True)
class Part:
    """What a split makes: name and code of the new unit, the groups or settlements that go to it and the households
    that live directly at the split unit."""

    name: str
    code: str = ""
    children: Sequence[Unit] = ()
    households: Sequence[Household] = ()


def unit_create(
    *, level: str, name: str, parent: Unit, valid_from: date, by: User, code: str = "", key_area: str = ""
) -> Unit:
    """Found a unit below `parent`; below a village `code` is the next free one if left out. Raises UnitError."""
    if not by.may(Action.UNIT_EDIT, parent.path):
        raise UnitError("这个上级单位不在您可以维护的范围内。", "scope")
    if parent.level not in _PARENTS.get(level, ()):
        raise UnitError(f"{_Level(level).label}不能设在{parent.get_level_display()}下面。", "level")
    with transaction.atomic():
        parent = Unit.objects.select_for_update().get(pk=parent.pk)
        if not parent.stands_on(valid_from):
            raise UnitError(f"{parent} 在 {valid_from} 尚未设立或已经撤销。", "date")
        code = code.strip() or next_code(parent, child_codes([parent]))
        _check_code(code, parent)
        unit = unit_draft(level=level, name=name, code=code, parent=parent, valid_from=valid_from, key_area=key_area)
        units_insert([unit], by)
    return unit


def units_merge(*, sources: Sequence[Unit], into: Unit | NewUnit, on: date, by: User) -> Unit:
    """End `sources` (one level, one parent) on `on`; `into` takes over. Returns it.

    Groups and settlements are founded anew below it under new codes, lineage is recorded for each, living households
    and overlays move with number clashes resolved, posts of all ended units end. Raises UnitError.
    """
    with transaction.atomic():
        former = _ending(sources, on, by)
        successor = _found(into, former[0], on, by) if isinstance(into, NewUnit) else _standing(into, former, on)
        if successor.level == _Level.VILLAGE and not successor.key_area:
            successor.key_area = Unit.KeyArea.MERGED
            save_by(successor, by, UnitError, ["key_area"])
        children = [(child, successor) for child in _children(former, on)]
        pairs = [(unit, successor) for unit in former] + _carry(children, on, by)
        _hand_over(pairs, {}, on, by)
    return successor


def unit_split(*, source: Unit, parts: Sequence[Part], on: date, by: User) -> list[Unit]:
    """End `source` on `on`; new units take over, each with its groups and households. Returns them in order.

    Every group or settlement standing directly below `source`, and every household living directly at it, belongs to
    exactly one part. Raises UnitError.
    """
    if len(parts) < 2:
        raise UnitError("拆分至少要有两个新单位。", "parts")
    with transaction.atomic():
        former = _ending([source], on, by)[0]
        _check_parts(former, parts, on)
        successors = [_found(NewUnit(part.name, part.code), former, on, by) for part in parts]
        new_parent = {child.pk: unit for part, unit in zip(parts, successors, strict=True) for child in part.children}
        homes = {home.pk: unit for part, unit in zip(parts, successors, strict=True) for home in part.households}
        children = [(child, new_parent[child.pk]) for child in _children([former], on)]
        pairs = [(former, successor) for successor in successors] + _carry(children, on, by)
        _hand_over(pairs, homes, on, by)
    return successors


def _ending(sources: Sequence[Unit], on: date, by: User) -> list[Unit]:
    """The sources under their locks, if they can end on `on`."""
    editable = Unit.objects.visible_to(by, Action.UNIT_EDIT).select_related("parent")
    former = list(
        editable.select_for_update(of=("self",)).filter(pk__in=[unit.pk for unit in sources]).order_by("path")
    )
    if not former or len(former) != len(sources):
        raise UnitError("有单位不在您可以维护的范围内。", "scope")
    if former[0].level not in _CHANGEABLE or len({(unit.level, unit.parent_id) for unit in former}) > 1:
        raise UnitError("只能撤并同一上级下同一级别的村、组或聚居点。", "sources")
    if on > today():
        raise UnitError("生效日期不能晚于今天。", "date")
    _check_end(former, on)
    return former


def _check_end(units: Iterable[Unit], on: date) -> None:
    for unit in units:
        if unit.valid_to is not None or unit.valid_from >= on:
            raise UnitError(f"{unit} 已经撤销，或设立日期不早于 {on}。", "date")


def _standing(into: Unit, former: list[Unit], on: date) -> Unit:
    """The existing unit that takes over, under its lock."""
    successor = Unit.objects.select_for_update().get(pk=into.pk)
    if successor in former or (successor.level, successor.parent_id) != (former[0].level, former[0].parent_id):
        raise UnitError("并入的单位须与被撤单位同级、同一上级，且不在被撤之列。", "sources")
    if successor.valid_to is not None or not successor.stands_on(on):
        raise UnitError(f"{successor} 在 {on} 尚未设立或已经撤销。", "date")
    return successor


def _found(new: NewUnit, former: Unit, on: date, by: User) -> Unit:
    """Found a successor beside `former`."""
    assert former.parent is not None
    return unit_create(level=former.level, name=new.name, code=new.code, parent=former.parent, valid_from=on, by=by)


def _children(units: Iterable[Unit], on: date) -> list[Unit]:
    below = Unit.objects.filter(parent__in=[unit.pk for unit in units], valid_to=None).select_related("parent")
    children = list(below.order_by("path"))
    _check_end(children, on)
    return children


def _carry(children: list[tuple[Unit, Unit]], on: date, by: User) -> list[tuple[Unit, Unit]]:
    """(unit, its new parent) → (unit, its successor) for these units and all below them, one level after the other."""
    carried: list[tuple[Unit, Unit]] = []
    while children:
        layer = _refound(children, on, by)
        carried += layer
        successor = {former.pk: unit for former, unit in layer}
        below = _children([former for former, _ in layer], on)
        children = [(child, successor[child.parent_id or 0]) for child in below]
    return carried


def _refound(children: list[tuple[Unit, Unit]], on: date, by: User) -> list[tuple[Unit, Unit]]:
    """Successors of one level; a name that the new parent has already is told apart by the former parent's."""
    parents = {parent.pk for _, parent in children}
    names = set(Unit.objects.filter(parent__in=parents, valid_to=None).values_list("parent_id", "name"))
    made = []
    for former, parent in children:
        name = f"{former.parent}{former.name}" if (parent.pk, former.name) in names else former.name
        names.add((parent.pk, name))
        made.append(unit_draft(level=former.level, name=name, parent=parent, key_area=former.key_area))
    units_found(made, on=on, by=by)
    return [(former, unit) for (former, _), unit in zip(children, made, strict=True)]


def units_found(units: Sequence[Unit], *, on: date, by: User) -> None:
    """Save many drafts (level, name and parent given) below villages and groups, each under its next free code."""
    codes = child_codes([unit.parent for unit in units if unit.parent])
    for unit in units:
        assert unit.parent is not None
        unit.code, unit.valid_from = next_code(unit.parent, codes), on
        codes.add(unit.code)
    units_insert(units, by)


def _hand_over(pairs: list[tuple[Unit, Unit]], homes: dict[int, Unit], on: date, by: User) -> None:
    """End the former units of (former, successor) pairs and move what hangs on them.

    `homes`: household id → successor, for households that live directly at a split unit.
    """
    former = list({unit.pk: unit for unit, _ in pairs}.values())
    for unit in former:
        unit.valid_to = on
    bulk_update_with_history(former, Unit, ["valid_to"], batch_size=1000, default_user=by)
    Succession.objects.bulk_create([Succession(predecessor=old, successor=new, on=on) for old, new in pairs])
    posts_close(Post.objects.filter(unit__in=former), on=on, reason=REASON, by=by)
    _move_households(pairs, homes, on, by)
    _move_overlays(pairs, by)
    _move_facilities(pairs, by)


def _move_households(pairs: list[tuple[Unit, Unit]], homes: dict[int, Unit], on: date, by: User) -> None:
    successor = {former.pk: unit for former, unit in pairs}
    village = villages_of([unit for _, unit in pairs])
    moved = list(
        Household.objects.select_for_update(of=("self",))
        .filter(unit__in=successor, ended_on=None)
        .select_related("village")
        .order_by("village__path", "pk")
    )
    _check_placements(moved, on)
    taken = set(Household.objects.filter(village__in=village.values()).values_list("village_id", "number"))
    for household in moved:
        unit = homes.get(household.pk, successor[household.unit_id])
        new_village = village[unit.pk]
        if new_village.pk != household.village_id:
            prefix = household.village.code[-3:]
            while (new_village.pk, household.number) in taken:
                household.number = f"{prefix}-{household.number}"[:30]
            taken.add((new_village.pk, household.number))
        household.village, household.unit = new_village, unit
    households_rehouse(moved, on=on, by=by)


def _check_placements(households: list[Household], on: date) -> None:
    """A household that moved after `on` already has a later past; the merger cannot be dated before it."""
    ids = [household.pk for household in households]
    later = Household.objects.filter(pk__in=ids, placements__valid_to__gt=on).first()
    if later is not None:
        raise UnitError(f"{later} 在 {on} 之后迁移过，生效日期须更晚。", "date")


def _move_overlays(pairs: list[tuple[Unit, Unit]], by: User) -> None:
    """网格 and 联户 of ended villages follow their members; one without members follows the first successor."""
    successor = {former.pk: unit for former, unit in reversed(pairs) if former.level == _Level.VILLAGE}
    overlays = list(
        Overlay.objects.filter(village__in=successor).select_related("village").order_by("village__path", "pk")
    )
    members = OverlayMember.objects.filter(overlay__in=overlays, household__village__valid_to=None)
    followed = dict(members.order_by("-pk").values_list("overlay_id", "household__village_id"))
    taken = set(Overlay.objects.filter(village__parent=pairs[0][1].parent_id).values_list("village_id", "kind", "name"))
    for overlay in overlays:
        new_village = followed.get(overlay.pk, successor[overlay.village_id].pk)
        if (new_village, overlay.kind, overlay.name) in taken:
            overlay.name = f"{overlay.village}{overlay.name}"[:60]
        overlay.village_id = new_village
        taken.add((new_village, overlay.kind, overlay.name))
    bulk_update_with_history(overlays, Overlay, ["name", "village"], batch_size=1000, default_user=by)


def _move_facilities(pairs: list[tuple[Unit, Unit]], by: User) -> None:
    """Places that stand follow where they stand; of a split one the first part has those that stand directly at it. Of two of one name
    the one that comes says where from."""
    successor = {former.pk: unit for former, unit in reversed(pairs)}
    village = villages_of(successor.values())
    standing = Facility.objects.exclude(state=Facility.State.ENDED)
    moved = list(standing.select_for_update(of=("self",)).filter(unit__in=successor).select_related("village").order_by("pk"))
    taken = set(standing.filter(village__in=village.values()).values_list("village_id", "kind", "name"))
    for place in moved:
        former, place.unit = place.village, successor[place.unit_id]
        place.village = village[place.unit.pk]
        if place.village != former and (place.village_id, place.kind, place.name) in taken:
            place.name = f"{former}{place.name}"[:60]
        taken.add((place.village_id, place.kind, place.name))
    bulk_update_with_history(moved, Facility, ["village", "unit", "name"], batch_size=1000, default_user=by)


def _check_parts(source: Unit, parts: Sequence[Part], on: date) -> None:
    children = sorted(child.pk for part in parts for child in part.children)
    if children != sorted(child.pk for child in _children([source], on)):
        raise UnitError("每个组（聚居点）须分到一个新单位，且只分到一个。", "parts")
    homes = sorted(household.pk for part in parts for household in part.households)
    direct = Household.objects.filter(unit=source, ended_on=None).order_by("pk")
    if homes != list(direct.values_list("pk", flat=True)):
        raise UnitError("直接住在被拆分单位的每一户须分到一个新单位，且只分到一个。", "parts")


def _check_code(code: str, parent: Unit) -> None:
    below_village = parent.level in (_Level.VILLAGE, _Level.GROUP)
    pattern = re.escape(parent.code) + r"[0-9]{3}" if below_village else r"[0-9]{12}"
    if not re.fullmatch(pattern, code):
        asked = f"须是 {parent.code} 加 3 位数字" if below_village else "须是 12 位区划代码"
        raise UnitError(f"代码{asked}。", "code")
