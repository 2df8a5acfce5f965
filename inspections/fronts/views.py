"""门前三包: the list, one front, patrols from a phone, re-checks by another person (plan §三.1–2)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from governance.frame.pinyin import name_q
from governance.periods import today
from governance.privacy import mask_phone
from inspections.conflicts import homes_of
from inspections.fronts.exports import FRONTS, recheck_words
from inspections.fronts.forms import DayForm, FrontFilter, FrontForm, PatrolForm, RecheckForm
from inspections.fronts.rows import TONES, front_rows, patrol_buttons, walk_places, walk_rows
from inspections.fronts.services import (
    fault_words,
    front_card,
    front_end,
    front_patrol,
    front_recheck,
    front_register,
    front_sign,
    own_front_reason,
    recheck_refusal,
)
from inspections.models import Checklist, Front, FrontPatrol
from villages.filters import place_groups
from villages.models import Household
from villages.scope import get_visible_or_404

RELATED = ("village", "unit", "household")
HOMES_SHOWN = 20


@duty_required(Action.FRONT_VIEW)
def front_list(request: UserRequest) -> HttpResponse:
    user, form = request.user, FrontFilter(request.GET, user=request.user)
    rows = form.rows(user).select_related("village", "unit").with_last_patrol()
    page = page_of(request, rows.order_by("village__path", "plate_number", "pk"))
    context = {
        "form": form,
        "page": page,
        "rows": front_rows(page.object_list, user),
        "asked": any(request.GET.get(name) for name in form.fields),
        "may_edit": user.may(Action.FRONT_EDIT),
        "may_patrol": user.may(Action.FRONT_PATROL),
        "may_export": user.may(Action.EXPORT),
    }
    return render(request, "inspections/fronts/list.html", context)


@duty_required(Action.EXPORT)
def front_export(request: UserRequest) -> HttpResponseBase:
    """The filtered list in the usual columns, at places where the user may export."""
    allowed = Front.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = FrontFilter(request.GET, user=request.user).rows(request.user).filter(pk__in=allowed)
    try:
        return ledger_response(FRONTS, rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("inspections:front-list")


@duty_required(Action.FRONT_VIEW)
def front_detail(request: UserRequest, pk: int) -> HttpResponse:
    user, front = request.user, _front(request, pk)
    page = page_of(request, front.patrols.select_related("by", "rechecked_by").order_by("-pk"))
    patrols = list(page.object_list)
    words, homes = fault_words(patrols), homes_of(user)
    open_patrol = front.patrols.filter(state=FrontPatrol.State.REMINDED).select_related("by", "front").first()
    may_edit, may_patrol = _may(user, front, Action.FRONT_EDIT), _may(user, front, Action.FRONT_PATROL)
    context = {
        "front": front,
        "phone": front.phone if may_edit or may_patrol else mask_phone(front.phone),
        "page": page,
        "lines": [(patrol, TONES[patrol.state], words[patrol.pk], recheck_words(patrol)) for patrol in patrols],
        "open": open_patrol,
        "open_refusal": recheck_refusal(open_patrol, user, homes) if open_patrol else "",
        "own": own_front_reason(front, user, homes),
        "may_edit": may_edit and front.ended_on is None,
        "may_patrol": may_patrol and front.ended_on is None,
        "day": DayForm(),
    }
    return render(request, "inspections/fronts/detail.html", context)


@never_cache
@duty_required(Action.FRONT_EDIT)
def front_create(request: UserRequest) -> HttpResponse:
    """A shop, or a household that is looked up in the roster first."""
    user = request.user
    form = FrontForm(request.POST if request.method == "POST" else None, user=user, initial=_home_initial(request))
    if request.method == "POST" and form.is_valid():
        try:
            front = front_register(details=form.details(), by=user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已登记，责任牌编号 {front.plate_number}。请打印责任书，双方签字。")
            return redirect("inspections:front-detail", pk=front.pk)
    query = request.GET.get("q", "").strip()
    chosen = str(form["household"].value() or "")
    context = {
        "form": form,
        "places": place_groups(form.fields["unit"].queryset),  # type: ignore[attr-defined]
        "chosen_unit": str(form["unit"].value() or ""),
        "chosen_kind": str(form["kind"].value()),
        "kinds": Front.Kind.choices,
        "household": _home(request, chosen),
        "query": query,
        "homes": _homes(user, query) if query else [],
    }
    return render(request, "inspections/fronts/form.html", context, status=422 if form.errors else 200)


def _homes(user: User, query: str) -> list[Household]:
    rows = Household.objects.visible_to(user, Action.FRONT_EDIT).filter(ended_on=None)
    named = name_q(query, name="head_name", key="head_pinyin") | Q(number__contains=query)
    return list(rows.filter(named).select_related("village", "unit")[:HOMES_SHOWN])


def _home(request: UserRequest, pk: str) -> Household | None:
    if not pk.isdecimal():
        return None
    homes = Household.objects.visible_to(request.user, Action.FRONT_EDIT).filter(ended_on=None, pk=pk)
    return homes.select_related("village", "unit").first()


def _home_initial(request: UserRequest) -> dict[str, Any]:
    """What the register says of the household that the address names."""
    home = _home(request, request.GET.get("household", ""))
    if home is None:
        return {}
    head = home.residents.present().filter(name=home.head_name).exclude(phone="").first()
    return {
        "household": home.pk,
        "kind": Front.Kind.HOUSEHOLD,
        "unit": home.unit_id,
        "place": home.address or str(home.unit),
        "person": home.head_name,
        "phone": head.phone if head else "",
    }


@require_POST
@duty_required(Action.FRONT_EDIT)
def front_sign_view(request: UserRequest, pk: int) -> HttpResponse:
    return _on_day(request, pk, front_sign, "已记下签订日期。")


@require_POST
@duty_required(Action.FRONT_EDIT)
def front_end_view(request: UserRequest, pk: int) -> HttpResponse:
    return _on_day(request, pk, front_end, "已停止，牌号不再给别家用。")


def _on_day(request: UserRequest, pk: int, service: Any, told: str) -> HttpResponse:
    front, form = _front(request, pk, Action.FRONT_EDIT), DayForm(request.POST)
    if not form.is_valid():
        messages.error(request, "；".join(str(error) for error in form.errors["on"]))
        return redirect("inspections:front-detail", pk=pk)
    try:
        service(front=front, on=form.cleaned_data["on"], by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, told)
    return redirect("inspections:front-detail", pk=pk)


@never_cache
@duty_required(Action.FRONT_PATROL)
def front_walk(request: UserRequest) -> HttpResponse:
    """One place's fronts in the order of their numbers: a tap for each that is in order."""
    places = walk_places(request.user)
    asked = request.GET.get("unit", "")
    chosen = next((place for place in places if str(place.unit.pk) == asked), places[0] if len(places) == 1 else None)
    rows = walk_rows(request.user, chosen.unit) if chosen else []
    context = {"places": places, "chosen": chosen, "rows": rows, "seen": sum(row.done for row in rows)}
    return render(request, "inspections/fronts/walk.html", context)


