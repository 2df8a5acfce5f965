"""记一件事 and 走访 as phones send them."""

from __future__ import annotations

from governance.accounts.models import User
from governance.cases.engine.log_form import CaseLogForm
from governance.cases.models import Case
from governance.cases.sending.senders import Answer, Reasons, Writing, payload_of, reasons_of
from governance.cases.sending.services import Arrival, case_send, visit_send
from governance.cases.visits.forms import VisitForm


def case_take(data: dict[str, str], user: User) -> tuple[Answer, Reasons]:
    form = CaseLogForm(data, user=user)
    if not form.is_valid():
        return {}, reasons_of(form)
    return _arrived(case_send(payload=payload_of(data), by=user, writing=Writing.of(data), **form.arguments())), {}


def visit_take(data: dict[str, str], user: User) -> tuple[Answer, Reasons]:
    writing = Writing.of(data)
    form = VisitForm(data, user=user, written_at=writing.at)
    if not form.is_valid():
        return {}, reasons_of(form)
    return _arrived(visit_send(payload=payload_of(data), by=user, writing=writing, **form.arguments())), {}


def _arrived(arrival: Arrival) -> Answer:
    thing = arrival.thing
    if isinstance(thing, Case):
        return {"status": arrival.status, "link": f"/cases/{thing.pk}/", "number": thing.number}
    return {"status": arrival.status, "link": f"/visits/{thing.pk}/", "number": str(thing)}
