"""A past 户月评 on its way in: read, looked at row by row, written as history (plan §三.4 一月一评; missions M27, M39).

A month that is locked takes nothing more. A month in which households can still be judged earns what its plates earn, once; any other is
history without points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.imports.flow import Outcome
from governance.frame.imports.payload import NEW, SAME, PreviewRow
from governance.periods import Kind, Period
from governance.sheets.cells import REFUSE
from governance.sheets.checks import CheckItem, check_fields, read_checks
from governance.sheets.headings import Field
from governance.sheets.rows import ReadSheets
from inspections.checks.posting import plate_post
from inspections.checks.services import check_day
from inspections.checks.sheet_rows import Draft, Register
from inspections.errors import InspectionError
from inspections.models import CheckImport, Checklist, ChecklistItem, HouseholdCheck
from inspections.scorecards.scoring import ZERO
from inspections.scorecards.scoring import Kind as ItemKind
from villages.township_flow import TownshipFlow

BATCH = 1000


@dataclass(frozen=True)
class CheckOutcome(Outcome):
    """`posted`: of how many new ones the points were posted."""

    posted: int


class CheckFlow(TownshipFlow[CheckImport, CheckOutcome]):
    """A township's matrices. `counts` also hold checks `new`, `same`, and `posted`."""

    model, outcome, error = CheckImport, CheckOutcome, InspectionError
    ledger = "户月评台账"
    committed_words = "新增 {new} 户次（其中入账 {posted} 户次），已有 {same} 户次；{left_out} 行未导入，可下载退回表。"

    @property
    def fields(self) -> Sequence[Field]:  # type: ignore[override]
        """The columns of all cards: a heading may be matched with any line or section of theirs."""
        return check_fields(_names(Checklist.objects.filter(use=Checklist.Use.HOUSEHOLD, state=Checklist.State.ADOPTED)))

    def parse(self, sheet: CheckImport, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> ReadSheets:
        checklist = Checklist.objects.in_force(sheet.township_id, Checklist.Use.HOUSEHOLD, on)
        if checklist is None:
            raise InspectionError("镇里还没有启用户月评检查表，请先在“检查表”里启用。", "card")
        towns = sheet.township.own_names
        return read_checks(
            data, sheet.filename, self.villages(sheet, on), _items(checklist), checklist.full, on, sheet.overrides, towns=towns
        )

    def compare(
        self, sheet: CheckImport, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date
    ) -> Register:
        register = Register(sheet.township, [item.row for item in rows], by, timezone.now())
        register.judge(rows, levels)
        return register

    def takes(self, item: PreviewRow, levels: Sequence[str]) -> bool:
        """What is found and clear; also what is there already, whatever else is to be looked at in the row."""
        if item.outcome == SAME:
            return item.row.verdict != REFUSE
        return item.outcome == NEW and super().takes(item, levels)

    def outlook(self, plan: Register, rows: list[PreviewRow]) -> dict[str, int]:
        posted = sum(item.outcome == NEW and plan.drafts[id(item)].deed is not None for item in rows)
        return super().outlook(plan, rows) | {"posted": posted}

    def write(self, plan: Register, rows: list[PreviewRow], by: User) -> dict[str, int]:
        fresh = [item for item in rows if item.outcome == NEW]
        history = [item for item in fresh if plan.drafts[id(item)].deed is None]
        HouseholdCheck.objects.bulk_create([_check(plan.drafts[id(item)], plan) for item in history], batch_size=BATCH)
        posted = sum(_post(item, plan) for item in fresh if plan.drafts[id(item)].deed is not None)
        return {"new": len(history) + posted, "same": len(rows) - len(fresh), "posted": posted}


def _check(draft: Draft, plan: Register) -> HouseholdCheck:
    return HouseholdCheck(
        township=plan.township,
        household=draft.household,
        month=draft.month,
        checklist=draft.checklist,
        faults=dict(draft.faults),
        score=draft.score,
        plate=draft.plate,
        note=draft.note,
        by=plan.by,
        at=plan.now,
    )


def _post(item: PreviewRow, plan: Register) -> bool:
    """A check of an open month with what its plate earns; where the ledger refuses, the row comes back with its reason."""
    draft = plan.drafts[id(item)]
    assert draft.deed is not None
    check = _check(draft, plan)
    on = check_day(Period(Kind.MONTH, draft.month), plan.now)
    try:
        with transaction.atomic():
            check.entry = plate_post(check=check, deeds={draft.plate: draft.deed}, on=on, by=plan.by, now=plan.now)
            check.save()
    except DomainError as error:
        item.row.flag("plate", REFUSE, error.message)
        return False
    return True


def _names(checklists: Any) -> list[str]:
    """What a heading may call: the sections of some cards and their lines."""
    rows = ChecklistItem.objects.filter(section__checklist__in=checklists).order_by("section__checklist", "section__position", "position")
    pairs = list(rows.values_list("section__name", "name"))
    return [section for section, _ in pairs] + [name for _, name in pairs]


def _items(checklist: Checklist) -> list[CheckItem]:
    """The sections of a card and its lines; a line that shares its points may lose all that its section has."""
    rows = ChecklistItem.objects.filter(section__checklist=checklist).select_related("section").order_by("section__position", "position")
    lines = [
        CheckItem(row.name, row.points, (row.points or ZERO) if row.kind == ItemKind.WHOLE else row.per_case)
        for row in rows
    ]
    return [CheckItem(section.name, section.points) for section in checklist.sections.order_by("position")] + lines


CHECK_IMPORT = CheckFlow()
