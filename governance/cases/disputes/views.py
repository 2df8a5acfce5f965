"""Mediation, page by page: each form calls one service and goes back to the case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.disputes import services as disputes
from governance.cases.disputes.flow import settled_words
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
from governance.frame.act import act, form_page, sent
from governance.frame.filters import words_asked
from governance.frame.forms import PageForm
from governance.frame.lists import To
from governance.frame.pinyin import name_q
from governance.periods import today
from villages.models import Resident
from villages.scope import get_visible_or_404

RELATED = ("category", "township", "village", "unit", "first_receiver", "dispute__mediator__resident", "dispute__mediator__user")
Service = Callable[..., object]
PLAIN = "cases/case_form.html"


def _case(user: User, pk: int, action: Action = Action.CASE_HANDLE) -> Case:
    rows = Case.objects.filter(kind=Case.Kind.DISPUTE).select_related(*RELATED)
    return get_visible_or_404(rows, user, action, pk=pk)


def _page(
    request: UserRequest, case: Case, title: str, form: PageForm, service: Service, template: str = PLAIN, /, **fixed: Any
) -> HttpResponse:
    """Show the form, or call the service with what it says and go back to the case."""
    if act(request, form, service, f"已保存：{title}。", by=request.user, **fixed):
        return redirect("cases:case-detail", pk=case.pk)
    up = To(case.number, "cases:case-detail", (case.pk,))
    return form_page(request, form, template, case=case, title=title, up=up, offline=template == PLAIN)


@duty_required(Action.CASE_HANDLE)
def party_add(request: UserRequest, pk: int) -> HttpResponse:
    """Search the register, or name somebody from outside."""
    user, case, words = request.user, _case(request.user, pk), words_asked(request).words
    residents = Resident.objects.visible_to(user).present().select_related("household__unit")
    found = residents.filter(name_q(words, name="name", key="name_pinyin")) if words else residents.none()
    form = PartyForm(**sent(request), residents=residents.filter(pk__in=list(found.values_list("pk", flat=True)[:FOUND])))
    return _page(request, case, "登记当事人", form, disputes.party_add, "cases/disputes/party.html", case=case)


@duty_required(Action.CASE_HANDLE)
def party_remove(request: UserRequest, pk: int, party_pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    party = get_object_or_404(case.dispute.parties.select_related("dispute__case"), pk=party_pk)
    return _page(request, case, f"去掉当事人“{party.name}”", PageForm(**sent(request)), disputes.party_remove, party=party)


@duty_required(Action.CASE_HANDLE)
def mediator(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    form = PostForm(**sent(request), posts=disputes.mediators_for(case, today()))
    return _page(request, case, "确定调解员", form, disputes.mediator_set, case=case)


@duty_required(Action.CASE_HANDLE)
def recusal(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    form = RecusalForm(**sent(request), posts=disputes.mediators_for(case, today()))
    return _page(request, case, "登记回避", form, disputes.recusal_add, case=case)


@duty_required(Action.CASE_HANDLE)
def risk(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    form = RiskForm(**sent(request), initial={"risk": case.dispute.risk, "leader": case.dispute.leader})
    return _page(request, case, "风险等级", form, disputes.risk_set, case=case)


@duty_required(Action.CASE_HANDLE)
def sitting_add(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    names = "、".join(case.dispute.parties.values_list("name", flat=True))
    form = SittingForm(**sent(request), initial=SittingForm.first(f"{case.village}调解室", names))
    return _page(request, case, "登记调解", form, disputes.sitting_add, case=case)


@duty_required(Action.CASE_HANDLE)
def agreement(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    form = AgreementForm(**sent(request), initial={"facts": case.text, "terms": settled_words(case)})
    return _page(request, case, "调解协议", form, disputes.agreement_make, case=case)


@duty_required(Action.CASE_HANDLE)
def performance(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    form = PerformanceForm(**sent(request), initial={"on": today()})
    return _page(request, case, "履行情况", form, disputes.performance_set, case=case)


@duty_required(Action.CASE_HANDLE)
def confirmation(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk)
    return _page(request, case, "司法确认", ConfirmationForm(**sent(request)), disputes.confirmation_set, case=case)


@duty_required(Action.CASE_HANDLE)
def return_visit(request: UserRequest, pk: int) -> HttpResponse:
    rows = ReturnVisit.objects.visible_to(request.user, Action.CASE_HANDLE).select_related("case__category", "case__unit")
    visit = get_object_or_404(rows, pk=pk)
    return _page(request, visit.case, f"第{visit.day}天回访", ReturnVisitForm(**sent(request)), return_visit_done, visit=visit)


@duty_required(Action.CASE_VIEW)
def agreement_print(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request.user, pk, Action.CASE_VIEW)
    agreement = get_object_or_404(Agreement.objects.filter(dispute__case=case), round=case.round)
    context = {"case": case, "agreement": agreement, "parties": _parties(case)}
    return render(request, "cases/disputes/print_agreement.html", context)


@duty_required(Action.CASE_VIEW)
def dossier_print(request: UserRequest, pk: int) -> HttpResponse:
    """卷内目录 in the usual order, with what is there; the sittings and return visits below."""
    case = _case(request.user, pk, Action.CASE_VIEW)
    sittings = case.dispute.sittings.select_related("mediator__resident", "mediator__user").order_by("round", "number")
    visits = [visit for visit in disputes.visits_of(case) if visit.state == ReturnVisit.State.DONE]
    agreement = case.dispute.agreements.filter(round=case.round).first()
    context = {
        "case": case,
        "parties": _parties(case),
        "sittings": sittings,
        "visits": visits,
        "agreement": agreement,
        "contents": _contents(len(sittings), len(visits), agreement),
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
