"""For residents, without log-in: asking for a service of their village, and judging by the slip (plan §三.2 群众点单、群众评单)."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from governance.accounts.log import client_ip
from governance.accounts.models import User
from governance.frame.act import act, form_page, sent
from governance.frame.once import DonePage
from governance.frame.public import public_page
from governance.frame.slowing import tried
from governance.periods import today
from governance.sealed import number_hash
from villages.models import Unit
from volunteers.models import ServiceOrder
from volunteers.orders.forms import JudgeForm, PublicAskForm
from volunteers.orders.lookups import whom_to_ring
from volunteers.orders.services import OrderError, judge_by_slip, order_ask, slip_order
from volunteers.orders.steps import served_by

ASK_PAGE, JUDGE_PAGE = "volunteers/orders/public_ask.html", "volunteers/orders/public_judge.html"
WINDOW = 3600
ASKS_OF_ADDRESS, ASKS_OF_PHONE, LOOKS_OF_ADDRESS = 10, 3, 30
SLOW = "提交得太频繁了，请过一个小时再试，或直接跟村干部说。"
VOID = "这张评单条不能用了：可能已经评过，或村里换了新的。要评单，请跟村干部说。"


@never_cache
@public_page
def order_ask_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Asked without an account; the village calls back before it sends anybody. No page for emergencies, and it says so first."""
    village = get_object_or_404(Unit.objects.villages().on(today()).select_related("parent"), pk=pk)
    form = PublicAskForm(**sent(request), village=village)
    context = {"village": village, "on_call": whom_to_ring(village, timezone.now())}
    if form.is_valid() and _asks_too_often(request, form.cleaned_data["phone"]):
        return _slowed(render(request, ASK_PAGE, {"form": form, "slow": SLOW, **context}, status=429))
    done = act(request, form, order_ask, by=None)
    if done:
        return DonePage(render(request, ASK_PAGE, {"order": done.result, **context}).content)
    return form_page(request, form, ASK_PAGE, **context)


def _asks_too_often(request: HttpRequest, phone: str) -> bool:
    if tried(f"ask:{client_ip(request)}", WINDOW) > ASKS_OF_ADDRESS:
        return True
    return tried(f"ask-phone:{number_hash(phone)}", WINDOW) > ASKS_OF_PHONE


def _slowed(answer: HttpResponse) -> HttpResponse:
    answer["Retry-After"] = str(WINDOW)
    return answer


@never_cache
@public_page
def order_judge(request: HttpRequest, token: str) -> HttpResponse:
    """评单 by the slip, once, without any name. A used and an unknown slip get the same page, and so do those who served."""
    if tried(f"judge:{client_ip(request)}", WINDOW) > LOOKS_OF_ADDRESS:
        return _slowed(render(request, JUDGE_PAGE, {"void": SLOW}, status=429))
    order = _judged_by(token, request.user)
    if order is None:
        return render(request, JUDGE_PAGE, {"void": VOID}, status=404)
    form = JudgeForm(**sent(request))
    if act(request, form, judge_by_slip, token=token, by=request.user):
        return DonePage(render(request, JUDGE_PAGE, {"thanks": True}).content)
    return form_page(request, form, JUDGE_PAGE, order=order)


def _judged_by(token: str, user: User | AnonymousUser) -> ServiceOrder | None:
    """The order that may be judged by this slip, unless somebody is logged in who served it."""
    try:
        order = slip_order(token)
    except OrderError:
        return None
    return None if isinstance(user, User) and served_by(order, user) else order
