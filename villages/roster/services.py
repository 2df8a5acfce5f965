"""Roster import: how a roster is judged against the register and written to it (missions M01, M39).

What every import shares stands in `governance/frame/imports/`, the staff pages in `villages/roster_admin.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.imports.flow import Outcome
from governance.frame.imports.payload import PreviewRow
from governance.sheets.roster import read_roster
from governance.sheets.roster_fields import ROSTER_FIELDS
from governance.sheets.rows import ReadSheets
from villages.models import Unit
from villages.roster.match import match_families
from villages.roster.models import RosterImport
from villages.roster.write import RosterWriter
from villages.township_flow import TownshipFlow


class RosterError(DomainError):
    """An import that is refused: `scope`, `state`, `mapping`."""


@dataclass(frozen=True)
class RosterOutcome(Outcome):
    """Also people changed, households and units written."""

    update: int
    households_new: int
    households_update: int
    units_new: int


class RosterFlow(TownshipFlow[RosterImport, RosterOutcome]):
    """`counts` also hold people `new`, `update`, `same`, `households_new`, `units_new`."""

    model, outcome, error, fields = RosterImport, RosterOutcome, RosterError, ROSTER_FIELDS
    ledger = "名册"
    committed_words = "新增 {new} 人，更新 {update} 人，无变化 {same} 人；{left_out} 行未导入，可下载退回表。"
    stale_by = "township"

    def parse(self, sheet: RosterImport, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> ReadSheets:
        sheet.sha256 = hashlib.sha256(data).hexdigest()
        villages = Unit.objects.visible_to(by, Action.ROSTER_IMPORT).villages().on(on).filter(parent=sheet.township)
        named = list(villages.values_list("code", "name"))
        return read_roster(data, sheet.filename, named, sheet.overrides, towns=sheet.township.own_names)

    def compare(
        self, sheet: RosterImport, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date
    ) -> RosterWriter:
        families, register = match_families(rows, sheet.township)
        return RosterWriter(families, register, levels, on, by)

    def brings(self, item: PreviewRow) -> bool:
        """What says nothing new of a person may say it of the household."""
        return True

    def outlook(self, plan: RosterWriter, rows: list[PreviewRow]) -> dict[str, int]:
        return plan.outlook()

    def write(self, plan: RosterWriter, rows: list[PreviewRow], by: User) -> dict[str, int]:
        return plan.write()


ROSTER_IMPORT = RosterFlow()
