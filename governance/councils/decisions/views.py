"""Decisions: the list, one with its gates, from 动议 to 办结 (plan §三.1; mission M19)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.councils.decisions import services
from governance.councils.decisions.exports import DECISION_LEDGER
from governance.councils.decisions.forms import BeginForm, ResubmitForm, WithdrawForm
from governance.councils.decisions.from_items import origin_of
from governance.councils.decisions.lists import DECISIONS, TONES, shown_rows
from governance.councils.decisions.lookups import decision_of
from governance.councils.decisions.models import Decision
from governance.councils.decisions.papers import register_paper
from governance.councils.decisions.rows import Page
from governance.frame.act import act, form_page, press, sent
from governance.frame.exports import paper_response
from governance.frame.lists import To, list_export, list_page

TO_LIST = To("决策事项", "councils:decision-list")


@duty_required(Action.COUNCIL_VIEW)
def decision_list(request: UserRequest) -> HttpResponse:
    rows = shown_rows(Decision.objects.visible_to(request.user)).select_related("village", "kind")
    return list_page(request, DECISIONS, rows)


@require_safe
@duty_required(Action.EXPORT)
def decision_export(request: UserRequest) -> HttpResponseBase:
    rows = shown_rows(Decision.objects.visible_to(request.user, Action.EXPORT))
    return list_export(request, DECISIONS, rows, DECISION_LEDGER, "councils:decision-list")


@never_cache
@duty_required(Action.DECISION_RUN)
def decision_begin(request: UserRequest) -> HttpResponse:
    form = BeginForm(**sent(request), user=request.user, initial=request.GET.dict())
    done = act(request, form, services.decision_begin, lambda row: f"已登记，编号 {row.number}。", by=request.user)
    if done:
        return redirect("councils:decision-detail", pk=done.result.pk)
    hint = "登记以后按程序一步一步办，哪一步没有办好，就停在哪一步。"
    return form_page(request, form, title="登记决策事项", button="登记", up=TO_LIST, hint=hint)


@duty_required(Action.COUNCIL_VIEW)
def decision_detail(request: UserRequest, pk: int) -> HttpResponse:
    decision = decision_of(request.user, pk)
    context: dict[str, Any] = {
        "decision": decision,
        "page": Page(decision, request.user),
        "origin": origin_of(decision, request.user),
        "tone": TONES[decision.state],
        "beneficiaries": decision.beneficiaries.select_related("household").order_by("pk"),
        "nominees": decision.nominees.select_related("resident", "post").order_by("pk"),
    }
    return render(request, "councils/decisions/detail.html", context)


@require_POST
@duty_required(Action.DECISION_RUN)
def decision_adopt(request: UserRequest, pk: int) -> HttpResponse:
    decision = decision_of(request.user, pk, Action.DECISION_RUN)
    press(request, services.decision_adopt, "已登记为通过。", decision=decision, by=request.user)
    return redirect("councils:decision-detail", pk=pk)


@require_POST
@duty_required(Action.DECISION_RUN)
def decision_finish(request: UserRequest, pk: int) -> HttpResponse:
    decision = decision_of(request.user, pk, Action.DECISION_RUN)
    press(request, services.decision_finish, "已办结。", decision=decision, by=request.user)
    return redirect("councils:decision-detail", pk=pk)


@never_cache
@duty_required(Action.DECISION_RUN)
def decision_withdraw(request: UserRequest, pk: int) -> HttpResponse:
    decision = decision_of(request.user, pk, Action.DECISION_RUN)
    form = WithdrawForm(**sent(request))
    if act(request, form, services.decision_withdraw, "已撤回。", decision=decision, by=request.user):
        return redirect("councils:decision-detail", pk=pk)
    up = To(decision.title, "councils:decision-detail", (pk,))
    return form_page(request, form, title="撤回决策事项", button="撤回", up=up, hint="办过的步骤留在记录里，撤回以后不能再办。")


@never_cache
@duty_required(Action.DECISION_RUN)
def decision_resubmit(request: UserRequest, pk: int) -> HttpResponse:
    decision = decision_of(request.user, pk, Action.DECISION_RUN)
    form = ResubmitForm(**sent(request))
    if act(request, form, services.decision_resubmit, "已重新报镇预审。", decision=decision, by=request.user):
        return redirect("councils:decision-detail", pk=pk)
    hint = "按镇里的意见改好、补齐以后再报。要改的是提议事项本身的，请撤回这一件，另外登记。"
    up = To(decision.title, "councils:decision-detail", (pk,))
    return form_page(request, form, title="重新报镇预审", button="重新报审", up=up, hint=hint)


@require_safe
@duty_required(Action.COUNCIL_VIEW)
def decision_paper(request: UserRequest, pk: int) -> HttpResponseBase:
    """实施登记表: the six sheets, filled from the records, places to sign left blank."""
    decision = decision_of(request.user, pk)
    name = f"{decision.number}{decision.kind.name}登记表"
    return paper_response(request, register_paper(decision), name, name)
