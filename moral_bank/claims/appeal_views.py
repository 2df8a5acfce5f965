"""Appeals: written down for the household, once, and answered by the township (mission M23)."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To, list_export, list_page
from moral_bank.claims.appeals import answer_refusal, appeal_answer, appeal_file, appeal_refusal
from moral_bank.claims.exports import APPEALS as LEDGER
from moral_bank.claims.forms import AppealAnswerForm, AppealForm
from moral_bank.claims.lists import APPEALS, appeal_tag
from moral_bank.models import Appeal, Claim, Entry
from villages.models import Household
from villages.scope import get_visible_or_404

RELATED = (
    "account__household__village",
    "account__household__unit",
    "claim__deed",
    "claim__declared_by",
    "claim__account__household__unit",
    "entry__account__household__unit",
    "entry__claim",
    "entry__reversed_by",
    "received_by",
    "answered_by",
)


@duty_required(Action.CLAIM_VIEW)
def appeal_list(request: UserRequest) -> HttpResponse:
    return list_page(request, APPEALS, Appeal.objects.visible_to(request.user).select_related(*RELATED))


@duty_required(Action.EXPORT)
def appeal_export(request: UserRequest) -> HttpResponseBase:
    return list_export(request, APPEALS, Appeal.objects.visible_to(request.user, Action.EXPORT), LEDGER, "moral_bank:appeal-list")


@duty_required(Action.CLAIM_VIEW)
def appeal_detail(request: UserRequest, pk: int) -> HttpResponse:
    appeal = get_visible_or_404(Appeal.objects.select_related(*RELATED), request.user, pk=pk)
    return _page(request, appeal, AppealAnswerForm())


@never_cache
@duty_required(Action.APPEAL_ANSWER)
def appeal_answer_view(request: UserRequest, pk: int) -> HttpResponse:
    """The answer; what was typed stays where it is refused."""
    appeal = get_visible_or_404(Appeal.objects.select_related(*RELATED), request.user, Action.APPEAL_ANSWER, pk=pk)
    form = AppealAnswerForm(**sent(request))
    done = act(request, form, appeal_answer, lambda appeal: f"已答复：{appeal.get_state_display()}。", appeal=appeal, by=request.user)
    return redirect("moral_bank:appeal-detail", pk=pk) if done else _page(request, appeal, form)


def _page(request: UserRequest, appeal: Appeal, form: AppealAnswerForm) -> HttpResponse:
    user = request.user
    may = user.may(Action.APPEAL_ANSWER, appeal.account.household.unit.path)
    context = {
        "appeal": appeal,
        "household": appeal.account.household,
        "state": appeal_tag(appeal),
        "may_answer": may and appeal.state == Appeal.State.OPEN,
        "refusal": answer_refusal(appeal, user),
    }
    return form_page(request, form, "moral_bank/claims/appeal_detail.html", **context)


@never_cache
@duty_required(Action.CLAIM_VIEW)
def claim_appeal(request: UserRequest, pk: int) -> HttpResponse:
    related = ("account__household__unit", "deed", "appeal")
    claim = get_visible_or_404(Claim.objects.select_related(*related), request.user, pk=pk)
    return _file(request, claim.account.household, claim=claim)


@never_cache
@duty_required(Action.ENTRY_VIEW)
def entry_appeal(request: UserRequest, pk: int) -> HttpResponse:
    related = ("account__household__unit", "reversed_by", "appeal")
    entry = get_visible_or_404(Entry.objects.select_related(*related), request.user, pk=pk)
    return _file(request, entry.account.household, entry=entry)


def _file(request: UserRequest, household: Household, *, claim: Claim | None = None, entry: Entry | None = None) -> HttpResponse:
    """The form, or the appeal that was filed before."""
    filed = getattr(claim or entry, "appeal", None)
    if filed is not None:
        return redirect("moral_bank:appeal-detail", pk=filed.pk)
    form = AppealForm(**sent(request), initial={"name": household.head_name})
    done = act(request, form, appeal_file, "已记下申诉，等镇工作人员答复。", claim=claim, entry=entry, by=request.user)
    if done:
        return redirect("moral_bank:appeal-detail", pk=done.result.pk)
    context = {
        "title": "申诉", "button": "提交申诉", "cancel": "不申诉了",
        "up": To(household.head_name, "villages:household-detail", (household.pk,)),
        "household": household, "claim": claim, "entry": entry,
        "refusal": appeal_refusal(claim=claim, entry=entry, by=request.user),
    }  # fmt: skip
    return form_page(request, form, "moral_bank/claims/appeal_create.html", **context)
