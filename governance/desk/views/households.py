"""Households: the list with its search, one household with people, ledger and ratings, and the logged look at an ID."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Case, Visit
from governance.desk.forms import VillageFilter
from governance.desk.paging import PER_PAGE, page_of
from governance.desk.requests import DeskRequest
from governance.errors import DomainError
from moral_bank.claims import OPEN_STATES
from moral_bank.models import Account, Claim, Entry, Rating
from villages.households import resident_reveal
from villages.models import Household, Resident
from villages.pinyin import name_q
from villages.scope import get_visible_or_404

RECENT = 6
RATINGS_SHOWN = 24


def recent_households(user: User) -> list[Household]:
    """The households for which `user` last declared something, latest first."""
    latest = Claim.objects.visible_to(user).filter(declared_by=user).order_by("-id")
    ids = list(dict.fromkeys(latest.values_list("account__household_id", flat=True)[: RECENT * 8]))[:RECENT]
    found = Household.objects.visible_to(user, Action.CLAIM_DECLARE).filter(ended_on=None).select_related("unit")
    by_id = found.in_bulk(ids)
    return [by_id[pk] for pk in ids if pk in by_id]


@duty_required(Action.HOUSEHOLD_VIEW)
def household_list(request: DeskRequest) -> HttpResponse:
    user = request.user
    form = VillageFilter(request.GET, user=user)
    form.fields["q"].widget.attrs["placeholder"] = "姓名、拼音或户号"
    rows = Household.objects.visible_to(user).select_related("village", "unit", "account")
    query, village = form.value("q"), form.value("village")
    if query:
        rows = rows.filter(name_q(query, name="head_name", key="head_pinyin") | Q(number__contains=query.strip()))
    else:
        rows = rows.filter(ended_on=None)
    if village:
        rows = rows.filter(village=village)
    page = page_of(request, rows.annotate(people=_people()))
    first = page.number == 1 and not query and not village
    may_declare = user.may(Action.CLAIM_DECLARE)
    context = {
        "form": form,
        "page": page,
        "recent": recent_households(user) if first and may_declare else [],
        "may_declare": may_declare,
        "query": query,
    }
    partial = "#results" if request.htmx and not request.htmx.boosted else ""
    return render(request, f"desk/household_list.html{partial}", context)


def _people() -> Coalesce:
    """How many residents a household has, counted for the rows of the page only."""
    present = Resident.objects.present().filter(household=OuterRef("pk")).order_by().values("household")
    return Coalesce(Subquery(present.annotate(people=Count("id")).values("people")), 0)


@duty_required(Action.HOUSEHOLD_VIEW)
def household_detail(request: DeskRequest, pk: int) -> HttpResponse:
    user = request.user
    household = get_visible_or_404(
        Household.objects.select_related("village__parent", "unit__parent", "account"), user, pk=pk
    )
    account = Account.objects.visible_to(user).filter(household=household).first()
    entries = Entry.objects.visible_to(user).filter(account=account).order_by("-occurred_on", "-id")
    ledger = entries.select_related("posted_by", "reversed_by", "deed", "appeal")
    waiting = Claim.objects.visible_to(user).filter(account=account, state__in=OPEN_STATES)
    ratings = Rating.objects.visible_to(user).filter(account=account).select_related("closing")
    context = {
        "household": household,
        "account": account,
        "residents": Resident.objects.visible_to(user).filter(household=household).order_by("status", "id"),
        "waiting": waiting.select_related("deed", "declared_by"),
        "page": page_of(request, ledger, _page_with(entries, request.GET.get("entry", ""))),
        "ratings": ratings.order_by("-closing__start", "-closing__kind")[:RATINGS_SHOWN],
        "cases": Case.objects.visible_to(user).filter(household=household).select_related("category").order_by("-pk")[:RECENT],
        "visits": Visit.objects.visible_to(user).filter(household=household).select_related("by").order_by("-pk")[:RECENT],
        "may_log": household.ended_on is None and user.may(Action.CASE_LOG, household.unit.path),
        "may_declare": household.ended_on is None and user.may(Action.CLAIM_DECLARE, household.unit.path),
        "may_reveal": user.may(Action.RESIDENT_REVEAL, household.unit.path),
    }
    return render(request, "desk/household_detail.html", context)


def _page_with(entries: QuerySet[Entry], wanted: str) -> int | None:
    """The ledger page on which the entry with id `wanted` stands; None where it is not among them."""
    entry = entries.filter(pk=wanted).first() if wanted.isdecimal() else None
    if entry is None:
        return None
    later = Q(occurred_on__gt=entry.occurred_on) | Q(occurred_on=entry.occurred_on, id__gt=entry.pk)
    return entries.filter(later).count() // PER_PAGE + 1


@never_cache
@require_POST
@duty_required(Action.RESIDENT_REVEAL)
def reveal(request: DeskRequest, pk: int) -> HttpResponse:
    user = request.user
    resident = get_visible_or_404(
        Resident.objects.select_related("household__village", "household__unit"), user, Action.RESIDENT_REVEAL, pk=pk
    )
    context: dict[str, object] = {"resident": resident, "household": resident.household}
    try:
        context["number"] = resident_reveal(resident=resident, by=user, request=request)
    except DomainError as error:
        context["refusal"] = error.message
    partial = "#number" if request.htmx else ""
    return render(request, f"desk/resident_reveal.html{partial}", context)
