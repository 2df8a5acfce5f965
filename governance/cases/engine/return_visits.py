"""回访: done by its day, refused to be skipped; a relapse reopens the same number (plan §三.3 调处回访制度)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.cases.disputes.due import CONFIRMATION, confirm_until
from governance.cases.engine.due import RETURN_VISIT, VISIT
from governance.cases.engine.flow import Step, Who
from governance.cases.engine.holding import holder_of, people_of, roles_of
from governance.cases.engine.services import Words, case_step
from governance.cases.engine.steps import case_lock, step_write, tell_holder
from governance.cases.errors import CaseError
from governance.cases.models import Case, ReturnVisit
from governance.periods import today


def return_visit_done(
    *, visit: ReturnVisit, done_on: date, finding: str, note: str, by: User, at: datetime | None = None
) -> ReturnVisit:
    """Write a return visit down. 有反复 reopens the case in the same step; what was still to be visited falls away."""
    now = at or timezone.now()
    if not note.strip():
        raise CaseError("请写明回访情况。", "need")
    with transaction.atomic():
        case = case_lock(visit.case, by)
        visit = ReturnVisit.objects.select_for_update().get(pk=visit.pk)
        if not roles_of(case, by) & {Who.HOLDER, Who.TAKER}:
            raise CaseError(f"{case.number}现由{case.holder_name}办理，您不能登记回访。", "holder")
        if visit.state != ReturnVisit.State.OPEN:
            raise CaseError(f"这次回访{visit.get_state_display()}。", "state")
        if not _ended_on(case) <= done_on <= today(now):
            raise CaseError("回访日期须在办结之后、今天之前（含今天）。", "date")
        if done_on < visit.opens_on:
            early = f"第{visit.day}天回访（{visit.due_on}）最早 {visit.opens_on} 上门。"
            raise CaseError(f"{early}提前发现有反复的，请直接重开。", "date", field="done_on")
        visit.state, visit.done_on, visit.done_by = ReturnVisit.State.DONE, done_on, by
        visit.finding, visit.note = ReturnVisit.Finding(finding), note.strip()
        visit.save(update_fields=["state", "done_on", "done_by", "finding", "note"])
        said = f"第{visit.day}天回访：{visit.get_finding_display()}，{visit.note}"
        step_write(case, Step.VISIT, by=by, at=now, note=said)
        if finding == ReturnVisit.Finding.RELAPSE:
            case_step(case=case, step=Step.REOPEN, by=by, words=Words(note=f"回访发现反复：{visit.note}"), at=now)
    return visit


def visits_remind(at: datetime | None = None) -> int:
    """Tell whoever has the case that a return visit is due today, or is late; once a visit and once a week after."""
    now = at or timezone.now()
    day = today(now)
    waiting = RETURN_VISIT.open(now).select_related("case__assignee", "case__holder_unit", "case__office")
    told = 0
    for visit in waiting.order_by("pk").iterator():
        due, week = VISIT.due(visit, now), (day - visit.due_on).days // 7
        assert due is not None
        told += tell_holder(visit.case, f"第{visit.day}天回访{due.words}", now, key=f"visit:{visit.pk}:{week}")
    return told


def confirmations_remind(at: datetime | None = None) -> int:
    """Ten days before the parties' time for the court's confirmation is over, once."""
    now = at or timezone.now()
    day = today(now)
    waiting = CONFIRMATION.open(now).select_related("dispute__case__assignee", "dispute__case__holder_unit", "dispute__case__office")
    told = 0
    for agreement in waiting.order_by("pk").iterator():
        case = agreement.dispute.case
        last = confirm_until(agreement)
        told += messages_send(
            users=people_of(holder_of(case), day),
            text=f"司法确认（{case.number}）：双方可在 {last} 前共同申请，请告知当事人",
            link=f"/cases/{case.pk}/",
            key=f"confirmation:{agreement.pk}",
            at=now,
        )
    return told


def _ended_on(case: Case) -> date:
    return today(case.finished_at or case.logged_at)
