"""One deed of many households off a paper sheet: place, deed and day, then a tick for each household (mission M23)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.act import form_page, sent
from governance.frame.once import DonePage
from governance.periods import today
from governance.reading import text_sent
from moral_bank.claims.deed_choices import deed_groups, deeds_on
from moral_bank.claims.forms import BatchForm, PlaceForm
from moral_bank.claims.services import NAME_LENGTH, ClaimError, Declaration, claims_declare, with_alike
from moral_bank.models import Claim
from moral_bank.rules.models import Deed
from villages.filters import places_of
from villages.models import Household, Unit

HOMES_SHOWN = 1000


@dataclass(frozen=True)
class Line:
    """What became of one ticked household: `tone` good or late (refused)."""

    household: Household
    tone: str
    label: str
    words: str
    claim: Claim | None


@never_cache
@duty_required(Action.CLAIM_DECLARE)
def claim_batch(request: UserRequest) -> HttpResponse:
    user, page = request.user, "moral_bank/claims/batch.html"
    places = places_of(user, Action.CLAIM_DECLARE)
    where = PlaceForm(request.POST if request.method == "POST" else request.GET, places=places)
    place = _place(where, places)
    context: dict[str, object] = {"where": where, "place": place}
    if place is None:
        return render(request, page, context, status=422 if request.method == "POST" else 200)
    homes = _homes(user, place)
    deeds = _deeds(request, homes)
    form = BatchForm(**sent(request), deeds=deeds, homes=homes, initial={"occurred_on": today()})
    lines = _declare(form, user) if form.is_valid() else []
    if any(line.claim for line in lines):
        done = {"lines": lines, "place": place, **_sums(lines)}
        return DonePage(render(request, "moral_bank/claims/batch_done.html", done).content)
    if lines:
        form.add_error(None, "一条也没有记下，原因见下。")
    listed = list(homes[:HOMES_SHOWN])
    more = homes.count() - HOMES_SHOWN if len(listed) == HOMES_SHOWN else 0
    context |= {"homes": listed, "more": more, "ticked": form.ticked, "groups": deed_groups(user, deeds, form), "lines": lines}
    return form_page(request, form, page, **context)


def _place(where: PlaceForm, places: QuerySet[Unit]) -> Unit | None:
    """None where no place is chosen, or a wrong one."""
    key = where.cleaned_data["place"] if where.is_valid() else ""
    return places.select_related("parent").get(pk=key) if key else None


def _deeds(request: UserRequest, homes: QuerySet[Household]) -> QuerySet[Deed]:
    """The deeds of the township of `homes` on the day that was sent."""
    first = homes.first()
    town = first.village.parent_id if first is not None else None
    return deeds_on(request.user, town, text_sent(request, "occurred_on"))


def _homes(user: User, place: Unit) -> QuerySet[Household]:
    """The households of a place, in the order of its yards and of their heads' names."""
    rows = Household.objects.visible_to(user, Action.CLAIM_DECLARE).filter(ended_on=None, unit__path__startswith=place.path)
    return rows.select_related("village", "unit").order_by("unit__path", "head_pinyin", "pk")


def _declare(form: BatchForm, by: User) -> list[Line]:
    fields = form.cleaned_data
    declarations = [
        Declaration(
            household=household,
            deed=fields["deed"],
            occurred_on=fields["occurred_on"],
            score=fields["score"],
            quantity=fields["quantity"],
            note=fields["note"],
            source=Claim.Source.HOUSEHOLD if fields["signed"] else Claim.Source.CADRE,
            applicant=household.head_name[:NAME_LENGTH] if fields["signed"] else "",
            consent=Claim.Consent.SIGNED if fields["signed"] else "",
        )
        for household in fields["homes"]
    ]
    results = claims_declare(declarations=declarations, by=by)
    alike = _alike(results)
    return [_line(one.household, result, alike) for one, result in zip(declarations, results, strict=True)]


def _alike(results: list[Claim | ClaimError]) -> set[int]:
    """Keys of the claims beside which another says the same."""
    claims = with_alike(Claim.objects.filter(pk__in=[one.pk for one in results if isinstance(one, Claim)]))
    return set(claims.filter(alike=True).values_list("pk", flat=True))


def _line(household: Household, result: Claim | ClaimError, alike: set[int]) -> Line:
    if isinstance(result, ClaimError):
        return Line(household, "late", "没有记", result.message, None)
    words = "当天已有同一事项，请核对是否记重" if result.pk in alike else ""
    return Line(household, "good", "已记下", words, result)


def _sums(lines: list[Line]) -> dict[str, int]:
    return {name: sum(line.tone == tone for line in lines) for name, tone in (("new", "good"), ("bad", "late"))}
