"""Claims: declare in three taps, see what waits for me and what I declared, verify and reject."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Visit
from governance.desk.deed_choices import deed_groups
from governance.desk.forms import ClaimForm, RejectForm
from governance.desk.paging import page_of
from governance.desk.requests import DeskRequest
from governance.errors import DomainError
from governance.periods import today
from moral_bank.claims import claim_declare, claim_reject, claim_verify, claims_waiting_for
from moral_bank.models import Claim
from moral_bank.rule_models import Deed, RuleSet
from villages.models import Household
from villages.scope import get_visible_or_404

TABS = {"waiting": "待我核实", "declared": "我申报的", "returned": "退回我的"}


@never_cache
@duty_required(Action.CLAIM_DECLARE)
def claim_create(request: DeskRequest, pk: int) -> HttpResponse:
    user = request.user
    household = get_visible_or_404(
        Household.objects.select_related("village__parent", "unit"), user, Action.CLAIM_DECLARE, pk=pk, ended_on=None
    )
    deeds = _deeds_on(user, household, request.POST.get("occurred_on", ""))
    if request.method == "POST":
        form = ClaimForm(request.POST, deeds=deeds)
        if form.is_valid():
            try:
                claim = claim_declare(household=household, by=user, **form.cleaned_data)
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                _tell(request, claim, form)
                return redirect("desk:household-detail", pk=claim.account.household_id)
    else:
        form = ClaimForm(deeds=deeds, initial={"client_key": uuid4(), **_told(user, request.GET.get("visit", ""))})
    context = {"household": household, "form": form, "groups": deed_groups(user, deeds, form)}
    return render(request, "desk/claim_create.html", context, status=422 if form.errors else 200)


def _told(user: User, visit: str) -> dict[str, object]:
    """Day and words of the visit that the address names."""
    row = Visit.objects.visible_to(user).filter(pk=visit).first() if visit.isdecimal() else None
    return {"occurred_on": today(row.went_at), "note": row.seen[:200]} if row else {"occurred_on": today()}


def _deeds_on(user: User, household: Household, day: str) -> QuerySet[Deed]:
    """The deeds of the rules in force on `day` (ISO text; today, if it is none) for the household's township."""
    try:
        on = parse_date(day) or today()
    except ValueError:
        on = today()
    rule_set = RuleSet.objects.in_force(household.village.parent_id or 0, on)
    return Deed.objects.visible_to(user).filter(rule_set=rule_set).order_by("code")


def _tell(request: DeskRequest, claim: Claim, form: ClaimForm) -> None:
    """Say what was kept; warn where the same form had been sent before with something else in it."""
    sent = (form.cleaned_data["deed"].pk, form.cleaned_data["occurred_on"])
    if sent == (claim.deed_id, claim.occurred_on):
        messages.success(request, f"已记下：{claim.deed.name}，{claim.get_state_display()}。")
    else:
        messages.warning(request, f"这张表之前已提交为“{claim.deed.name}”，没有重复记。要另记一笔，请重新点“记一笔”。")


@duty_required(Action.CLAIM_VIEW)
def claim_list(request: DeskRequest) -> HttpResponse:
    user = request.user
    mine = Claim.objects.visible_to(user).filter(declared_by=user)
    lists = {
        "waiting": claims_waiting_for(user).order_by("id"),
        "declared": mine,
        "returned": mine.filter(state=Claim.State.REJECTED),
    }
    tab = request.GET.get("tab", "")
    if tab not in lists:
        tab = "waiting" if user.may(Action.CLAIM_VERIFY) else "declared"
    rows = lists[tab].select_related(
        "deed", "declared_by", "decided_by", "account__household__village", "account__household__unit"
    )
    return render(
        request, "desk/claim_list.html", {"page": page_of(request, rows), "tab": tab, "tabs": TABS.items()}
    )


@require_POST
@duty_required(Action.CLAIM_VERIFY)
def verify(request: DeskRequest, pk: int) -> HttpResponse:
    claim = _claim(request, pk)
    try:
        entry = claim_verify(claim=claim, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"已核实入账：{claim.account.household.head_name}，{entry.memo}，评分 {entry.score:+d}。")
    return redirect("desk:claim-list")


@duty_required(Action.CLAIM_VERIFY)
def reject(request: DeskRequest, pk: int) -> HttpResponse:
    claim = _claim(request, pk)
    form = RejectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            claim_reject(claim=claim, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已退回给{claim.declared_by.name}。")
            return redirect("desk:claim-list")
    return render(request, "desk/claim_reject.html", {"claim": claim, "form": form})


def _claim(request: DeskRequest, pk: int) -> Claim:
    claims = Claim.objects.select_related("deed", "declared_by", "account__household__unit")
    return get_visible_or_404(claims, request.user, Action.CLAIM_VERIFY, pk=pk)
