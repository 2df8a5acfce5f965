"""Claims: declare in three taps, see what waits for me and what I declared, verify, reject, withdraw, and one claim's way."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, press, sent
from governance.frame.lists import To, list_export, list_page
from governance.periods import today
from governance.reading import text_sent
from governance.rooms import named
from moral_bank.claims.appeals import appeal_refusal
from moral_bank.claims.deed_choices import deed_groups, deeds_on
from moral_bank.claims.exports import CLAIMS as LEDGER
from moral_bank.claims.forms import ClaimForm, RejectForm
from moral_bank.claims.lists import CLAIMS, appeal_tag, state_tag
from moral_bank.claims.rows import RELATED, way_of
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
    homes = Household.objects.select_related("village__parent", "unit")
    household = get_visible_or_404(homes, user, Action.CLAIM_DECLARE, pk=pk, ended_on=None)
    deeds = deeds_on(user, household.village.parent_id, text_sent(request, "occurred_on"))
    form = ClaimForm(**sent(request), deeds=deeds, household=household, initial=_initial(request))
    done = act(request, form, claim_declare, household=household, by=user)
    if done:
        _announce(request, done.result)
        return redirect("villages:household-detail", pk=done.result.account.household_id)
    context = {"household": household, "groups": deed_groups(user, deeds, form)}
    return form_page(request, form, "moral_bank/claims/create.html", **context)


def _initial(request: UserRequest) -> dict[str, object]:
    """Today, unless what the address names (a visit, say) has a day of its own."""
    source = Claim.Source.HOUSEHOLD if "told" in request.GET else ""
    initial: dict[str, object] = {"source": source, "occurred_on": today()}
    for day in named("claim_day"):
        initial |= day(request.user, request.GET)
    return initial


def _announce(request: UserRequest, claim: Claim) -> None:
    """Say what was kept, and warn of what is alike."""
    own = f"（{claim.applicant}申报）" if claim.applicant else ""
    messages.success(request, f"已记下：{claim.deed.name}{own}，{claim.get_state_display()}。")
    if with_alike(Claim.objects.filter(pk=claim.pk)).filter(alike=True).exists():
        messages.warning(request, "这一户当天已有同一事项的申报，请核对是否记重；记重了可以撤回。")


@duty_required(Action.CLAIM_VIEW)
def claim_list(request: UserRequest) -> HttpResponse:
    rows = with_alike(Claim.objects.visible_to(request.user)).select_related(*RELATED)
    return list_page(request, CLAIMS, rows, start="waiting" if request.user.may(Action.CLAIM_VERIFY) else "all")


@duty_required(Action.EXPORT)
def claim_export(request: UserRequest) -> HttpResponseBase:
    """The tab's list as it is filtered, at places where the user may export."""
    allowed = Claim.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = Claim.objects.visible_to(request.user).filter(pk__in=allowed)
    return list_export(request, CLAIMS, rows, LEDGER, "moral_bank:claim-list")


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
        "state": state_tag(claim),
        "way": way_of(claim, judgements),
        "judgements": judgements,
        "sees_votes": sees_votes,
        "appeal": appeal,
        "appeal_state": appeal and appeal_tag(appeal),
        "may_verify": claim.state == Claim.State.DECLARED and may_verify(claim, user),
        "may_withdraw": claim.declared_by_id == user.pk and claim.state in WITHDRAWABLE,
        "may_appeal": appeal is None and not appeal_refusal(claim=claim, by=user),
    }
    return render(request, "moral_bank/claims/detail.html", context)


@require_POST
@duty_required(Action.CLAIM_VERIFY)
def verify(request: UserRequest, pk: int) -> HttpResponse:
    press(request, claim_verify, lambda claim: f"已核实，等待评议：{_words(claim)}。", claim=_claim(request, pk), by=request.user)
    return redirect("moral_bank:claim-list")


@duty_required(Action.CLAIM_VERIFY)
def reject(request: UserRequest, pk: int) -> HttpResponse:
    claim, form = _claim(request, pk), RejectForm(**sent(request))
    if act(request, form, claim_reject, f"已退回给{claim.declared_by.name}。", claim=claim, by=request.user):
        return redirect("moral_bank:claim-list")
    context = {"title": "退回申报", "button": "退回", "cancel": "不退了", "up": To("申报", "moral_bank:claim-list"), "claim": claim}
    return form_page(request, form, "moral_bank/claims/reject.html", **context)


@require_POST
@duty_required(Action.CLAIM_DECLARE)
def withdraw(request: UserRequest, pk: int) -> HttpResponse:
    claim = get_visible_or_404(Claim.objects.all(), request.user, pk=pk)
    press(request, claim_withdraw, "已撤回。", claim=claim, by=request.user)
    return redirect("moral_bank:claim-detail", pk=pk)


def _words(claim: Claim) -> str:
    return f"{claim.account.household.head_name}，{claim.deed.name}，{claim.score:+d}"


def _claim(request: UserRequest, pk: int) -> Claim:
    claims = Claim.objects.select_related("deed", "declared_by", "account__household__unit")
    return get_visible_or_404(claims, request.user, Action.CLAIM_VERIFY, pk=pk)
