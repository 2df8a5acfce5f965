"""The volunteer's own page: what they are asked, what they have taken, what was (mission M30).

Name, phone and place stand here from acceptance to completion only (`served_visible_to`), and each look is written down.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.act import act, form_page, press, sent
from governance.frame.lists import To
from volunteers.models import Hours, Offer, Run, ServiceOrder
from volunteers.orders.due import due_of_order
from volunteers.orders.lookups import own_order, phone_steps, reveal
from volunteers.orders.order_flow import BY_STEP, Step
from volunteers.orders.step_forms import DEEDS, QUEUED, TAPS, StepForm

PAST = 20
FIRST = (Step.CONTACT, Step.SET_OUT, Step.ARRIVE, Step.FINISH, Step.ACCEPT, Step.DECLINE)
OWN_LABELS = {Step.REDISPATCH: "去不了，请另派"}
UP = To("我的单", "volunteers:my-orders")


@never_cache
@duty_required(Action.SERVICE_RUN)
def my_orders(request: UserRequest) -> HttpResponse:
    user, now = request.user, timezone.now()
    mine = list(_open(user))
    reveal(request, mine)
    context = {
        "offers": [(offer, due_of_order(offer.order, now)) for offer in _offers(user)],
        "mine": [_card(order, user) | {"due": due_of_order(order, now)} for order in mine],
        "past": _past(user),
        "is_volunteer": hasattr(user, "volunteer"),
    }
    return render(request, "volunteers/orders/my_orders.html", context)


def _open(user: User) -> Any:
    return ServiceOrder.objects.served_visible_to(user).select_related("project", "village", "unit").order_by("finish_due_at", "pk")


def _offers(user: User) -> Any:
    """What somebody is asked: kind, hamlet and time."""
    asked = Offer.objects.filter(volunteer__user=user, state=Offer.State.ASKED, order__in=ServiceOrder.objects.offered_to(user).order_by())
    return asked.select_related("order__project", "order__village", "order__unit").order_by("expires_at", "pk")


def _past(user: User) -> Any:
    """Ended runs with the minutes that count, without any name."""
    hours = Hours.objects.of_account(user).filter(order=OuterRef("order"), reverses=None, reversed_by=None)
    runs = Run.objects.filter(volunteer__user=user, order__in=ServiceOrder.objects.run_by(user).order_by()).exclude(ended_at=None)
    found = runs.select_related("order__project", "order__village").annotate(minutes=Subquery(hours.values("minutes")[:1]))
    return found.order_by("-ended_at", "-pk")[:PAST]


def _card(order: ServiceOrder, user: User) -> dict[str, Any]:
    """An order of mine with its steps: the likely one first."""
    steps = phone_steps(order, user)
    return {
        "order": order,
        "steps": [step for step in steps if step.step in FIRST],
        "seldom": [(step, OWN_LABELS.get(step.step, step.label)) for step in steps if step.step not in FIRST],
        "taps": [step.step for step in steps if DEEDS[step.step].phone in TAPS],
        "queued": QUEUED,
        "timed": [step for step in steps if DEEDS[step.step].phone == TAPS[1]],
    }


@never_cache
@duty_required(Action.SERVICE_RUN)
def my_order_detail(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    order = own_order(user, pk)
    served = _open(user).filter(pk=pk).first()
    if served is not None:
        reveal(request, [served])
    context = {
        **_card(order, user),
        "due": due_of_order(order, timezone.now()),
        "served": served,
        "others": order.runs.filter(ended_at=None).exclude(volunteer__user=user).select_related("volunteer") if served else [],
        "run": order.runs.filter(volunteer__user=user).order_by("-pk").first(),
    }
    return render(request, "volunteers/orders/my_order.html", context)


@never_cache
@duty_required(Action.SERVICE_RUN)
def my_order_step(request: UserRequest, pk: int, step: str) -> HttpResponse:
    """A step of the volunteer's own offer or run: at once where nothing is to be filled in."""
    user, order = request.user, own_order(request.user, pk)
    if step not in set(Step) or Step(step) not in DEEDS or DEEDS[Step(step)].phone is None:
        raise Http404
    transition = BY_STEP[Step(step)]
    if transition not in phone_steps(order, user):
        messages.error(request, f"{order.number}现在不能{transition.label}。")
        return redirect("volunteers:my-orders")
    form = StepForm(**sent(request), order=order, step=transition.step, own=user.volunteer)
    words, service = f"{order.number}：已{transition.label}。", DEEDS[transition.step].service
    if not form.asks and form.is_valid():
        press(request, service, words, by=user, **form.arguments())
        return redirect("volunteers:my-orders")
    if act(request, form, service, words, by=user):
        return redirect("volunteers:my-orders")
    label = OWN_LABELS.get(transition.step, transition.label)
    context = {"title": label, "name": f"{label}：{order.number}", "button": label, "up": UP}
    return form_page(request, form, "volunteers/orders/my_step.html", order=order, **context)
