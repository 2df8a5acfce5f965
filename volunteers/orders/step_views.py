"""The steps of an order at the desk, each on a form of its own; 派单 with those who can and what is to be said before."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To
from volunteers.models import ServiceOrder
from volunteers.orders.forms import DispatchForm
from volunteers.orders.lookups import desk_steps, order_seen
from volunteers.orders.order_flow import BY_STEP, STEP_LABELS, Step
from volunteers.orders.services import order_offer, people_for, warnings_of
from volunteers.orders.step_forms import DEEDS, StepForm


@never_cache
@duty_required(Action.SERVICE_LOG)
def order_step(request: UserRequest, pk: int, step: str) -> HttpResponse:
    user, order = request.user, order_seen(request.user, pk)
    if step not in set(Step) or Step(step) not in DEEDS:
        raise Http404
    transition = BY_STEP[Step(step)]
    if transition not in desk_steps(order, user):
        return _not_now(request, order, transition.label)
    form = StepForm(**sent(request), order=order, step=transition.step)
    words = f"{order.number}：已登记“{transition.label}”。"
    if act(request, form, DEEDS[transition.step].service, words, by=user):
        return redirect("volunteers:order-detail", pk=pk)
    label, up = transition.label, To(order.number, "volunteers:order-detail", (pk,))
    context = {"title": label, "name": f"{label}：{order.number}", "button": label, "up": up, "order": order}
    return form_page(request, form, "volunteers/orders/step.html", **context)


@never_cache
@duty_required(Action.SERVICE_DISPATCH)
def order_dispatch(request: UserRequest, pk: int) -> HttpResponse:
    """派单: those who can first, the others with the reason; overlaps and too many people are said before anything is saved."""
    user, now, order = request.user, timezone.now(), order_seen(request.user, pk, action=Action.SERVICE_DISPATCH)
    if BY_STEP[Step.OFFER] not in desk_steps(order, user):
        return _not_now(request, order, STEP_LABELS[Step.OFFER])
    candidates = people_for(order, now)
    form = DispatchForm(**sent(request), order=order, candidates=candidates)
    unread = form.is_valid() and not form.cleaned_data["confirmed"]
    warnings = warnings_of(order, form.asked(), now) if unread else []
    words = f"{order.number}：已派单，等志愿者答复。"
    if not warnings and act(request, form, order_offer, words, order=order, by=user):
        return redirect("volunteers:order-detail", pk=pk)
    context = {
        "title": STEP_LABELS[Step.OFFER],
        "button": STEP_LABELS[Step.OFFER],
        "up": To(order.number, "volunteers:order-detail", (pk,)),
        "order": order,
        "warnings": warnings,
        "able": [one for one in candidates if not one.refusal],
        "unfit": [one for one in candidates if one.refusal],
    }
    return form_page(request, form, "volunteers/orders/dispatch.html", **context)


def _not_now(request: UserRequest, order: ServiceOrder, label: str) -> HttpResponse:
    messages.error(request, f"{order.number}现在{order.get_state_display()}，您不能{label}。")
    return redirect("volunteers:order-detail", pk=order.pk)
