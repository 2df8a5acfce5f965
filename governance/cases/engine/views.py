"""Cases: what waits for me and my posts, one case with its history, and its steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.cases.disputes.flow import settled_words
from governance.cases.disputes.part import dispute_context
from governance.cases.engine.due import due_of
from governance.cases.engine.extensions import extension_ask, extension_decide
from governance.cases.engine.flow import BY_STEP, Step
from governance.cases.engine.forms import StepForm
from governance.cases.engine.lists import CASES
from governance.cases.engine.services import case_step, steps_for
from governance.cases.errands.part import errand_context
from governance.cases.models import Case, CaseStep, Extension, Photo
from governance.frame.act import act, form_page, press, sent
from governance.frame.lists import To, list_page
from villages.scope import get_visible_or_404

RELATED = ("category", "township", "village", "unit", "assignee", "holder_unit", "office", "first_receiver")
SERVICES: dict[Step, Callable[..., object]] = {
    Step.ASK_EXTENSION: extension_ask, Step.GRANT_EXTENSION: extension_decide, Step.DENY_EXTENSION: extension_decide,
}  # fmt: skip
ONE_TAP = (Step.ACCEPT, Step.RESUME, Step.FILE)
PLAIN = (Step.ACCEPT, Step.HANDLE, Step.COORDINATE, Step.FINISH, Step.HANDOVER, Step.FILE, Step.RESUME)


@duty_required(Action.CASE_VIEW)
def case_list(request: UserRequest) -> HttpResponse:
    start = "mine" if request.user.may(Action.CASE_HANDLE) else "open"
    return list_page(request, CASES, Case.objects.visible_to(request.user).select_related(*RELATED), start=start)


@duty_required(Action.CASE_VIEW)
def case_detail(request: UserRequest, pk: int) -> HttpResponse:
    user, now = request.user, timezone.now()
    case = get_visible_or_404(Case.objects.select_related(*RELATED, "visit", "household", "sent"), user, pk=pk)
    steps = [transition for transition in steps_for(case, user) if _makes_sense(case, transition.step)]
    context: dict[str, Any] = {
        "case": case,
        "due": due_of(case, now),
        "now": now,
        "plain_steps": [step for step in steps if step.step in PLAIN],
        "other_steps": [step for step in steps if step.step not in PLAIN],
        "one_tap": ONE_TAP,
        "history": CaseStep.objects.filter(case=case).select_related("by").order_by("-id"),
        "extensions": Extension.objects.filter(case=case).select_related("asked_by", "decided_by"),
        "photos": Photo.objects.visible_to(user).ready().filter(case=case),
    }
    context |= dispute_context(case, user) if case.kind == Case.Kind.DISPUTE else {}
    context |= errand_context(case, user) if case.kind == Case.Kind.ERRAND else {}
    return render(request, "cases/engine/detail.html", context)


def _makes_sense(case: Case, step: Step) -> bool:
    """Steps that the flow allows but that have nothing to decide are not offered."""
    extensions = case.extensions.filter(round=case.round)
    if step in (Step.GRANT_EXTENSION, Step.DENY_EXTENSION):
        return extensions.filter(state=Extension.State.ASKED).exists()
    if step == Step.ASK_EXTENSION:
        return not extensions.exclude(state=Extension.State.DENIED).exists()
    if step == Step.HANDOVER:
        return case.errand.handed_at is None
    return True


@duty_required(Action.CASE_VIEW)
def case_take_step(request: UserRequest, pk: int, step: str) -> HttpResponse:
    user = request.user
    case = get_visible_or_404(Case.objects.select_related(*RELATED), user, pk=pk)
    transition = BY_STEP.get(Step(step)) if step in set(Step) else None
    if transition is None or step == Step.CLIMB:
        raise Http404
    if request.method == "GET" and transition not in steps_for(case, user):
        messages.error(request, f"{case.number}现在{case.get_state_display()}，您不能{transition.label}。")
        return redirect("cases:case-detail", pk=pk)
    form = StepForm(**sent(request), case=case, transition=transition, initial=_known(case, transition.step))
    service, words = SERVICES.get(transition.step, case_step), f"{case.number}：已{transition.label}。"
    if not transition.needs and form.is_valid():
        press(request, service, words, case=case, by=user, **form.arguments())
        return redirect("cases:case-detail", pk=pk)
    if act(request, form, service, words, case=case, by=user):
        return redirect("cases:case-detail", pk=pk)
    label, up = transition.label, To(case.number, "cases:case-detail", (pk,))
    context = {"title": label, "name": f"{label}：{case.number}", "button": label, "up": up}
    return form_page(request, form, "cases/case_form.html", case=case, offline=True, **context)


def _known(case: Case, step: Step) -> dict[str, str]:
    """What was typed before and is asked for again: the outcome of a dispute, for whom an errand was done."""
    if case.kind == Case.Kind.DISPUTE and step == Step.FINISH:
        return {"result": settled_words(case)[:1000]}
    if case.kind == Case.Kind.ERRAND and step == Step.HANDOVER:
        return {"recipient": case.errand.client}
    return {}
