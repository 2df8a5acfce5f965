"""The same form came twice and said two things: its sender says which holds (design §8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.cases.engine.flow import Step
from governance.cases.engine.services import Report
from governance.cases.engine.steps import case_lock, step_write
from governance.cases.errors import CaseError
from governance.cases.models import Case, Conflict
from governance.cases.visits.services import VisitReport


def conflict_keep(*, conflict: Conflict, by: User, at: datetime | None = None) -> Conflict:
    """What came first holds; the other stays written down with the conflict."""
    with transaction.atomic():
        return _settle(_take(conflict, by), Conflict.Outcome.KEEP, at or timezone.now())


def conflict_replace(
    *, conflict: Conflict, report: Report | VisitReport, by: User, at: datetime | None = None
) -> Conflict:
    """What came later holds: the case's or visit's words, place and category are changed, the old ones kept in its history."""
    now = at or timezone.now()
    with transaction.atomic():
        conflict = _take(conflict, by)
        if conflict.sent.case is not None and isinstance(report, Report):
            _rewrite_case(conflict.sent.case, report, by, now)
        elif conflict.sent.visit is not None and isinstance(report, VisitReport):
            visit = conflict.sent.visit
            visit.kind, visit.seen, visit.place = report.kind, report.seen.strip(), report.place.strip()
            visit.companions = report.companions.strip()
            visit.save(update_fields=["kind", "seen", "place", "companions"])
        return _settle(conflict, Conflict.Outcome.REPLACE, now)


def conflict_separate(*, conflict: Conflict, send: Callable[[], object], by: User, at: datetime | None = None) -> Conflict:
    """The two are two things: `send` logs the later one under a key of its own."""
    with transaction.atomic():
        conflict = _take(conflict, by)
        send()
        return _settle(conflict, Conflict.Outcome.SEPARATE, at or timezone.now())


def _rewrite_case(case: Case, report: Report, by: User, now: datetime) -> None:
    case = case_lock(case, by)
    if not case.is_open:
        raise CaseError(f"{case.number}{case.get_state_display()}，不能再改。请选“保留先收到的”或“另立一件”。", "state")
    if report.category.kind != case.kind:
        raise CaseError("类型不一样，请选“另立一件”。", "category")
    old = f"原为“{case.category.name}，{case.unit}，{case.text}”"
    case.category, case.urgency, case.text = report.category, report.category.urgency, report.text.strip()
    case.unit, case.place = report.unit, report.place.strip()
    case.full_clean()
    case.save(update_fields=["category", "urgency", "text", "unit", "place"])
    step_write(case, Step.NOTE, by=by, at=now, note=f"登记内容以后收到的为准，{old}"[:1000])


def _take(conflict: Conflict, by: User) -> Conflict:
    found = Conflict.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=conflict.pk)
    row = found.select_related("sent__case", "sent__visit").first()
    if row is None:
        raise CaseError("没有这件内容不一致的提交。", "scope")
    if row.outcome:
        raise CaseError(f"已经处理过：{row.get_outcome_display()}。", "state")
    return row


def _settle(conflict: Conflict, outcome: Conflict.Outcome, now: datetime) -> Conflict:
    conflict.outcome, conflict.settled_at = outcome, now
    conflict.save(update_fields=["outcome", "settled_at"])
    return conflict
