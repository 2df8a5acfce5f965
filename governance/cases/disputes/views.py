"""Mediation, page by page: each form calls one service and goes back to the case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.disputes import services as disputes
from governance.cases.disputes.forms import (
    FOUND,
    AgreementForm,
    ConfirmationForm,
    PartyForm,
    PerformanceForm,
    PostForm,
    RecusalForm,
    ReturnVisitForm,
    RiskForm,
    SittingForm,
)
from governance.cases.engine.return_visits import return_visit_done
from governance.cases.models import Agreement, Case, ReturnVisit
from governance.errors import DomainError
from governance.frame.pinyin import name_q
from governance.periods import today
from villages.models import Resident
from villages.scope import get_visible_or_404

RELATED = ("category", "township", "village", "unit", "first_receiver", "dispute__mediator__resident", "dispute__mediator__user")
Service = Callable[..., object]


def _case(user: User, pk: int, action: Action = Action.CASE_HANDLE) -> Case:
    rows = Case.objects.filter(kind=Case.Kind.DISPUTE).select_related(*RELATED)
    return get_visible_or_404(rows, user, action, pk=pk)


def _page(request: UserRequest, case: Case, title: str, form: forms.Form, run: Service, **more: Any) -> HttpResponse:
    """Show the form, or call the service with what it says and go back to the case."""
    if request.method == "POST" and form.is_valid():
        try:
            run(by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已保存：{title}。")
            return redirect("cases:case-detail", pk=case.pk)
    context = {"case": case, "title": title, "form": form, **more}
    return render(request, "cases/disputes/form.html", context, status=422 if form.errors else 200)


@duty_required(Action.CASE_HANDLE)
def party_add(request: UserRequest, pk: int) -> HttpResponse:
    """Search the register, or name somebody from outside."""
    user, case = request.user, _case(request.user, pk)
    query = (request.POST.get("q") or request.GET.get("q", "")).strip()
    residents = Resident.objects.visible_to(user).present().select_related("household__unit")
    found = residents.filter(name_q(query, name="name", key="name_pinyin")) if query else residents.none()
    form = PartyForm(request.POST or None, residents=residents.filter(pk__in=list(found.values_list("pk", flat=True)[:FOUND])))
    return _page(
        request, case, "登记当事人", form, lambda **said: disputes.party_add(case=case, **said), query=query, search=True
    )


@duty_required(Action.CASE_HANDLE)
def party_remove(request: UserRequest, pk: int, party_pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    party = get_object_or_404(case.dispute.parties.select_related("dispute__case"), pk=party_pk)
    title = f"去掉当事人“{party.name}”"
    return _page(request, case, title, forms.Form(request.POST or None), lambda by: disputes.party_remove(party=party, by=by))


@duty_required(Action.CASE_HANDLE)
def mediator(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    form = PostForm(request.POST or None, posts=disputes.mediators_for(case, today()))
    return _page(request, case, "确定调解员", form, lambda **said: disputes.mediator_set(case=case, **said))


@duty_required(Action.CASE_HANDLE)
def recusal(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    form = RecusalForm(request.POST or None, posts=disputes.mediators_for(case, today()))
    return _page(request, case, "登记回避", form, lambda **said: disputes.recusal_add(case=case, **said))


@duty_required(Action.CASE_HANDLE)
def risk(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    initial = {"risk": case.dispute.risk, "leader": case.dispute.leader}
    form = RiskForm(request.POST or None, initial=initial)
    return _page(request, case, "风险等级", form, lambda **said: disputes.risk_set(case=case, **said))


@duty_required(Action.CASE_HANDLE)
def sitting_add(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    names = "、".join(case.dispute.parties.values_list("name", flat=True))
    form = SittingForm(request.POST or None, initial=SittingForm.first(f"{case.village}调解室", names))
    return _page(request, case, "登记调解", form, lambda **said: disputes.sitting_add(case=case, **said))


@duty_required(Action.CASE_HANDLE)
def agreement(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    form = AgreementForm(request.POST or None, initial={"facts": case.text})
    return _page(request, case, "调解协议", form, lambda **said: disputes.agreement_make(case=case, **said))


@duty_required(Action.CASE_HANDLE)
def performance(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    form = PerformanceForm(request.POST or None, initial={"performance": "full", "on": today()})
    return _page(request, case, "履行情况", form, lambda **said: disputes.performance_set(case=case, **said))


@duty_required(Action.CASE_HANDLE)
def confirmation(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    form = ConfirmationForm(request.POST or None)
    return _page(request, case, "司法确认", form, lambda **said: disputes.confirmation_set(case=case, **said))


@duty_required(Action.CASE_HANDLE)
def return_visit(request: UserRequest, pk: int) -> HttpResponse:
    rows = ReturnVisit.objects.visible_to(request.user, Action.CASE_HANDLE).select_related("case__category", "case__unit")
    visit = get_object_or_404(rows, pk=pk)
    form = ReturnVisitForm(request.POST or None)
    title = f"第{visit.day}天回访"
    return _page(request, visit.case, title, form, lambda **said: return_visit_done(visit=visit, **said))


@duty_required(Action.CASE_VIEW)
def agreement_print(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk, Action.CASE_VIEW)
    found = get_object_or_404(Agreement.objects.filter(dispute__case=case), round=case.round)
    context = {"case": case, "agreement": found, "parties": _parties(case)}
    return render(request, "cases/disputes/print_agreement.html", context)


@duty_required(Action.CASE_VIEW)
def dossier_print(request: UserRequest, pk: int) -> HttpResponse:
    """卷内目录 in the usual order, with what is there; the sittings and return visits below."""
    case = _case(request.user, pk, Action.CASE_VIEW)
    sittings = case.dispute.sittings.select_related("mediator__resident", "mediator__user").order_by("round", "number")
    visits = [visit for visit in disputes.visits_of(case) if visit.state == ReturnVisit.State.DONE]
    found = case.dispute.agreements.filter(round=case.round).first()
    context = {
        "case": case,
        "parties": _parties(case),
        "sittings": sittings,
        "visits": visits,
        "agreement": found,
        "contents": _contents(len(sittings), len(visits), found),
    }
    return render(request, "cases/disputes/print_dossier.html", context)


def _parties(case: Case) -> Any:
    return case.dispute.parties.select_related("resident__household__unit").order_by("id")


def _contents(sittings: int, visits: int, agreement: Agreement | None) -> list[tuple[str, str]]:
    """Headings of domain.md §12 with what the portal holds; the rest is put in by hand."""
    performed = agreement is not None and agreement.performed_on is not None
    confirmed = agreement is not None and agreement.confirmation in ("asked", "confirmed")
    return [
        ("申请书或受理登记表", "有"),
        ("权利义务告知书", ""),
        ("当事人身份证明", ""),
        ("授权委托书", ""),
        ("调查记录", ""),
        ("证据材料", ""),
        ("调解记录", f"{sittings} 份" if sittings else ""),
        ("调解协议书", "有" if agreement is not None else ""),
        ("履行凭证", "有" if performed else ""),
        ("回访记录", f"{visits} 份" if visits else ""),
        ("司法确认材料", "有" if confirmed else ""),
        ("卷宗情况说明", ""),
        ("封底", ""),
    ]
