"""The yearly table on its way in: each village's row becomes a statement reported to the township (mission M07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from governance.accounts.models import User
from governance.frame.imports.flow import Outcome
from governance.frame.imports.payload import NEW, NONE, SAME, PreviewRow
from governance.sheets.cells import LOOK, REFUSE
from governance.sheets.economy import ECONOMY_FIELDS, MONEY, read_economy
from governance.sheets.money import fen_of, yuan
from governance.sheets.rows import ReadSheets, RowResult
from villages.economy.figures import gain_of
from villages.economy.heads import FIRST_YEAR, scheme_of
from villages.economy.models import EconomyAmount, EconomyImport, EconomyStatement
from villages.economy.services import EconomyError, amounts_rows
from villages.models import Unit
from villages.township_flow import TownshipFlow

TWICE = "表里这个村这一年写了两次，金额不同"
THERE = "系统里已有这一年的收支，金额不同，请在页面上改或更正"

Key = tuple[str, int]


@dataclass
class Plan:
    """The township's villages by code, and each year's latest amounts as they stand or wait."""

    villages: Mapping[str, Unit]
    there: dict[Key, dict[str, int]]
    fresh: dict[Key, dict[str, int]] = field(default_factory=dict)


class EconomyFlow(TownshipFlow[EconomyImport, Outcome]):
    """A township's table. `counts` also hold statements `new` and `same`."""

    model, outcome, error, fields = EconomyImport, Outcome, EconomyError, ECONOMY_FIELDS
    own = (EconomyStatement,)
    ledger = "村集体经济收支"
    committed_words = "新报 {new} 个村，已有 {same} 个村，未导入 {left_out} 行。"

    def parse(self, sheet: EconomyImport, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> ReadSheets:
        return read_economy(data, sheet.filename, self.villages(sheet, on), on, sheet.overrides, towns=sheet.township.own_names)

    def compare(self, sheet: EconomyImport, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date) -> Plan:
        villages = {village.code: village for village in Unit.objects.villages().on(on).filter(parent=sheet.township)}
        found = EconomyStatement.objects.filter(village__parent=sheet.township).select_related("village")
        kept = found.order_by("version").prefetch_related("amounts")
        plan = Plan(villages, {(one.village.code, one.year): one.fens for one in kept})
        for item in rows:
            item.outcome = _judge(item.row, plan) if item.row.verdict != REFUSE else NONE
        return plan

    def write(self, plan: Plan, rows: list[PreviewRow], by: User) -> dict[str, int]:
        new = [item.row for item in rows if item.outcome == NEW]
        now, keys = timezone.now(), [_key(row) for row in new]
        drafts = EconomyStatement.objects.bulk_create(
            EconomyStatement(village=plan.villages[code], year=year, drafted_by=by, drafted_at=now) for code, year in keys
        )
        EconomyAmount.objects.bulk_create(
            amount for draft, key in zip(drafts, keys, strict=True) for amount in amounts_rows(draft, plan.fresh[key])
        )
        written = EconomyStatement.objects.filter(pk__in=[draft.pk for draft in drafts])
        written.update(state=EconomyStatement.State.REPORTED)
        return {"new": len(new), "same": len(rows) - len(new)}


ECONOMY_IMPORT = EconomyFlow()


def _key(row: RowResult) -> Key:
    return str(row.values["village_code"]), int(str(row.values["year"]))


def _judge(row: RowResult, plan: Plan) -> str:
    """NEW, SAME, or NONE where the row is refused: the reason stands at its cell."""
    key = _key(row)
    if key[1] < FIRST_YEAR:
        row.flag("year", REFUSE, f"{key[1]}年没有可用的会计科目")
        return NONE
    amounts = _amounts(row, key[1])
    if amounts is None:
        return NONE
    for known, words in ((plan.fresh, TWICE), (plan.there, THERE)):
        if key in known:
            if known[key] == amounts:
                return SAME
            row.flag("village", REFUSE, words)
            return NONE
    _compare_gain(row, key[1], amounts)
    plan.fresh[key] = amounts
    return NEW


def _amounts(row: RowResult, year: int) -> dict[str, int] | None:
    """Fen by head of the year; a blank cell is 0 and said to be; None where a cell is refused."""
    scheme = scheme_of(year)
    keys = {head.key for head in scheme.heads}
    for key in MONEY:
        written = row.values[key]
        if written is not None and fen_of(str(written)) and key not in keys and key != "gain":
            row.flag(key, REFUSE, f"{year}年没有这个科目，请并入别的科目")
    amounts = {}
    for head in scheme.heads:
        written = row.values[head.key]
        if written is None:
            row.flag(head.key, LOOK, f"没有写{head.name}，按 0 元")
        amounts[head.key] = fen_of(str(written)) if written is not None else 0
        if amounts[head.key] < 0 and not head.may_be_negative:
            row.flag(head.key, REFUSE, f"{head.name}不能是负数")
    return None if row.verdict == REFUSE else amounts


def _compare_gain(row: RowResult, year: int, amounts: Mapping[str, int]) -> None:
    """What the table itself gives as 经营收益 is not taken over, and a difference is said."""
    written, gain = row.values["gain"], gain_of(year, amounts)
    if written is None:
        return
    if fen_of(str(written)) != gain:
        row.flag("gain", LOOK, f"表上经营收益是 {written} 元，按{year}年的算法是 {yuan(gain)} 元，以算出的为准")
    row.values["gain"] = yuan(gain)
