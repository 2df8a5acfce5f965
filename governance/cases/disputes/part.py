"""What the page of a dispute shows beyond the case."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from governance.accounts.models import User
from governance.cases.disputes.due import confirm_until
from governance.cases.disputes.flow import file_blockers, finish_blockers
from governance.cases.disputes.services import visits_of
from governance.cases.engine.due import VISIT
from governance.cases.engine.flow import Who
from governance.cases.engine.holding import roles_of
from governance.cases.models import Case, Dispute, ReturnVisit
from governance.periods import today


def dispute_context(case: Case, user: User) -> dict[str, Any]:
    """Parties, mediator, sittings, agreement, return visits, and what is missing before the next end."""
    now = timezone.now()
    rows = Dispute.objects.select_related("mediator__resident", "mediator__user", "mediator__unit")
    dispute = rows.get(case=case)
    agreement = dispute.agreements.filter(round=case.round).first()
    handles = bool(roles_of(case, user) & {Who.HOLDER, Who.TAKER})
    working = case.is_open and case.state != Case.State.FOUND and case.paused_at is None
    blockers = finish_blockers(case) if case.is_open else []
    if case.state == Case.State.VISITING:
        blockers = file_blockers(case)
    return {
        "dispute": dispute,
        "parties": dispute.parties.select_related("resident__household").order_by("id"),
        "recusals": dispute.recusals.select_related("post__resident", "post__user"),
        "sittings": dispute.sittings.select_related("mediator__resident", "mediator__user").order_by("round", "number"),
        "agreement": agreement,
        "confirm_until": confirm_until(agreement) if agreement else None,
        "visits": [(visit, VISIT.due(visit, now) if visit.state == ReturnVisit.State.OPEN else None) for visit in visits_of(case)],
        "day": today(now),
        "blockers": blockers,
        "may_mediate": handles and working,
        "may_follow": handles and (working or case.state == Case.State.VISITING),
    }
