"""What waits of an agreement: the parties are told in time that they may ask the court to confirm it (司法确认; plan §三.3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.engine.flow import WORKING, State
from governance.cases.models import Agreement, Case
from governance.frame.due import Day, DueKind, Todo, evening

CONFIRM = Day("signed_on", within=timedelta(days=30))
TELL = Day("signed_on", within=timedelta(days=20))
STATES = [state.value for state in (*WORKING, State.VISITING)]


def confirm_until(agreement: Agreement) -> date:
    """The last day on which the parties may ask the court together."""
    return agreement.signed_on + CONFIRM.within


def _open(now: datetime) -> QuerySet[Agreement]:
    """In the last ten days of the time, while the case's holder may still write it down."""
    asked = Agreement.objects.filter(TELL.by(now), ~CONFIRM.past(now), confirmation=Agreement.Confirmation.OPEN)
    return asked.filter(dispute__case__state__in=STATES, dispute__case__paused_at=None, round=F("dispute__case__round"))


def _held(rows: Any, user: User, now: datetime) -> QuerySet[Agreement]:
    if not user.may(Action.CASE_HANDLE):
        return rows.none()  # type: ignore[no-any-return]
    cases = Case.objects.visible_to(user).filter(Q(assignee=user) | Case.objects.queued_for(user))
    found: QuerySet[Agreement] = rows.filter(dispute__case__in=cases.order_by().values("pk"))
    return found


def _line(agreement: Agreement, now: datetime) -> Todo:
    case, last = agreement.dispute.case, confirm_until(agreement)
    words, link = f"{case.unit} {case.number}", reverse("cases:confirmation", args=[case.pk])
    return Todo(evening(last), "告知双方可申请司法确认", words, link, CONFIRM.due(agreement, now))


CONFIRMATION = DueKind(
    "confirmation",
    "告知双方可申请司法确认",
    open=_open,
    held=_held,
    line=_line,
    order=("signed_on", "pk"),
    related=("dispute__case__unit",),
)
KINDS = [CONFIRMATION]
