"""An old 特殊群体台账 on its way in: read, looked at row by row, taken into the care ledger (plan §三.2; missions M28, M39).

Residents are found in the register and nobody is added to it. A past contact is history: the days begin to run with the import.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from governance.accounts.models import User
from governance.cases.models import Visit
from governance.frame.imports.flow import Outcome
from governance.frame.imports.payload import NEW, SAME, PreviewRow
from governance.frame.saving import insert_by
from governance.periods import SHANGHAI
from governance.sheets.care import CARE_FIELDS, read_care
from governance.sheets.cells import REFUSE
from governance.sheets.rows import ReadSheets, RowResult
from villages.township_flow import TownshipFlow
from volunteers.care.errors import CareError
from volunteers.care.sheet_rows import Register
from volunteers.care.tiers import is_minor, next_due
from volunteers.models import CareImport, CareNote, CareRecord

BATCH = 1000
BROUGHT = "从原台账导入"
NOON = time(12)


class CareFlow(TownshipFlow[CareImport, Outcome]):
    """A township's ledger. `counts` also hold people `new` and `same`."""

    model, outcome, error, fields = CareImport, Outcome, CareError, CARE_FIELDS
    ledger = "特殊困难群体台账"
    committed_words = "纳入 {new} 人，已在台账 {same} 人；{left_out} 行未导入，可下载退回表。"

    def parse(self, sheet: CareImport, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> ReadSheets:
        return read_care(data, sheet.filename, self.villages(sheet, on), on, sheet.overrides, towns=sheet.township.own_names)

    def compare(
        self, sheet: CareImport, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date
    ) -> Register:
        register = Register(sheet.township, [item.row for item in rows], by, on)
        for item in rows:
            register.judge(item, levels)
        return register

    def takes(self, item: PreviewRow, levels: Sequence[str]) -> bool:
        """Who is found; also who stands in the ledger like this already, whatever else is to be looked at in the row."""
        if item.outcome == SAME:
            return item.row.verdict != REFUSE
        return item.outcome == NEW and super().takes(item, levels)

    def write(self, plan: Register, rows: list[PreviewRow], by: User) -> dict[str, int]:
        fresh = [item.row for item in rows if item.outcome == NEW]
        records = insert_by([_record(plan, row, by) for row in fresh], by, CareError)
        _write_contacts(fresh, records, by)
        return {"new": len(records), "same": len(rows) - len(fresh)}


def _record(plan: Register, row: RowResult, by: User) -> CareRecord:
    """Taken in today; the first contact is due one interval later, whenever the last one was."""
    person, category, tier = plan.residents[id(row)], plan.category(row), plan.tier(row)
    assert category is not None
    said: Any = row.values
    record = CareRecord(
        township=plan.township,
        village=person.household.village,
        unit=person.household.unit,
        resident=person,
        category=category,
        is_child=category.is_child or is_minor(person.birth_date, plan.on),
        tier=tier,
        tier_reason="；".join(filter(None, (BROUGHT, _other_words(row, category.name))))[:200],
        helper=plan.helper(row),
        needs=(said["needs"] or "")[:200],
        consent=CareRecord.Consent.DUTY,
        entered_on=plan.on,
        entered_by=by,
        judged_on=plan.on,
        last_on=said["last_on"],
        due_on=next_due(None, plan.on, category.days_of(tier)),
    )
    record.set_private(_joined(said, "guardian", "guardian_relation", "guardian_phone"), _private_words(said))
    return record


def _other_words(row: RowResult, name: str) -> str:
    """The category as the sheet has it, where it is not, or not only, the township's."""
    also, before = row.values["also"], row.before("category").strip()
    return f"原类别：{before}" if before and (also or row.values["category"] != name) else ""


def _private_words(said: Mapping[str, Any]) -> str:
    """Illness and disability, and what may say either: the remark, and what a contact without a day found."""
    note = f"备注：{said['note']}" if said["note"] else ""
    contact = _contact_words(said) if said["last_on"] is None else ""
    return "；".join(filter(None, (_joined(said, "health", "disability", "disability_level"), note, contact)))


def _contact_words(said: Mapping[str, Any]) -> str:
    labels = (("seen", "探访情况"), ("found", "发现问题"), ("done", "处理结果"))
    return "；".join(f"{label}：{said[key]}" for key, label in labels if said[key])


def _joined(said: Mapping[str, Any], *keys: str) -> str:
    return "，".join(str(said[key]) for key in keys if said[key])


def _write_contacts(rows: Sequence[RowResult], records: Sequence[CareRecord], by: User) -> None:
    """The last contact of each as a visit with its note. A finding without an outcome is left for somebody to settle; nobody is
    told of the past."""
    met = [(row, record) for row, record in zip(rows, records, strict=True) if record.last_on is not None]
    now = timezone.now()
    visits = insert_by([_visit(row, record, by, now) for row, record in met], by, CareError)
    notes = [_note(row, record, visit, now) for (row, record), visit in zip(met, visits, strict=True)]
    CareNote.objects.bulk_create(notes, batch_size=BATCH)


def _visit(row: RowResult, record: CareRecord, by: User, now: datetime) -> Visit:
    assert record.last_on is not None
    return Visit(
        township_id=record.township_id,
        kind=Visit.Kind.CALL,
        village=record.village,
        unit=record.unit,
        household=record.resident.household,
        went_at=min(datetime.combine(record.last_on, NOON, SHANGHAI), now),
        seen=f"{BROUGHT}的探访。",
        by=by,
        logged_at=now,
    )


def _note(row: RowResult, record: CareRecord, visit: Visit, now: datetime) -> CareNote:
    open_need = row.values["found"] is not None and row.values["done"] is None
    condition = CareNote.Condition.NEEDS if open_need else CareNote.Condition.WELL
    return CareNote(
        visit=visit, resident=record.resident, condition=condition, need=_contact_words(row.values)[:200], by=visit.by, at=now
    )


CARE_IMPORT = CareFlow()
