"""Appeals: written down for the household, once, and answered by the township (mission M23)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from moral_bank.claims.appeals import answer_refusal, appeal_answer, appeal_file, appeal_refusal
from moral_bank.claims.exports import APPEALS
from moral_bank.claims.forms import AppealAnswerForm, AppealFilter, AppealForm
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
TONES = {Appeal.State.OPEN: "waiting", Appeal.State.UPHELD: "good", Appeal.State.DISMISSED: ""}


@duty_required(Action.CLAIM_VIEW)
def appeal_list(request: UserRequest) -> HttpResponse:
    form = AppealFilter(request.GET, user=request.user)
    page = page_of(request, form.rows(request.user).select_related(*RELATED).order_by("-id"))
    context = {
        "form": form,
        "page": page,
        "tones": TONES,
        "asked": any(request.GET.get(name) for name in form.fields),
        "may_export": request.user.may(Action.EXPORT),
    }
    return render(request, "moral_bank/claims/appeal_list.html", context)


@duty_required(Action.EXPORT)
def appeal_export(request: UserRequest) -> HttpResponseBase:
    rows = AppealFilter(request.GET, user=request.user).rows(request.user, Action.EXPORT)
    try:
        return ledger_response(APPEALS, rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("moral_bank:appeal-list")


@duty_required(Action.CLAIM_VIEW)
def appeal_detail(request: UserRequest, pk: int) -> HttpResponse:
    appeal = get_visible_or_404(Appeal.objects.select_related(*RELATED), request.user, pk=pk)
    return _page(request, appeal, AppealAnswerForm())


@never_cache
@duty_required(Action.APPEAL_ANSWER)
def appeal_answer_view(request: UserRequest, pk: int) -> HttpResponse:
    """The answer; what was typed stays where it is refused."""
    appeal = get_visible_or_404(Appeal.objects.select_related(*RELATED), request.user, Action.APPEAL_ANSWER, pk=pk)
    form = AppealAnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            done = appeal_answer(appeal=appeal, upheld=given["upheld"] == "1", answer=given["answer"], by=request.user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已答复：{done.get_state_display()}。")
            return redirect("moral_bank:appeal-detail", pk=pk)
    return _page(request, appeal, form)


def _page(request: UserRequest, appeal: Appeal, form: AppealAnswerForm) -> HttpResponse:
    user = request.user
    may = user.may(Action.APPEAL_ANSWER, appeal.account.household.unit.path)
    context = {
        "appeal": appeal,
        "household": appeal.account.household,
        "tone": TONES[Appeal.State(appeal.state)],
        "form": form,
        "may_answer": may and appeal.state == Appeal.State.OPEN,
        "refusal": answer_refusal(appeal, user),
    }
    return render(request, "moral_bank/claims/appeal_detail.html", context, status=422 if form.errors else 200)


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


def _file(
    request: UserRequest, household: Household, *, claim: Claim | None = None, entry: Entry | None = None
) -> HttpResponse:
    """The form, or the appeal that was filed before."""
    filed = getattr(claim or entry, "appeal", None)
    if filed is not None:
        return redirect("moral_bank:appeal-detail", pk=filed.pk)
    sent = request.method == "POST"
    form = AppealForm(request.POST if sent else None, initial={"name": household.head_name})
    refusal = appeal_refusal(claim=claim, entry=entry, by=request.user)
    if sent and not refusal and form.is_valid():
        try:
            appeal = appeal_file(claim=claim, entry=entry, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "已记下申诉，等镇工作人员答复。")
            return redirect("moral_bank:appeal-detail", pk=appeal.pk)
    context = {"household": household, "claim": claim, "entry": entry, "form": form, "refusal": refusal}
    return render(request, "moral_bank/claims/appeal_create.html", context, status=422 if sent else 200)
