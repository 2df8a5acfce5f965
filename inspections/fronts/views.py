"""门前三包: the list, one front, patrols from a phone, re-checks by another person (plan §三.1–2)."""

from __future__ import annotations

from collections.abc import Callable
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
from governance.frame.act import act, form_page, press, sent
from governance.frame.filters import words_asked
from governance.frame.lists import To, list_export, list_page
from governance.frame.paging import page_of
from governance.frame.pinyin import name_q
from governance.periods import today
from governance.privacy import mask_phone
from governance.reading import key_asked, key_of, text_asked, text_sent
from inspections.conflicts import homes_of
from inspections.fronts.exports import FRONTS, recheck_words
from inspections.fronts.forms import DayForm, FrontForm, PatrolForm, RecheckForm
from inspections.fronts.lists import FRONT_LIST
from inspections.fronts.rows import TONES, patrol_buttons, walk_places, walk_rows
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
from villages.models import Household
from villages.scope import get_visible_or_404

RELATED = ("village", "unit", "household")
HOMES_SHOWN = 20
TO_LIST = To("门前三包", "inspections:front-list")


@duty_required(Action.FRONT_VIEW)
def front_list(request: UserRequest) -> HttpResponse:
    rows = Front.objects.visible_to(request.user).select_related("village", "unit").with_last_patrol()
    return list_page(request, FRONT_LIST, rows)


@duty_required(Action.EXPORT)
def front_export(request: UserRequest) -> HttpResponseBase:
    """The filtered list in the usual columns, at places where the user may export."""
    allowed = Front.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = Front.objects.visible_to(request.user).filter(pk__in=allowed)
    return list_export(request, FRONT_LIST, rows, FRONTS, "inspections:front-list")


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
    form = FrontForm(**sent(request), user=user, initial=_home_initial(request))
    if done := act(request, form, front_register, _registered, by=user):
        return redirect("inspections:front-detail", pk=done.result.pk)
    asked = words_asked(request)
    context = {
        "title": "登记门前三包",
        "up": TO_LIST,
        "household": _home(request, key_of(str(form["household"].value() or ""))),
        "query": asked.typed,
        "homes": _homes(user, asked.words) if asked.words else [],
        "refusal": "" if form.has_places else "没有您可以登记的地方。请镇工作人员核对您的任职单位。",
    }
    return form_page(request, form, "inspections/fronts/form.html", **context)


def _registered(front: Front) -> str:
    return f"已登记，责任牌编号 {front.plate_number}。请打印责任书，双方签字。"


def _homes(user: User, query: str) -> list[Household]:
    rows = Household.objects.visible_to(user, Action.FRONT_EDIT).filter(ended_on=None)
    named = name_q(query, name="head_name", key="head_pinyin") | Q(number__contains=query)
    return list(rows.filter(named).select_related("village", "unit")[:HOMES_SHOWN])


def _home(request: UserRequest, pk: int) -> Household | None:
    if not pk:
        return None
    homes = Household.objects.visible_to(request.user, Action.FRONT_EDIT).filter(ended_on=None, pk=pk)
    return homes.select_related("village", "unit").first()


def _home_initial(request: UserRequest) -> dict[str, Any]:
    """What the register says of the household that the address names."""
    home = _home(request, key_asked(request, "household"))
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


def _on_day(request: UserRequest, pk: int, service: Callable[..., Front], words: str) -> HttpResponse:
    front, form = _front(request, pk, Action.FRONT_EDIT), DayForm(**sent(request))
    if not act(request, form, service, words, front=front, by=request.user):
        messages.error(request, "；".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("inspections:front-detail", pk=pk)


@never_cache
@duty_required(Action.FRONT_PATROL)
def front_walk(request: UserRequest) -> HttpResponse:
    """One place's fronts in the order of their numbers: a tap for each that is in order."""
    places = walk_places(request.user)
    requested = text_asked(request, "unit")
    chosen = next((place for place in places if str(place.unit.pk) == requested), places[0] if len(places) == 1 else None)
    rows = walk_rows(request.user, chosen.unit) if chosen else []
    context = {"places": places, "chosen": chosen, "rows": rows, "seen": sum(row.done for row in rows)}
    return render(request, "inspections/fronts/walk.html", context)


@never_cache
@duty_required(Action.FRONT_PATROL)
def front_patrol_view(request: UserRequest, pk: int) -> HttpResponse:
    """Tap what is wrong, and how often; a front that is in order has its own button."""
    user, front = request.user, _front(request, pk, Action.FRONT_PATROL)
    form = PatrolForm(**sent(request))
    if act(request, form, front_patrol, _reminded, front=front, by=user):
        return redirect("inspections:front-detail", pk=pk)
    checklist, missing = _card(front)
    waits = front.patrols.filter(state=FrontPatrol.State.REMINDED).exists()
    context = {
        "title": "巡查",
        "name": f"巡查 {front.name}",
        "up": To(front.name, "inspections:front-detail", (pk,)),
        "button": "记下问题，提醒整改",
        "front": front,
        "groups": patrol_buttons(checklist, form) if checklist else [],
        "refusal": own_front_reason(front, user, homes_of(user)) or missing or ("上一次巡查还没有复查，请先复查。" if waits else ""),
        "walk": text_asked(request, "walk"),
        "offline": True,
    }
    return form_page(request, form, "inspections/fronts/patrol.html", **context)


def _reminded(patrol: FrontPatrol) -> str:
    return f"已记下 {len(patrol.faults)} 项问题，请在 {patrol.due_on:%m月%d日} 前整改，由另一人复查。"


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
    press(request, front_patrol, f"{front.name}：合格。", front=front, faults={}, by=request.user)
    if text_sent(request, "walk"):
        return redirect(reverse("inspections:front-walk", query={"unit": front.unit_id}, fragment=f"front-{front.pk}"))
    return redirect("inspections:front-detail", pk=pk)


@never_cache
@duty_required(Action.FRONT_PATROL)
def patrol_recheck(request: UserRequest, pk: int) -> HttpResponse:
    """Another person says whether it was put right."""
    user = request.user
    patrols = FrontPatrol.objects.select_related("front__village", "front__unit", "by")
    patrol = get_visible_or_404(patrols, user, Action.FRONT_PATROL, pk=pk)
    form = RecheckForm(**sent(request))
    if act(request, form, front_recheck, lambda done: f"已复查：{done.get_state_display()}。", patrol=patrol, by=user):
        return redirect("inspections:front-detail", pk=patrol.front_id)
    closed = f"这次巡查{patrol.get_state_display()}。" if patrol.state != FrontPatrol.State.REMINDED else ""
    context = {
        "title": "复查",
        "name": f"复查 {patrol.front.name}",
        "up": To(patrol.front.name, "inspections:front-detail", (patrol.front_id,)),
        "button": "保存复查",
        "patrol": patrol,
        "front": patrol.front,
        "words": fault_words([patrol])[patrol.pk],
        "refusal": recheck_refusal(patrol, user, homes_of(user)) or closed,
    }
    return form_page(request, form, "inspections/fronts/recheck.html", **context)


def _front(request: UserRequest, pk: int, action: Action | None = None) -> Front:
    return get_visible_or_404(Front.objects.select_related(*RELATED, "by"), request.user, action, pk=pk)


def _may(user: User, front: Front, action: Action) -> bool:
    return Front.objects.visible_to(user, action).filter(pk=front.pk).exists()
