"""关爱记录: how somebody of a visited household is, what they need, when to come again (domain.md §6; never published)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.accounts.duties import Action, Duty
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.cases.models import Visit
from governance.cases.visits.services import VisitError, VisitReport, visit_write
from governance.periods import today
from villages.models import Resident
from volunteers.care.climbing import holders_at
from volunteers.care.errors import CareError
from volunteers.care.levels import helps, may_see_children
from volunteers.care.tiers import is_minor
from volunteers.care.turns import care_follow
from volunteers.models import CareNote, CareRecord

SEEN = {Visit.Kind.PHONE: "电话（视频）联系到本人。", Visit.Kind.CALL: "见到本人。"}


def care_note_add(
    *, visit: Visit, resident: Resident, condition: str, need: str = "", again_on: date | None = None, by: User,
    at: datetime | None = None, key: UUID | None = None,
) -> CareNote:  # fmt: skip
    """One note for a person and a visit; an earlier note that asked to come again is met by it, and so is what the care ledger
    asks for. 需要帮助 and 情况紧急 tell the village at once, of a child those who answer for children."""
    now = at or timezone.now()
    if visit.household_id is None or resident.household_id != visit.household_id:
        raise VisitError("关爱记录只能记这次走访的户里的人。", "scope")
    if not may_note(by, resident):
        raise VisitError("这个人的情况不由您登记。", "scope", field="resident")
    if condition != CareNote.Condition.WELL and not need.strip():
        raise VisitError("请写明需要什么帮助。", "need", field="need")
    if again_on is not None and again_on < today(now):
        raise VisitError("下次看望不能早于今天。", "date", field="again_on")
    if CareNote.objects.filter(visit=visit, resident=resident).exists():
        raise VisitError(f"这次走访已经记过{resident.name}的情况。", "state")
    with transaction.atomic():
        note = CareNote.objects.create(
            visit=visit, resident=resident, condition=CareNote.Condition(condition), need=need.strip(), again_on=again_on,
            by=by, at=now, key=key,
        )  # fmt: skip
        earlier = CareNote.objects.filter(resident=resident, again_on__isnull=False, again_by=None)
        earlier.exclude(pk=note.pk).update(again_by=visit)
        care_follow(resident=resident, note=note, at=now)
        if note.condition != CareNote.Condition.WELL:
            _tell(note, by, now)
    return note


def care_contact(
    *, record: CareRecord, kind: str, condition: str, need: str = "", by: User, at: datetime | None = None, key: UUID | None = None
) -> CareNote:  # fmt: skip
    """Visit and note at once: seen in person or reached by phone. What comes again under its `key` is not written again."""
    sent = CareNote.objects.filter(key=key, by=by, resident=record.resident_id).first() if key else None
    if sent is not None:
        return sent
    if kind not in SEEN or not may_note(by, record.resident):
        raise CareError("此人不在您可以联系登记的范围内。", "scope")
    household = record.resident.household
    report = VisitReport(kind=kind, unit=household.unit, household=household, seen=SEEN[Visit.Kind(kind)])
    try:
        with transaction.atomic():
            visit = visit_write(report=report, by=by, at=at)
            return care_note_add(visit=visit, resident=record.resident, condition=condition, need=need, by=by, at=at, key=key)
    except IntegrityError:  # the same key at the same moment, from another page of the phone
        return CareNote.objects.get(key=key, by=by, resident=record.resident_id)


def may_note(user: User, resident: Resident) -> bool:
    """Whoever helps the person; who logs visits and sees care there. A child's answer is the same in care and out of it."""
    record = CareRecord.objects.current().select_related("unit", "village").filter(resident=resident).first()
    if record is not None and helps(user, record):
        return True
    path = resident.household.unit.path
    if not user.may(Action.VISIT_LOG, path):
        return False
    child = is_minor(resident.birth_date, today()) if record is None else record.is_child
    return may_see_children(user, path) if child else user.may(Action.CARE_VIEW, path)


def _tell(note: CareNote, by: User, now: datetime) -> None:
    day, resident, urgent = today(now), note.resident, note.condition == CareNote.Condition.URGENT
    records = CareRecord.objects.filter(resident=resident, is_child=True)
    child = is_minor(resident.birth_date, day) or records.exists()
    duties = (Duty.SECRETARY, Duty.CHILD_DIRECTOR if child else Duty.CADRE)
    people = [user for duty in duties for user in holders_at(duty, note.visit.village, day)]
    found = f"{note.get_condition_display()}：{by.name}走访时发现有人需要帮助"
    messages_send(
        users=[user for user in people if user != by],
        text=f"{found}，{'请马上看看' if urgent else '请安排点单或办件'}",
        link=f"/visits/{note.visit_id}/",
        key=f"care:{note.pk}",
        at=now,
    )
