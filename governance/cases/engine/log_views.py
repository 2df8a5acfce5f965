"""记一件事: three taps and one sentence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.engine.alike import cases_alike
from governance.cases.engine.flow import KIND_LABELS, Kind
from governance.cases.engine.log_form import CaseLogForm
from governance.cases.models import Case, Category, Visit
from governance.cases.sending.lookups import photos_keep, photos_say
from governance.cases.sending.senders import payload_of
from governance.cases.sending.services import Arrival, case_send
from governance.frame.act import act, form_page, sent
from governance.reading import key_asked, text_asked
from villages.filters import BUTTONS_UP_TO, place_groups
from villages.models import Household, Resident

OFTEN, LATELY_DAYS = 8, 90


@never_cache
@duty_required(Action.CASE_LOG)
def case_log(request: UserRequest) -> HttpResponse:
    user = request.user
    form = CaseLogForm(**sent(request), user=user, initial=_initial(request))
    photos = photos_keep(request, form)
    alike = _alike(form, user) if form.is_valid() and not form.cleaned_data["confirmed"] else []
    done = None if alike else act(request, form, case_send, payload=payload_of(request.POST), by=user)
    if done:
        return _thanks(request, done.result)
    photos_say(request, photos)
    return form_page(request, form, "cases/engine/log.html", **_context(user, form, alike))


@duty_required(Action.CASE_LOG)
def case_alike(request: UserRequest) -> HttpResponse:
    """What may be the same, for the form to show before it is sent."""
    form = CaseLogForm(request.GET, user=request.user)
    form.is_valid()
    found = _alike(form, request.user) if {"category", "unit"} <= form.cleaned_data.keys() else []
    return render(request, "cases/engine/_alike.html", {"alike": found})


def _alike(form: CaseLogForm, user: User) -> list[Case]:
    cleaned = form.cleaned_data
    return cases_alike(user=user, category=cleaned["category"], unit=cleaned["unit"], point=form.point)


def _initial(request: UserRequest) -> dict[str, Any]:
    """A new key, the last place, and what the address brings from a visit or a household."""
    user = request.user
    last = Case.objects.visible_to(user).filter(first_receiver=user).order_by("-pk").values_list("unit", flat=True).first()
    initial: dict[str, Any] = {"client_key": uuid4(), "unit": last, "kind": text_asked(request, "kind")}
    if category := key_asked(request, "category"):
        initial["category"] = category
    if home := key_asked(request, "household"):
        household = Household.objects.visible_to(user, Action.CASE_LOG).filter(pk=home).first()
        if household is not None:
            initial |= {"household": household.pk, "unit": household.unit_id, **_people(user, household)}
    if key := key_asked(request, "visit"):
        visit = Visit.objects.visible_to(user).filter(pk=key).select_related("household").first()
        if visit is not None:
            initial |= {"visit": visit.pk, "unit": visit.unit_id, "place": visit.place, "text": visit.seen}
            initial |= {"household": visit.household_id, "source": Case.Source.VISIT}
            initial |= _people(user, visit.household) if visit.household else {}
    return initial


def _people(user: User, household: Household) -> dict[str, str]:
    """Client and party as the register knows them: the head, with the telephone that the household gave."""
    known = Resident.objects.visible_to(user).present().filter(household=household).exclude(phone="").order_by("pk")
    phones = dict(known.values_list("name", "phone"))
    phone = phones.get(household.head_name) or next(iter(phones.values()), "")
    return {"client": household.head_name, "parties": household.head_name, "phone": phone}


def _often(user: User, form: CaseLogForm, categories: list[Category]) -> list[Category]:
    """What is chosen most where the user logs, and lately; of the kind that the address asks for, and the one chosen already."""
    since = timezone.now() - timedelta(days=LATELY_DAYS)
    lately = Case.objects.visible_to(user, Action.CASE_LOG).filter(logged_at__gte=since).order_by()
    times = dict(lately.values_list("category").annotate(Count("pk")))
    asked, chosen = form.initial.get("kind"), str(form["category"].value() or "")
    ranked = sorted(categories, key=lambda one: (str(one.pk) != chosen, bool(asked) and one.kind != asked, -times.get(one.pk, 0)))
    return ranked[:OFTEN]


def _context(user: User, form: CaseLogForm, alike: list[Case]) -> dict[str, Any]:
    every = list(form.fields["category"].queryset)  # type: ignore[attr-defined]
    often = _often(user, form, every)
    categories: dict[str, list[Category]] = {}
    for category in every:
        if category not in often:
            categories.setdefault(category.kind, []).append(category)
    kinds = sorted(Kind, key=lambda kind: kind != form.initial.get("kind"))
    places = place_groups(form.fields["unit"].queryset)  # type: ignore[attr-defined]
    return {
        "alike": alike,
        "often": often,
        "kinds": [(kind, KIND_LABELS[kind], categories[kind]) for kind in kinds if kind in categories],
        "places": places,
        "buttons": sum(len(units) for _, units in places) <= BUTTONS_UP_TO,
        "chosen_category": str(form["category"].value() or ""),
        "chosen_unit": str(form["unit"].value() or ""),
    }


def _thanks(request: UserRequest, arrival: Arrival) -> HttpResponse:
    """Say what became of the form, and go to the case."""
    case = arrival.thing
    assert isinstance(case, Case)
    if arrival.status == "created":
        messages.success(request, f"已登记，编号 {case.number}，由{case.holder_name}办理。")
    elif arrival.status == "conflict":
        messages.warning(request, f"这张表之前已登记为 {case.number}，内容不一样。两份都保留了，请到“内容不一致”处理。")
    else:
        messages.success(request, f"这张表之前已登记为 {case.number}，没有重复记。")
    return redirect("cases:case-detail", pk=case.pk)
