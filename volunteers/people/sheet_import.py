"""An old 志愿服务台账 on its way in: read, looked at row by row, committed as hours (plan §三.2; mission M39).

Who is no volunteer yet but stands in the register, or is written with ID number and phone, becomes one where the clerk says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.accounts.models import User
from governance.frame.imports.flow import Outcome
from governance.frame.imports.payload import NEW, PreviewRow
from governance.sheets.hours import HOURS_FIELDS, read_hours
from governance.sheets.rows import ReadSheets
from villages.township_flow import TownshipFlow
from volunteers.models import Hours, HoursImport
from volunteers.people.errors import VolunteerError
from volunteers.people.sheet_rows import Register
from volunteers.people.sheet_writing import Writing


@dataclass(frozen=True)
class HoursOutcome(Outcome):
    """`people`: who became volunteers by it."""

    people: int


class HoursFlow(TownshipFlow[HoursImport, HoursOutcome]):
    """A township's ledgers. `counts` also hold hours `new` and `same`. `about`: also `agreed_on`, the day (ISO) on which all whom the
    ledger makes volunteers had agreed on paper, "" where it does not say so."""

    model, outcome, error, fields = HoursImport, HoursOutcome, VolunteerError, HOURS_FIELDS
    own = (Hours,)
    ledger = "志愿服务台账"
    committed_words = "新增时长 {new} 条，已有 {same} 条，登记志愿者 {people} 人；{left_out} 行未导入，可下载退回表。"

    def parse(self, sheet: HoursImport, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> ReadSheets:
        return read_hours(data, sheet.filename, self.villages(sheet, on), on, sheet.overrides, towns=sheet.township.own_names)

    def compare(
        self, sheet: HoursImport, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date
    ) -> Register:
        said = sheet.counts.get("about", {}).get("agreed_on") or ""
        register = Register(sheet.township, [item.row for item in rows], on, date.fromisoformat(said) if said else None)
        for item in rows:
            register.judge(item, levels)
        return register

    def write(self, plan: Register, rows: list[PreviewRow], by: User) -> dict[str, int]:
        fresh = [item.row for item in rows if item.outcome == NEW]
        people = Writing(plan, fresh, by).write()
        return {"new": len(fresh), "same": len(rows) - len(fresh), "people": people}


HOURS_IMPORT = HoursFlow()
