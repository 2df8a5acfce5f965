"""Visits: log once, open whatever comes of it with everything filled in (plan §四.2, §四.3)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.cases.models import CareNote, Case, Photo, Visit
from governance.cases.sending.photos import photo_take
from governance.cases.sending.senders import payload_of
from governance.cases.sending.services import visit_send
from governance.cases.visits.care import care_note_add
from governance.cases.visits.forms import CareForm, VisitFilter, VisitForm
from governance.errors import DomainError
from governance.frame.paging import page_of
from villages.filters import BUTTONS_UP_TO, place_groups
from villages.models import Household, Resident
from villages.scope import get_visible_or_404

RELATED = ("village", "unit", "household", "by")


@duty_required(Action.VISIT_VIEW)
def visit_list(request: UserRequest) -> HttpResponse:
    user = request.user
    form = VisitFilter(request.GET, user=user)
    form.fields["q"].widget.attrs["placeholder"] = "户主或看到的情况里的字"
    rows = Visit.objects.visible_to(user).select_related(*RELATED)
    for name in ("kind", "village"):
        if name in form.fields and form.value(name):
            rows = rows.filter(**{name: form.value(name)})
    if form.value("mine"):
        rows = rows.filter(by=user)
    if words := form.value("q"):
        rows = rows.filter(Q(seen__contains=words) | Q(household__head_name__contains=words))
    page = page_of(request, rows.order_by("-went_at", "-id"), capped=True)
    context = {"form": form, "page": page, "may_log": user.may(Action.VISIT_LOG)}
    return render(request, "cases/visits/list.html", context)


@never_cache
@duty_required(Action.VISIT_LOG)
def visit_log(request: UserRequest) -> HttpResponse:
    user = request.user
    if request.method == "POST":
        form = VisitForm(request.POST, user=user)
        if form.is_valid():
            try:
                arrival = visit_send(key=form.key, payload=payload_of(request.POST), report=form.report(), by=user)
                if arrival.status == "created":
                    for file in request.FILES.getlist("photos"):
                        photo_take(file=file, owner_key=form.key, by=user)
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                said = {"created": "已登记走访。", "same": "这张表之前已登记，没有重复记。"}
                messages.success(request, said.get(arrival.status, "这张表之前已登记，内容不一样，请到“内容不一致”处理。"))
                return redirect("cases:visit-detail", pk=arrival.sent.visit_id)
    else:
        form = VisitForm(user=user, initial=_initial(request))
    units = form.fields["unit"].queryset  # type: ignore[attr-defined]
    places = place_groups(units)
    context: dict[str, Any] = {
        "form": form,
        "places": places,
        "buttons": sum(len(found) for _, found in places) <= BUTTONS_UP_TO,
        "chosen_unit": str(form["unit"].value() or ""),
        "kinds": Visit.Kind.choices,
        "chosen_kind": str(form["kind"].value()),
        "household": _household(request, str(form["household"].value() or "")),
    }
    return render(request, "cases/visits/log.html", context, status=422 if form.errors else 200)


def _household(request: UserRequest, pk: str) -> Household | None:
    if not pk.isdecimal():
        return None
    return Household.objects.visible_to(request.user, Action.VISIT_LOG).filter(pk=pk).first()


def _initial(request: UserRequest) -> dict[str, Any]:
    """A new key, the last place, or the household that the address names."""
    initial: dict[str, Any] = {"client_key": uuid4()}
    last = Visit.objects.visible_to(request.user).filter(by=request.user).order_by("-pk").first()
    if last is not None:
        initial["unit"] = last.unit_id
    household = _household(request, request.GET.get("household", ""))
    if household is not None:
        initial |= {"household": household.pk, "unit": household.unit_id}
    return initial


@duty_required(Action.VISIT_VIEW)
def visit_detail(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    visit = get_visible_or_404(Visit.objects.select_related(*RELATED), user, pk=pk)
    path = visit.unit.path
    context = {
        "visit": visit,
        "photos": Photo.objects.visible_to(user).ready().filter(visit=visit),
        "cases": Case.objects.visible_to(user).filter(visit=visit).select_related("category").order_by("pk"),
        "notes": CareNote.objects.visible_to(user).filter(visit=visit).select_related("resident", "by"),
        "may_log": user.may(Action.CASE_LOG, path),
        "may_claim": visit.household is not None and user.may(Action.CLAIM_DECLARE, path),
        "may_care": visit.household is not None and user.may(Action.CARE_VIEW, path) and user.may(Action.VISIT_LOG, path),
    }
    return render(request, "cases/visits/detail.html", context)


@never_cache
@duty_required(Action.CARE_VIEW)
def care_note(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    visits = Visit.objects.select_related(*RELATED).filter(household__isnull=False)
    visit = get_visible_or_404(visits, user, Action.VISIT_LOG, pk=pk)
    residents = Resident.objects.visible_to(user).present().filter(household=visit.household).order_by("id")
    form = CareForm(request.POST or None, residents=residents)
    if request.method == "POST" and form.is_valid():
        try:
            note = care_note_add(visit=visit, by=user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已记下{note.resident.name}的情况。")
            return redirect("cases:visit-detail", pk=pk)
    context = {"visit": visit, "form": form}
    return render(request, "cases/visits/care_note.html", context, status=422 if form.errors else 200)
