"""延期: asked for by whoever has the case, decided by somebody else, granted once in a round (限时办结; domain.md §5)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Duty
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.cases.engine.due import WHOLE
from governance.cases.engine.flow import BY_STEP, Step
from governance.cases.engine.holding import town_people
from governance.cases.engine.services import check_step, dues_set
from governance.cases.engine.steps import case_lock, step_write, tell_holder
from governance.cases.errors import CaseError
from governance.cases.models import Case, Extension
from governance.periods import today


def extension_ask(*, case: Case, reason: str, by: User, at: datetime | None = None) -> Extension:
    """Ask before the whole-case clock is over; the township's leaders are told."""
    now = at or timezone.now()
    if not reason.strip():
        raise CaseError("申请延期须写明理由。", "need")
    with transaction.atomic():
        case = case_lock(case, by)
        check_step(case, BY_STEP[Step.ASK_EXTENSION], by)
        if case.case_due_at is None:
            raise CaseError("这件事项来自历史台账，还没有限时，不用延期。", "extension")
        if WHOLE.is_past(case, now):
            raise CaseError("全程限时已过，不能再申请延期。", "extension")
        if case.extensions.filter(round=case.round).exclude(state=Extension.State.DENIED).exists():
            raise CaseError("这次办理已经申请过延期，只能延期一次。", "extension")
        extension = Extension.objects.create(
            case=case, round=case.round, reason=reason.strip(), asked_by=by, asked_at=now
        )
        step_write(case, Step.ASK_EXTENSION, by=by, at=now, note=extension.reason)
        people = [user for user in town_people(case, Duty.LEADER, today(now)) if user != by]
        text = f"{by.name}申请延期（{case.number}）：{extension.reason[:60]}"
        messages_send(users=people, text=text, link=f"/cases/{case.pk}/", key=f"extension:{extension.pk}", at=now)
    return extension


def extension_decide(*, case: Case, granted: bool, reason: str = "", by: User, at: datetime | None = None) -> Extension:
    """Grant or deny what was asked; granted, the whole-case clock runs to the category's longest limit from its old start."""
    now = at or timezone.now()
    step = Step.GRANT_EXTENSION if granted else Step.DENY_EXTENSION
    if not granted and not reason.strip():
        raise CaseError("不同意延期须写明原因。", "need")
    with transaction.atomic():
        case = case_lock(case, by)
        check_step(case, BY_STEP[step], by)
        extension = case.extensions.filter(round=case.round, state=Extension.State.ASKED).first()
        if extension is None:
            raise CaseError("没有待批准的延期申请。", "extension")
        if extension.asked_by_id == by.pk:
            raise CaseError("不能批准自己申请的延期。", "extension")
        extension.state = Extension.State.GRANTED if granted else Extension.State.DENIED
        extension.decided_by, extension.decided_at = by, now
        extension.save(update_fields=["state", "decided_by", "decided_at"])
        if granted:
            dues_set(case, now)
            case.save(update_fields=["step_due_at", "case_due_at", "near_at", "climb_at"])
        step_write(case, step, by=by, at=now, note=reason.strip())
        tell_holder(case, BY_STEP[step].label, now)
    return extension
