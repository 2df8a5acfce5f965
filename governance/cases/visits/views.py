"""Visits: log once, open whatever comes of it with everything filled in (plan §四.2, §四.3)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.cases.models import Case, Photo, Visit
from governance.cases.sending.lookups import photos_keep, photos_say
from governance.cases.sending.senders import payload_of
from governance.cases.sending.services import Arrival, visit_send
from governance.cases.visits.forms import VisitForm
from governance.cases.visits.lists import VISITS
from governance.frame.act import act, form_page, sent
from governance.frame.lists import list_page
from governance.reading import key_asked, key_of
from governance.rooms import named
from villages.filters import BUTTONS_UP_TO, place_groups
from villages.models import Household
from villages.scope import get_visible_or_404

RELATED = ("village", "unit", "household", "by")


@duty_required(Action.VISIT_VIEW)
def visit_list(request: UserRequest) -> HttpResponse:
    return list_page(request, VISITS, Visit.objects.visible_to(request.user).select_related(*RELATED))


@never_cache
@duty_required(Action.VISIT_LOG)
def visit_log(request: UserRequest) -> HttpResponse:
    user = request.user
    form = VisitForm(**sent(request), user=user, initial=_initial(request))
    photos = photos_keep(request, form)
    done = act(request, form, visit_send, _thanks, payload=payload_of(request.POST), by=user)
    if done:
        return redirect("cases:visit-detail", pk=done.result.sent.visit_id)
    photos_say(request, photos)
    places = place_groups(form.fields["unit"].queryset)  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "places": places,
        "buttons": sum(len(units) for _, units in places) <= BUTTONS_UP_TO,
        "chosen_unit": str(form["unit"].value() or ""),
        "kinds": Visit.Kind.choices,
        "chosen_kind": str(form["kind"].value()),
        "household": _household(request, key_of(str(form["household"].value() or ""))),
    }
    return form_page(request, form, "cases/visits/log.html", **context)


def _thanks(arrival: Arrival) -> str:
    words = {"created": "已登记走访。", "same": "这张表之前已登记，没有重复记。"}
    return words.get(arrival.status, "这张表之前已登记，内容不一样，请到“内容不一致”处理。")


def _household(request: UserRequest, pk: int) -> Household | None:
    if not pk:
        return None
    return Household.objects.visible_to(request.user, Action.VISIT_LOG).filter(pk=pk).first()


def _initial(request: UserRequest) -> dict[str, Any]:
    """A new key, the last place, or the household that the address names."""
    initial: dict[str, Any] = {"client_key": uuid4()}
    last = Visit.objects.visible_to(request.user).filter(by=request.user).order_by("-pk").first()
    if last is not None:
        initial["unit"] = last.unit_id
    household = _household(request, key_asked(request, "household"))
    if household is not None:
        initial |= {"household": household.pk, "unit": household.unit_id}
    return initial


@duty_required(Action.VISIT_VIEW)
def visit_detail(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    visit = get_visible_or_404(Visit.objects.select_related(*RELATED, "sent"), user, pk=pk)
    path = visit.unit.path
    context = {
        "visit": visit,
        "photos": Photo.objects.visible_to(user).ready().filter(visit=visit),
        "cases": Case.objects.visible_to(user).filter(visit=visit).select_related("category").order_by("pk"),
        "parts": [part_of(request, visit) for part_of in named("visit")],
        "may_log": user.may(Action.CASE_LOG, path),
        "may_claim": visit.household is not None and user.may(Action.CLAIM_DECLARE, path),
    }
    return render(request, "cases/visits/detail.html", context)
