"""Cases: what waits for me and my posts, one case with its history, and its steps."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.disputes.part import dispute_context
from governance.cases.engine.due import due_of
from governance.cases.engine.extensions import extension_ask, extension_decide
from governance.cases.engine.flow import BY_STEP, Need, Step
from governance.cases.engine.forms import CaseFilter, StepForm
from governance.cases.engine.services import case_step, steps_for
from governance.cases.errands.part import errand_context
from governance.cases.models import Case, CaseStep, Extension, Photo
from governance.errors import DomainError
from governance.frame.paging import page_of
from villages.scope import get_visible_or_404

TABS = {"mine": "待我办", "queue": "岗位和办公室", "logged": "我登记的", "open": "办理中", "all": "全部"}
RELATED = ("category", "township", "village", "unit", "assignee", "holder_unit", "office", "first_receiver")
ONE_TAP = (Step.ACCEPT, Step.RESUME, Step.FILE)
PLAIN = (Step.ACCEPT, Step.HANDLE, Step.COORDINATE, Step.FINISH, Step.HANDOVER, Step.FILE, Step.RESUME)


def rows_of(user: User, tab: str) -> QuerySet[Case]:
    """The rows of one tab, in its order."""
    rows = Case.objects.visible_to(user)
    if tab == "mine":
        return rows.open().filter(assignee=user).order_by("case_due_at", "pk")
    if tab == "queue":
        return rows.open().filter(rows.queued_for(user)).order_by("case_due_at", "pk")
    if tab == "logged":
        return rows.filter(first_receiver=user).order_by("-pk")
    return rows.open().order_by("case_due_at", "pk") if tab == "open" else rows.order_by("-pk")


@duty_required(Action.CASE_VIEW)
def case_list(request: UserRequest) -> HttpResponse:
    user, now = request.user, timezone.now()
    tab = request.GET.get("tab", "")
    if tab not in TABS:
        tab = "mine" if user.may(Action.CASE_HANDLE) else "open"
    form = CaseFilter(request.GET, user=user)
    page = page_of(request, form.apply(rows_of(user, tab)).select_related(*RELATED), capped=True)
    context = {
        "form": form,
        "page": page,
        "rows": [(case, due_of(case, now)) for case in page],
        "tab": tab,
        "tabs": TABS.items(),
        "may_log": user.may(Action.CASE_LOG),
    }
    partial = "#results" if request.htmx and not request.htmx.boosted else ""
    return render(request, f"cases/engine/list.html{partial}", context)


@duty_required(Action.CASE_VIEW)
def case_detail(request: UserRequest, pk: int) -> HttpResponse:
    user, now = request.user, timezone.now()
    case = get_visible_or_404(Case.objects.select_related(*RELATED, "visit", "household"), user, pk=pk)
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
    asked = case.extensions.filter(round=case.round)
    if step in (Step.GRANT_EXTENSION, Step.DENY_EXTENSION):
        return asked.filter(state=Extension.State.ASKED).exists()
    if step == Step.ASK_EXTENSION:
        return not asked.exclude(state=Extension.State.DENIED).exists()
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
    form = StepForm(request.POST if request.method == "POST" else None, case=case, transition=transition)
    if request.method == "POST" and form.is_valid():
        try:
            _take(case, Step(step), form, user)
        except DomainError as error:
            if not transition.needs:
                messages.error(request, error.message)
                return redirect("cases:case-detail", pk=pk)
            form.add_error(None, error.message)
        else:
            messages.success(request, f"{case.number}：已{transition.label}。")
            return redirect("cases:case-detail", pk=pk)
    context = {"case": case, "transition": transition, "form": form, "asks_target": Need.TARGET in transition.needs}
    return render(request, "cases/engine/step.html", context, status=422 if form.errors else 200)


def _take(case: Case, step: Step, form: StepForm, user: User) -> None:
    note = form.cleaned_data["note"]
    if step == Step.ASK_EXTENSION:
        extension_ask(case=case, reason=note, by=user)
    elif step in (Step.GRANT_EXTENSION, Step.DENY_EXTENSION):
        extension_decide(case=case, granted=step == Step.GRANT_EXTENSION, reason=note, by=user)
    else:
        case_step(case=case, step=step, by=user, words=form.words())
