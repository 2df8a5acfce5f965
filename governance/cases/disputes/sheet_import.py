"""An existing 矛盾纠纷台账 on its way in: read, looked at, committed; what is refused on the pages is refused here too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from governance.accounts.models import User
from governance.cases.disputes.sheet_register import Register
from governance.cases.disputes.sheet_writing import Writing
from governance.cases.errors import CaseError
from governance.cases.models import Case, DisputeImport
from governance.frame.imports.flow import Outcome
from governance.frame.imports.payload import PreviewRow
from governance.sheets.cells import REFUSE
from governance.sheets.disputes import DISPUTE_FIELDS, read_disputes
from governance.sheets.rows import ReadSheets
from villages.models import Unit
from villages.township_flow import TownshipFlow


class DisputeFlow(TownshipFlow[DisputeImport, Outcome]):
    """`counts` also hold disputes `new` and `same`."""

    model, outcome, error, fields = DisputeImport, Outcome, CaseError, DISPUTE_FIELDS
    own = (Case,)
    ledger = "矛盾纠纷台账"
    committed_words = "新增 {new} 件，已有 {same} 件；{left_out} 行未导入，可下载退回表。"

    def parse(self, sheet: DisputeImport, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> ReadSheets:
        return read_disputes(data, sheet.filename, self.villages(sheet, on), on, sheet.overrides, towns=sheet.township.own_names)

    def compare(
        self, sheet: DisputeImport, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date
    ) -> Register:
        register = Register(sheet.township, [item.row for item in rows if item.row.verdict != REFUSE], by, on)
        for item in rows:
            register.judge(item)
        return register

    def lock(self, sheet: DisputeImport, by: User) -> None:
        """Against another import alone: who files a case holds its number and then asks for the township's key."""
        Unit.objects.select_for_update(no_key=True).get(pk=sheet.township_id)

    def write(self, plan: Register, rows: list[PreviewRow], by: User) -> dict[str, int]:
        new = Writing(plan, by, timezone.now()).write(item.row for item in rows)
        return {"new": new, "same": len(rows) - new}


DISPUTE_IMPORT = DisputeFlow()
