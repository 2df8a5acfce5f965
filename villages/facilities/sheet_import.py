"""The register of places on its way in: what a village has not entered yet is added, nothing is written over (missions M08–M10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.imports.flow import Outcome
from governance.frame.imports.payload import NEW, NONE, SAME, PreviewRow
from governance.frame.saving import insert_by
from governance.sheets.cells import LOOK, REFUSE
from governance.sheets.facilities import FACILITY_FIELDS, read_facilities
from governance.sheets.rows import ReadSheets, RowResult
from villages.facilities.kinds import KIND_CHOICES, FacilityKind, kinds
from villages.facilities.models import CHINA, KEEPER_CHOICES, Facility, FacilityImport
from villages.facilities.services import PUBLIC_TEXTS, FacilityError, public_check
from villages.models import Unit
from villages.township_flow import TownshipFlow

TEXTS = {"name": 60, "address": 120, "owner": 60, "hours": 60, "amount": 30}
Key = tuple[str, str, str]


@dataclass
class Plan:
    """The township's villages by code, their settlements by code of the village and name, and what stands in the register."""

    on: date
    villages: Mapping[str, Unit]
    places: Mapping[tuple[str, str], Unit]
    there: set[Key]
    fresh: dict[Key, Facility] = field(default_factory=dict)


class FacilityFlow(TownshipFlow[FacilityImport, Outcome]):
    """A township's register. `counts` also hold places `new` and `same`."""

    model, outcome, error, fields = FacilityImport, Outcome, FacilityError, FACILITY_FIELDS
    own = (Facility,)
    ledger = "设施和点位"
    committed_words = "新登记 {new} 处，已有 {same} 处，未导入 {left_out} 行。"

    def parse(self, sheet: FacilityImport, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> ReadSheets:
        return read_facilities(data, sheet.filename, self.villages(sheet, on), on, sheet.overrides, towns=sheet.township.own_names)

    def compare(self, sheet: FacilityImport, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date) -> Plan:
        villages = {village.code: village for village in Unit.objects.villages().on(on).filter(parent=sheet.township)}
        below = Unit.objects.within(sheet.township).on(on).filter(level__in=[Unit.Level.GROUP, Unit.Level.SETTLEMENT])
        standing = Facility.objects.filter(village__parent=sheet.township).exclude(state=Facility.State.ENDED)
        there = set(standing.values_list("village__code", "kind", "name"))
        plan = Plan(on, villages, {(unit.code[:12], unit.name): unit for unit in below}, there)
        for item in rows:
            item.outcome = _judge(item.row, plan, levels) if item.row.verdict != REFUSE else NONE
        for village in villages.values():
            _judge_words(village, [item for item in rows if item.outcome == NEW and item.row.values["village_code"] == village.code])
        return plan

    def write(self, plan: Plan, rows: list[PreviewRow], by: User) -> dict[str, int]:
        new = [plan.fresh[_key(item.row)] for item in rows if item.outcome == NEW]
        for facility in new:
            facility.recorded_by = by
        insert_by(new, by, FacilityError)
        return {"new": len(new), "same": sum(item.outcome == SAME for item in rows)}


FACILITY_IMPORT = FacilityFlow()


def _key(row: RowResult) -> Key:
    kind = _kind(str(row.values["kind"]))
    return str(row.values["village_code"]), kind.key if kind else "", str(row.values["name"])


def _kind(written: str) -> FacilityKind | None:
    """By its name; a name that begins or ends just one kind's will do: 天网, 污水集中处理."""
    named = [key for key, name in KIND_CHOICES if name == written] or [key for key, name in KIND_CHOICES if written in name]
    return kinds()[named[0]] if len(named) == 1 else None


def _judge(row: RowResult, plan: Plan, levels: Sequence[str]) -> str:
    key, kind = _key(row), _kind(str(row.values["kind"]))
    if kind is None:
        row.flag("kind", REFUSE, "没有这个类型，请写：" + "、".join(name for _, name in KIND_CHOICES))
        return NONE
    if key in plan.there:
        return SAME
    if key in plan.fresh:
        row.flag("name", REFUSE, "表里前面已有同村同类同名的，不是同一处的请改名称")
        return NONE
    facility = _facility(row, plan, kind)
    if row.verdict == REFUSE:
        return NONE
    if row.verdict in levels:
        plan.fresh[key] = facility
    return NEW


def _judge_words(village: Unit, items: Sequence[PreviewRow]) -> None:
    """What residents will read of the village's new places, all at once; one by one only where somebody is named."""
    try:
        public_check(village, [text for item in items for text in _public(item.row)])
    except DomainError:
        for item in items:
            try:
                public_check(village, _public(item.row))
            except DomainError as error:
                item.row.flag("name", REFUSE, f"这一类对外公开：{error}")
                item.outcome = NONE


def _public(row: RowResult) -> list[str]:
    kind = _kind(str(row.values["kind"]))
    return [str(row.values[key] or "") for key in PUBLIC_TEXTS] if kind and kind.is_public else []


def _facility(row: RowResult, plan: Plan, kind: FacilityKind) -> Facility:
    said, village = row.values, plan.villages[str(row.values["village_code"])]
    since = said["since"]
    if not isinstance(since, date):
        row.flag("since", LOOK, "没有写启用日期，按今天")
        since = plan.on
    facility = Facility(village=village, unit=_unit(row, plan, village), kind=kind.key, since=since, check_due_on=kind.next_check(plan.on))
    for key, most in TEXTS.items():
        text = str(said[key] or "")
        if len(text) > most:
            row.flag(key, REFUSE, f"最多 {most} 个字")
        setattr(facility, key, text)
    _keeper(row, facility)
    _homes(row, facility, kind)
    _point(row, facility)
    return facility


def _unit(row: RowResult, plan: Plan, village: Unit) -> Unit:
    written = str(row.values["unit"] or "")
    if not written or written in (village.name, str(village)):
        return village
    found = plan.places.get((village.code[:12], written))
    if found is None:
        row.flag("unit", LOOK, f"{village}没有“{written}”，登记在村里")
    return found or village


def _keeper(row: RowResult, facility: Facility) -> None:
    written = str(row.values["keeper"] or "")
    facility.keeper = next((key for key, label in KEEPER_CHOICES if label == written), "")
    if written and not facility.keeper:
        row.flag("keeper", LOOK, "这里写岗位，如环境卫生监督员；写的不是岗位，没有导入")


def _homes(row: RowResult, facility: Facility, kind: FacilityKind) -> None:
    for key in ("served", "connected"):
        if row.values[key] is None:
            continue
        if kind.serves:
            setattr(facility, key, int(str(row.values[key])))
        else:
            row.flag(key, LOOK, f"{kind.name}不填户数，没有导入")
    if facility.connected is not None and (facility.served is None or facility.connected > facility.served):
        row.flag("connected", REFUSE, "接入户数不能多于服务户数")


def _point(row: RowResult, facility: Facility) -> None:
    given = [key for key in CHINA if row.values[key] is not None]
    for key in given:
        value, (least, most) = Decimal(str(row.values[key])), CHINA[key]
        if len(given) < len(CHINA) or not least <= value <= most:
            row.flag(key, REFUSE, "纬度和经度要一起填，并且在中国境内")
        setattr(facility, key, value)