@never_cache
@duty_required(Action.FRONT_PATROL)
def front_patrol_view(request: UserRequest, pk: int) -> HttpResponse:
    """Tap what is wrong, and how often; a front that is in order has its own button."""
    user, front = request.user, _front(request, pk, Action.FRONT_PATROL)
    form = PatrolForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            patrol = front_patrol(front=front, faults=form.faults(), note=form.cleaned_data["note"], by=user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已记下 {len(patrol.faults)} 项问题，请在 {patrol.due_on:%m月%d日} 前整改，由另一人复查。")
            return redirect("inspections:front-detail", pk=pk)
    checklist, missing = _card(front)
    last = front.patrols.order_by("-pk").first()
    waits = last is not None and last.state == FrontPatrol.State.REMINDED
    context = {
        "front": front,
        "form": form,
        "groups": patrol_buttons(checklist, form) if checklist else [],
        "refusal": own_front_reason(front, user, homes_of(user)) or missing or ("上一次巡查还没有复查，请先复查。" if waits else ""),
        "walk": request.GET.get("walk", ""),
    }
    return render(request, "inspections/fronts/patrol.html", context, status=422 if form.errors else 200)


def _card(front: Front) -> tuple[Checklist | None, str]:
    """The card in force, or why there is none."""
    try:
        return front_card(front.village, today()), ""
    except DomainError as error:
        return None, error.message


@require_POST
@duty_required(Action.FRONT_PATROL)
def front_fine(request: UserRequest, pk: int) -> HttpResponse:
    """合格, by one tap."""
    front = _front(request, pk, Action.FRONT_PATROL)
    try:
        front_patrol(front=front, faults={}, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{front.name}：合格。")
    if request.POST.get("walk"):
        return redirect(reverse("inspections:front-walk", query={"unit": front.unit_id}, fragment=f"front-{front.pk}"))
    return redirect("inspections:front-detail", pk=pk)


@never_cache
@duty_required(Action.FRONT_PATROL)
def patrol_recheck(request: UserRequest, pk: int) -> HttpResponse:
    """Another person says whether it was put right."""
    user = request.user
    patrols = FrontPatrol.objects.select_related("front__village", "front__unit", "by")
    patrol = get_visible_or_404(patrols, user, Action.FRONT_PATROL, pk=pk)
    form = RecheckForm(request.POST if request.method == "POST" else None)
    refusal = recheck_refusal(patrol, user, homes_of(user))
    if request.method == "POST" and form.is_valid():
        try:
            patrol = front_recheck(patrol=patrol, by=user, **form.said())
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已复查：{patrol.get_state_display()}。")
            return redirect("inspections:front-detail", pk=patrol.front_id)
    context = {
        "patrol": patrol,
        "front": patrol.front,
        "words": fault_words([patrol])[patrol.pk],
        "form": form,
        "refusal": refusal if not form.errors else "",
        "closed": bool(refusal) or patrol.state != FrontPatrol.State.REMINDED,
    }
    return render(request, "inspections/fronts/recheck.html", context, status=422 if form.errors else 200)


def _front(request: UserRequest, pk: int, action: Action | None = None) -> Front:
    return get_visible_or_404(Front.objects.select_related(*RELATED, "by"), request.user, action, pk=pk)


def _may(user: User, front: Front, action: Action) -> bool:
    return Front.objects.visible_to(user, action).filter(pk=front.pk).exists()
