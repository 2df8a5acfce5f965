"""An old 决策台账 on its way in: read, looked at row by row, committed as history, which no gate ever counts (missions M19, M39)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from governance.accounts.models import User
from governance.councils.decisions.errors import DecisionError
from governance.councils.decisions.import_models import DecisionImport
from governance.councils.decisions.kind_models import DecisionKind
from governance.councils.decisions.models import Decision
from governance.councils.decisions.services import NUMBER_LETTERS
from governance.frame.imports.flow import Outcome
from governance.frame.imports.payload import NEW, SAME, PreviewRow
from governance.periods import today
from governance.sheets.cells import CLEAN, REFUSE
from governance.sheets.decisions import DECISION_FIELDS, read_decisions
from governance.sheets.rows import ReadSheets, RowResult
from villages.models import Unit
from villages.numbers.services import numbers_take
from villages.township_flow import TownshipFlow

USUAL = "siyi"
NO_REASON = "旧台账没有写事由"

Key = tuple[int, str, date]


@dataclass
class Plan:
    """What the register knows: villages by code, kinds by name, what is there already."""

    township: Unit
    villages: Mapping[str, Unit]
    kinds: Sequence[DecisionKind]
    there: set[Key]

    def kind_of(self, row: RowResult) -> DecisionKind:
        """The kind that the row names, the usual one where it names none that is known."""
        written = "".join(str(row.values["kind"] or "").split())
        named = [kind for kind in self.kinds if written and (kind.name in written or written in kind.name)]
        return (named or [kind for kind in self.kinds if kind.code == USUAL] or list(self.kinds))[0]

    def key_of(self, row: RowResult) -> Key:
        village, day = self.villages[str(row.values["village_code"])], row.values["proposed_on"]
        assert isinstance(day, date)
        return village.pk, str(row.values["title"]), day


class DecisionFlow(TownshipFlow[DecisionImport, Outcome]):
    """A township's books. `counts` also hold decisions `new` and `same`."""

    model, outcome, error, fields = DecisionImport, Outcome, DecisionError, DECISION_FIELDS
    own = (Decision,)
    ledger = "决策台账"
    committed_words = "新增历史决策 {new} 件，已有 {same} 件，未导入 {left_out} 行。"

    def parse(self, sheet: DecisionImport, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> ReadSheets:
        villages = self.villages(sheet, on)
        return read_decisions(data, sheet.filename, villages, on, sheet.overrides, towns=sheet.township.own_names)

    def compare(self, sheet: DecisionImport, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date) -> Plan:
        plan = _plan(sheet.township, on)
        for item in rows:
            if item.row.verdict != REFUSE:
                _judge(item, plan)
        return plan

    def write(self, plan: Plan, rows: list[PreviewRow], by: User) -> dict[str, int]:
        fresh = [item.row for item in rows if item.outcome == NEW]
        numbers = numbers_take(plan.township, f"{NUMBER_LETTERS}{today().year}-", count=len(fresh)) if fresh else []
        now = timezone.now()
        drafts = []
        for row, number in zip(fresh, numbers, strict=True):
            village, title, day = plan.key_of(row)
            drafts.append(
                Decision(
                    township=plan.township, village_id=village, unit_id=village, kind=plan.kind_of(row), number=number, title=title,
                    purpose=str(row.values["purpose"] or NO_REASON), proposed_on=day, begun_by=by, begun_at=now, is_history=True,
                    history_outcome=str(row.values["outcome"] or ""),
                )
            )  # fmt: skip
        Decision.objects.bulk_create(drafts, batch_size=1000)
        return {"new": len(fresh), "same": len(rows) - len(fresh)}


DECISION_IMPORT = DecisionFlow()


def _plan(township: Unit, on: date) -> Plan:
    villages = {village.code: village for village in Unit.objects.villages().on(on).filter(parent=township)}
    kinds = list(DecisionKind.objects.in_force(on).filter(township=township).order_by("pk"))
    if not kinds:
        raise DecisionError("请先补齐自带的决策程序，再导入。", "kind")
    there = Decision.objects.filter(township=township).values_list("village", "title", "proposed_on")
    return Plan(township, villages, kinds, set(there))


def _judge(item: PreviewRow, plan: Plan) -> None:
    row = item.row
    kind, written = plan.kind_of(row), str(row.values["kind"] or "")
    if written and kind.name not in written:
        row.flag("kind", CLEAN, f"“{written}”按“{kind.name}”登记")
    key = plan.key_of(row)
    item.outcome = SAME if key in plan.there else NEW
    plan.there.add(key)
