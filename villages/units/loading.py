"""The one place where units are made: whatever founds one ends in `units_insert` (docs/decisions/0022-first-day.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.saving import insert_by
from governance.sheets.units import ListedUnit
from villages.models import Succession, Unit, UnitQuerySet
from villages.units.planning import (
    LEVELS,
    NEW,
    RENAMED,
    SINCE,
    Plan,
    PlannedUnit,
    Standing,
    UnitRow,
    free_code,
    placed_row,
    plan_units,
)


class UnitError(DomainError):
    """A change of units that is refused: `scope`, `level`, `code`, `date`, `sources`, `parts`, `none`."""


def unit_draft(
    *, level: str, name: str, parent: Unit | None, code: str = "", valid_from: date | None = None,
    valid_to: date | None = None, key_area: str = "",
) -> Unit:  # fmt: skip
    """A unit that is not saved; `units_insert` saves it."""
    draft = Unit(code=code, name=name.strip(), level=level, parent=parent, valid_to=valid_to, key_area=key_area)
    if valid_from:
        draft.valid_from = valid_from
    return draft


def units_insert(drafts: Sequence[Unit], by: User | None, at: datetime | None = None) -> list[Unit]:
    """Save drafts whose parents are saved, with history (dated `at`, now if absent). Raises UnitError."""
    for draft in drafts:
        draft.path = f"{draft.parent.path if draft.parent else '/'}{draft.code}/"
        if at:
            draft._history_date = at  # type: ignore[attr-defined]
    return insert_by(drafts, by, UnitError)


def units_plan(rows: Iterable[UnitRow], by: User | None = None) -> Plan:
    """What a list would make of the register, for somebody who may keep only some of its units; `by` None: all of them."""
    found = [placed_row(row) for row in rows]
    codes = {code for row in found for code in (row.code, row.parent, row.successor) if code}
    standing = [Standing(*unit) for unit in _units(codes).values_list("code", "name", "level", "path", "valid_to")]
    return plan_units(
        found,
        {unit.code: unit for unit in standing},
        lambda path: by is None or by.may(Action.UNIT_EDIT, path),
    )


def rows_of_list(units: Iterable[ListedUnit]) -> list[UnitRow]:
    """The lines of a list as the plan takes them."""
    return [
        UnitRow(
            unit.code, unit.name, valid_from=unit.valid_from, valid_to=unit.valid_to, ended=unit.ended,
            successor=unit.successor, line=unit.line, fault=unit.fault,
        )
        for unit in units
    ]  # fmt: skip


def units_write(plan: Plan, on: date, by: User | None, at: datetime | None = None) -> dict[str, Unit]:
    """Make and rename what a plan says, with history and lineage; new units of which the list says no day stand since `on`.
    Returns the units by code, parents among them. A second time it finds nothing to do; nothing is deleted."""
    lines = plan.changes
    with transaction.atomic():
        needed = {line.row.parent for line in lines} | {line.row.code for line in lines if line.outcome == RENAMED}
        found = {unit.code: unit for unit in _units(needed)}
        for level in LEVELS:
            rows = [line.row for line in lines if line.outcome == NEW and line.row.level == level]
            drafts = [_draft_of(row, found, on) for row in rows]
            found |= {unit.code: unit for unit in units_insert(drafts, by, at)}
        _rename([line for line in lines if line.outcome == RENAMED], found, by)
        _link([line.row for line in lines if line.row.successor], found)
    return found


def units_load(*, rows: Iterable[UnitRow], by: User) -> Plan:
    """Plan and write in one transaction, under the locks of what stands above. Raises UnitError where nothing is new."""
    given = list(rows)
    with transaction.atomic():
        placed = [placed_row(row) for row in given]
        list(_units({row.parent for row in placed}).order_by("pk").select_for_update())
        plan = units_plan(given, by)
        if not plan.changes:
            raise UnitError("名单里没有可以导入的新单位。", "none")
        units_write(plan, SINCE, by)
    return plan


def next_code(parent: Unit, taken: set[str]) -> str:
    """The first free code of three more digits below a village or group."""
    if parent.level not in (Unit.Level.VILLAGE, Unit.Level.GROUP):
        raise UnitError("请填写 12 位区划代码。", "code")
    code = free_code(parent.code, taken)
    if code is None:
        raise UnitError(f"{parent}下的代码已用完。", "code")
    return code


def child_codes(parents: Iterable[Unit]) -> set[str]:
    """Codes in use below these units."""
    return set(Unit.objects.filter(parent__in=[parent.pk for parent in parents]).values_list("code", flat=True))


def _units(codes: set[str]) -> UnitQuerySet:
    return Unit.objects.filter(code__in=sorted(codes))


def _draft_of(row: UnitRow, found: dict[str, Unit], on: date) -> Unit:
    return unit_draft(
        code=row.code,
        name=row.name,
        level=row.level,
        parent=found[row.parent] if row.parent else None,
        valid_from=row.valid_from or on,
        valid_to=row.valid_to,
        key_area=row.key_area,
    )


def _rename(lines: list[PlannedUnit], found: dict[str, Unit], by: User | None) -> None:
    for line in lines:
        found[line.row.code].name = line.row.name
    units = [found[line.row.code] for line in lines]
    bulk_update_with_history(units, Unit, ["name"], batch_size=1000, default_user=by)


def _link(rows: list[UnitRow], found: dict[str, Unit]) -> None:
    """Who took over from the ended units, as far as the list says it."""
    found = found | {unit.code: unit for unit in _units({row.successor for row in rows} - found.keys())}
    Succession.objects.bulk_create(
        Succession(predecessor=found[row.code], successor=found[row.successor], on=row.valid_to or SINCE) for row in rows
    )
