"""One deed of many households off a paper sheet: place, deed and day, then a tick for each household (mission M23)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.once import DonePage
from governance.periods import today
from moral_bank.claims.deed_choices import deed_groups, deeds_on
from moral_bank.claims.forms import BatchForm
from moral_bank.claims.services import NAME_LENGTH, ClaimError, Declaration, claims_declare, with_alike
from moral_bank.models import Claim
from villages.filters import place_groups, places_of
from villages.models import Household, Unit

HOMES_SHOWN = 1000


@dataclass(frozen=True)
class Line:
    """What became of one ticked household: `tone` good, info (it was there already) or late (refused)."""

    household: Household
    tone: str
    label: str
    words: str
    claim: Claim | None


@never_cache
@duty_required(Action.CLAIM_DECLARE)
def claim_batch(request: UserRequest) -> HttpResponse:
    user, sent = request.user, request.method == "POST"
    places = places_of(user, Action.CLAIM_DECLARE)
    said = (request.POST if sent else request.GET).get("place", "")
    place = places.filter(pk=said).select_related("parent").first() if said.isdecimal() else None
    context: dict[str, object] = {"places": place_groups(places), "place": place}
    if place is None:
        return render(request, "moral_bank/claims/batch.html", context)
    homes = _homes(user, place)
    first = homes.first()
    town = first.village.parent_id if first is not None else None
    deeds = deeds_on(user, town, request.POST.get("occurred_on", ""))
    initial = {"occurred_on": today()}
    form = BatchForm(request.POST if sent else None, deeds=deeds, homes=homes, initial=initial)
    lines: list[Line] = []
    if sent and form.is_valid():
        lines = _declare(form, user)
        if any(line.claim for line in lines):
            done = {"lines": lines, "place": place, **_sums(lines)}
            return DonePage(render(request, "moral_bank/claims/batch_done.html", done).content)
        form.add_error(None, "一条也没有记下，原因见下。")
    shown = list(homes[:HOMES_SHOWN])
    context |= {
        "form": form,
        "homes": shown,
        "more": homes.count() - HOMES_SHOWN if len(shown) == HOMES_SHOWN else 0,
        "ticked": form.ticked,
        "groups": deed_groups(user, deeds, form),
        "lines": lines,
    }
    return render(request, "moral_bank/claims/batch.html", context, status=422 if form.errors else 200)


def _homes(user: User, place: Unit) -> QuerySet[Household]:
    """The households of a place, in the order of its yards and of their heads' names."""
    rows = Household.objects.visible_to(user, Action.CLAIM_DECLARE).filter(ended_on=None, unit__path__startswith=place.path)
    return rows.select_related("village", "unit").order_by("unit__path", "head_pinyin", "pk")


def _declare(form: BatchForm, by: User) -> list[Line]:
    given = form.cleaned_data
    said = [
        Declaration(
            household=household,
            deed=given["deed"],
            occurred_on=given["occurred_on"],
            client_key=uuid4(),
            score=given["score"],
            quantity=given["quantity"],
            note=given["note"],
            source=Claim.Source.HOUSEHOLD if given["signed"] else Claim.Source.CADRE,
            applicant=household.head_name[:NAME_LENGTH] if given["signed"] else "",
            consent=Claim.Consent.SIGNED if given["signed"] else "",
        )
        for household in given["homes"]
    ]
    found = claims_declare(declarations=said, by=by)
    alike = _alike(found)
    return [_line(one.household, claim, alike) for one, claim in zip(said, found, strict=True)]


def _alike(found: list[Claim | ClaimError]) -> set[int]:
    """Keys of the claims beside which another says the same."""
    claims = with_alike(Claim.objects.filter(pk__in=[one.pk for one in found if isinstance(one, Claim)]))
    return set(claims.filter(alike=True).values_list("pk", flat=True))


def _line(household: Household, found: Claim | ClaimError, alike: set[int]) -> Line:
    if isinstance(found, ClaimError):
        return Line(household, "late", "没有记", found.message, None)
    words = "当天已有同一事项，请核对是否记重" if found.pk in alike else ""
    return Line(household, "good", "已记下", words, found)


def _sums(lines: list[Line]) -> dict[str, int]:
    return {name: sum(line.tone == tone for line in lines) for name, tone in (("new", "good"), ("bad", "late"))}
