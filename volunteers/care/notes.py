"""关爱记录: how somebody of a visited household is, what they need, when to come again (domain.md §6; never published)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action, Duty
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.cases.engine.holding import Holder, people_of
from governance.cases.models import Visit
from governance.cases.visits.services import VisitError
from governance.periods import today
from villages.models import Resident
from volunteers.models import CareNote


def care_note_add(
    *,
    visit: Visit,
    resident: Resident,
    condition: str,
    need: str = "",
    again_on: date | None = None,
    by: User,
    at: datetime | None = None,
) -> CareNote:
    """One note for a person and a visit; an earlier note of the same writer that asked to come again is met by it. 情况紧急
    tells the village's secretary and cadres at once."""
    now = at or timezone.now()
    if visit.household_id is None or resident.household_id != visit.household_id:
        raise VisitError("关爱记录只能记这次走访的户里的人。", "scope")
    if not by.may(Action.CARE_VIEW, visit.unit.path) or not by.may(Action.VISIT_LOG, visit.unit.path):
        raise VisitError("这个地方不在您可以登记的范围内。", "scope")
    if condition != CareNote.Condition.WELL and not need.strip():
        raise VisitError("请写明需要什么帮助。", "need")
    if again_on is not None and again_on < today(now):
        raise VisitError("下次看望不能早于今天。", "date")
    if CareNote.objects.filter(visit=visit, resident=resident).exists():
        raise VisitError(f"这次走访已经记过{resident.name}的情况。", "state")
    with transaction.atomic():
        note = CareNote.objects.create(
            visit=visit,
            resident=resident,
            condition=CareNote.Condition(condition),
            need=need.strip(),
            again_on=again_on,
            by=by,
            at=now,
        )
        CareNote.objects.filter(resident=resident, again_on__isnull=False, again_by=None).exclude(pk=note.pk).update(
            again_by=visit
        )
        if note.condition == CareNote.Condition.URGENT:
            _tell(note, by, now)
    return note


def _tell(note: CareNote, by: User, now: datetime) -> None:
    day, village = today(now), note.visit.village
    people = [user for duty in (Duty.SECRETARY, Duty.CADRE) for user in people_of(Holder(duty=duty, unit=village), day)]
    messages_send(
        users=[user for user in people if user != by],
        text=f"情况紧急：{by.name}走访时发现有人需要帮助，请马上看看",
        link=f"/visits/{note.visit_id}/",
        key=f"care:{note.pk}",
        at=now,
    )
