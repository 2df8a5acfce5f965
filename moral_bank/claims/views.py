"""Claims: declare in three taps, see what waits for me and what I declared, verify, reject, withdraw, and one claim's way."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from governance.periods import today
from governance.rooms import named
from moral_bank.claims.appeals import appeal_refusal
from moral_bank.claims.deed_choices import deed_groups, deeds_on
from moral_bank.claims.exports import CLAIMS
from moral_bank.claims.forms import ClaimFilter, ClaimForm, RejectForm
from moral_bank.claims.rows import RELATED, TABS, tab_rows, way_of
from moral_bank.claims.services import (
    WITHDRAWABLE,
    claim_declare,
    claim_reject,
    claim_verify,
    claim_withdraw,
    may_verify,
    with_alike,
)
from moral_bank.models import Claim
from villages.models import Household
from villages.scope import get_visible_or_404


@never_cache
@duty_required(Action.CLAIM_DECLARE)
def claim_create(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    household = get_visible_or_404(
        Household.objects.select_related("village__parent", "unit"), user, Action.CLAIM_DECLARE, pk=pk, ended_on=None
    )
    deeds = deeds_on(user, household.village.parent_id, request.POST.get("occurred_on", ""))
    if request.method == "POST":
        form = ClaimForm(request.POST, deeds=deeds, household=household)
        if form.is_valid():
            try:
                claim = claim_declare(household=household, by=user, client_key=uuid4(), **form.cleaned_data)
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                _tell(request, claim)
                return redirect("villages:household-detail", pk=claim.account.household_id)
    else:
        source = Claim.Source.HOUSEHOLD if "told" in request.GET else ""
        initial = {"source": source, **_initial(request)}
        form = ClaimForm(deeds=deeds, household=household, initial=initial)
    context = {"household": household, "form": form, "groups": deed_groups(user, deeds, form)}
    return render(request, "moral_bank/claims/create.html", context, status=422 if form.errors else 200)


def _initial(request: UserRequest) -> dict[str, object]:
    """Today, unless what the address names (a visit, say) has a day and words of its own."""
    found: dict[str, object] = {"occurred_on": today()}
    for words in named("claim_words"):
        found |= words(request.user, request.GET)
    return found


def _tell(request: UserRequest, claim: Claim) -> None:
    """Say what was kept, and warn of what is alike."""
    own = f"（{claim.applicant}申报）" if claim.applicant else ""
    messages.success(request, f"已记下：{claim.deed.name}{own}，{claim.get_state_display()}。")
    if with_alike(Claim.objects.filter(pk=claim.pk)).filter(alike=True).exists():
        messages.warning(request, "这一户当天已有同一事项的申报，请核对是否记重；记重了可以撤回。")


@duty_required(Action.CLAIM_VIEW)
def claim_list(request: UserRequest) -> HttpResponse:
    user, form = request.user, ClaimFilter(request.GET, user=request.user)
    tab = _tab(request)
    page = page_of(request, form.narrow(tab_rows(user, tab)))
    context = {
        "page": page,
        "form": form,
        "tab": tab,
        "tabs": [(key, one.label) for key, one in TABS.items()],
        "shown": TABS[tab],
        "asked": any(request.GET.get(name) for name in form.fields),
        "may_declare": user.may(Action.CLAIM_DECLARE),
        "may_export": user.may(Action.EXPORT),
    }
    return render(request, "moral_bank/claims/list.html", context)


def _tab(request: UserRequest) -> str:
    tab = request.GET.get("tab", "")
    return tab if tab in TABS else "waiting" if request.user.may(Action.CLAIM_VERIFY) else "all"


@duty_required(Action.EXPORT)
def claim_export(request: UserRequest) -> HttpResponseBase:
    """The tab's list as it is filtered, at places where the user may export."""
    allowed = Claim.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = ClaimFilter(request.GET, user=request.user).narrow(TABS[_tab(request)].rows(request.user))
    try:
        return ledger_response(CLAIMS, rows.filter(pk__in=allowed), request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("moral_bank:claim-list")


@duty_required(Action.CLAIM_VIEW)
def claim_detail(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    related = (*RELATED, "entry__posted_by", "entry__reversed_by", "closing__notice", "deed__rule_set")
    claim: Claim = get_visible_or_404(with_alike(Claim.objects.select_related(*related)), user, pk=pk)
    sees_votes = user.may(Action.CLOSING_VIEW, claim.account.household.village.path)
    votes = ("votes__member__resident",) if sees_votes else ()
    judgements = list(claim.judgements.select_related("sitting__recorded_by").prefetch_related(*votes).order_by("round"))
    appeal = getattr(claim, "appeal", None)
    context = {
        "claim": claim,
        "way": way_of(claim, judgements),
        "judgements": judgements,
        "sees_votes": sees_votes,
        "appeal": appeal,
        "may_verify": claim.state == Claim.State.DECLARED and may_verify(claim, user),
        "may_withdraw": claim.declared_by_id == user.pk and claim.state in WITHDRAWABLE,
        "may_appeal": appeal is None and not appeal_refusal(claim=claim, by=user),
    }
    return render(request, "moral_bank/claims/detail.html", context)


@require_POST
@duty_required(Action.CLAIM_VERIFY)
def verify(request: UserRequest, pk: int) -> HttpResponse:
    claim = _claim(request, pk)
    try:
        claim = claim_verify(claim=claim, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        done = f"{claim.account.household.head_name}，{claim.deed.name}，{claim.score:+d}"
        messages.success(request, f"已核实，等待评议：{done}。")
    return redirect("moral_bank:claim-list")


@duty_required(Action.CLAIM_VERIFY)
def reject(request: UserRequest, pk: int) -> HttpResponse:
    claim = _claim(request, pk)
    form = RejectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            claim_reject(claim=claim, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已退回给{claim.declared_by.name}。")
            return redirect("moral_bank:claim-list")
    return render(request, "moral_bank/claims/reject.html", {"claim": claim, "form": form})


@require_POST
@duty_required(Action.CLAIM_DECLARE)
def withdraw(request: UserRequest, pk: int) -> HttpResponse:
    claim = get_visible_or_404(Claim.objects.all(), request.user, pk=pk)
    try:
        claim_withdraw(claim=claim, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "已撤回。")
    return redirect("moral_bank:claim-detail", pk=pk)


def _claim(request: UserRequest, pk: int) -> Claim:
    claims = Claim.objects.select_related("deed", "declared_by", "account__household__unit")
    return get_visible_or_404(claims, request.user, Action.CLAIM_VERIFY, pk=pk)
