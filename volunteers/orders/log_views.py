"""登记点单: emergencies first, three taps and a name, with everything filled in that a visit, a household or a person brings."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Visit
from governance.cases.sending.senders import payload_of
from governance.frame.act import act, form_page, sent
from governance.frame.parts import Part
from governance.periods import today
from governance.reading import key_asked
from villages.filters import BUTTONS_UP_TO, place_groups, places_of
from villages.models import Household, Resident, Unit
from volunteers.models import CareNote, ServiceOrder
from volunteers.orders.forms import AskForm
from volunteers.orders.lookups import OnCall, whom_to_ring
from volunteers.orders.sending import SAME, order_send

VILLAGES_ON_CALL = 3
RECENT = 6


@never_cache
@duty_required(Action.SERVICE_LOG)
def order_log(request: UserRequest) -> HttpResponse:
    user = request.user
    form = AskForm(**sent(request), user=user, initial=_initial(request))
    done = act(request, form, order_send, payload=payload_of(request.POST), by=user)
    if done:
        order, status = done.result
        again = f"这张表之前已登记为 {order.number}，没有重复记。"
        messages.success(request, again if status == SAME else f"已登记，编号 {order.number}。")
        return redirect("volunteers:order-detail", pk=order.pk)
    places = place_groups(form.fields["unit"].queryset)  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "on_call": _on_call(user),
        "projects": list(form.fields["project"].queryset),  # type: ignore[attr-defined]
        "places": places,
        "buttons": sum(len(units) for _, units in places) <= BUTTONS_UP_TO,
        "chosen_project": str(form["project"].value() or ""),
        "chosen_unit": str(form["unit"].value() or ""),
    }
    return form_page(request, form, "volunteers/orders/log.html", **context)


def _on_call(user: User) -> list[OnCall]:
    """Whom to ring now, in the villages where the user logs; nothing where there are too many to look through."""
    codes = {unit.code[:12] for unit in places_of(user, Action.SERVICE_LOG)}
    villages = Unit.objects.villages().on(today()).filter(code__in=codes).order_by("path")
    now = timezone.now()
    return [whom_to_ring(village, now, private=True) for village in villages] if len(codes) <= VILLAGES_ON_CALL else []


def _initial(request: UserRequest) -> dict[str, Any]:
    """A new key, the last place, and what the address brings: a visit, a household or somebody of the register."""
    user = request.user
    last = ServiceOrder.objects.visible_to(user).filter(logged_by=user).order_by("-pk").values_list("unit", flat=True).first()
    found: dict[str, Any] = {"client_key": uuid4(), "unit": last}
    keys = {name: key_asked(request, name) for name in ("visit", "household", "resident")}
    if keys["visit"]:
        visit = Visit.objects.visible_to(user).filter(pk=keys["visit"]).select_related("household", "unit").first()
        if visit is not None:
            found |= {"visit": visit.pk, "unit": visit.unit_id, "place": visit.place, "text": visit.seen[:500]}
            found |= _of_household(visit.household) | {"source": ServiceOrder.Source.VISIT, "caller": user.name} | _of_note(visit, user)
    if keys["household"]:
        homes = Household.objects.visible_to(user, Action.SERVICE_LOG).filter(pk=keys["household"], ended_on=None)
        if home := homes.select_related("unit").first():
            found |= _of_household(home) | {"caller": user.name}
    if keys["resident"]:
        people = Resident.objects.visible_to(user, Action.SERVICE_LOG).present().filter(pk=keys["resident"])
        if person := people.select_related("household__unit").first():
            found |= _of_household(person.household) | {"name": person.name, "phone": person.phone, "resident": person.pk}
            found |= {"source": ServiceOrder.Source.CARE, "caller": user.name}
    return found


def _of_household(household: Household | None) -> dict[str, Any]:
    """The head with their phone, where the household lives."""
    if household is None:
        return {}
    phone = Resident.objects.present().filter(household=household, name=household.head_name).values_list("phone", flat=True).first()
    place = f"{household.unit} {household.number}"
    return {"household": household.pk, "unit": household.unit_id, "name": household.head_name, "phone": phone or "", "place": place}


def _of_note(visit: Visit, user: User) -> dict[str, Any]:
    """Who needs help by the care notes of a visit, and what; nothing where all are well."""
    notes = CareNote.objects.visible_to(user).filter(visit=visit).exclude(condition=CareNote.Condition.WELL)
    people = Resident.objects.visible_to(user, Action.SERVICE_LOG).present().order_by().values("pk")
    note = notes.filter(resident__in=people).select_related("resident").order_by("-pk").first()
    if note is None:
        return {}
    person = note.resident
    return {"resident": person.pk, "name": person.name, "phone": person.phone, "text": note.need}


def household_part(request: UserRequest, household: Household) -> Part:
    """The household's last orders for those who know the one served, and the way to ask for something for them."""
    user = request.user
    rows = ServiceOrder.objects.visible_to(user, Action.SERVICE_LOG).filter(household=household)
    orders = rows.select_related("project").order_by("-pk")[:RECENT]
    may_log = household.ended_on is None and user.may(Action.SERVICE_LOG, household.unit.path)
    return Part("volunteers/orders/household.html", {"household": household, "orders": orders, "may_log": may_log}, request)


def visit_part(request: UserRequest, visit: Visit) -> Part:
    """The orders that came of a visit, for those who know the one served, and the way to another."""
    user = request.user
    orders = ServiceOrder.objects.visible_to(user, Action.SERVICE_LOG).filter(visit=visit).select_related("project").order_by("pk")
    may_log = user.may(Action.SERVICE_LOG, visit.unit.path)
    return Part("volunteers/orders/visit.html", {"visit": visit, "orders": orders, "may_log": may_log}, request)
