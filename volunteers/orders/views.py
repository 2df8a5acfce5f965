"""Orders at the desk: the list, the board by state, one order with its history, its slip (plan §三.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Case, Visit
from governance.frame.act import press
from governance.frame.columns import Tag
from governance.frame.lists import list_export, list_page
from governance.qr import qr_svg
from villages.models import Household
from volunteers.models import ServiceOrder, ServiceStep
from volunteers.orders.due import due_of_order
from volunteers.orders.exports import SERVICES
from volunteers.orders.lists import ORDERS
from volunteers.orders.lookups import desk_steps, order_seen, whom_to_ring
from volunteers.orders.order_flow import OPEN, STATE_LABELS, State, Step
from volunteers.orders.rows import TONES, knows_person, live_hours, masked_asker, serving
from volunteers.orders.services import slip_issue

ON_BOARD = 12
COUNTED_TO = 100
AFTERWARDS = timedelta(minutes=1)  # from then on a step is shown with the time at which it was written, too
PLAIN = (Step.CALL_BACK, Step.OFFER, Step.ACCEPT, Step.CONTACT, Step.FINISH, Step.JUDGE, Step.RELEASE, Step.WITHHOLD)


@duty_required(Action.SERVICE_VIEW)
def order_list(request: UserRequest) -> HttpResponse:
    rows = ServiceOrder.objects.visible_to(request.user).select_related("project", "village", "unit")
    return list_page(request, ORDERS, rows.prefetch_related(serving()))


@require_safe
@duty_required(Action.EXPORT)
def order_export(request: UserRequest) -> HttpResponseBase:
    """The filtered orders in the usual headings, of places where the user may export."""
    allowed = ServiceOrder.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = ServiceOrder.objects.visible_to(request.user).filter(pk__in=allowed)
    return list_export(request, ORDERS, rows, SERVICES, "volunteers:order-list")


@duty_required(Action.SERVICE_VIEW)
def order_board(request: UserRequest) -> HttpResponse:
    """Open orders and those to be judged by state, due ones first; each count leads to its rows."""
    now, rows = timezone.now(), ServiceOrder.objects.visible_to(request.user)
    columns = []
    for state in (*OPEN, State.DONE):
        found = rows.filter(state=state.value)
        number = found.order_by()[: COUNTED_TO + 1].count()
        first = found.select_related("project", "village", "unit").order_by("finish_due_at", "pk")[:ON_BOARD]
        columns.append(
            {
                "label": STATE_LABELS[state],
                "tone": TONES[state],
                "number": number if number <= COUNTED_TO else f"{COUNTED_TO}+",
                "href": reverse("volunteers:order-list", query={"tab": "all", "state": state.value}),
                "orders": [(order, due_of_order(order, now)) for order in first] if number else [],
            }
        )
    return render(request, "volunteers/orders/board.html", {"columns": columns})


@never_cache
@duty_required(Action.SERVICE_VIEW)
def order_detail(request: UserRequest, pk: int) -> HttpResponse:
    user, now = request.user, timezone.now()
    order = order_seen(user, pk)
    steps, rings = desk_steps(order, user), order.is_emergency and order.is_open
    history = ServiceStep.objects.filter(order=order).select_related("by", "volunteer")
    minutes = dict(live_hours(order).values_list("volunteer", "minutes"))
    context = {
        "order": order,
        "due": due_of_order(order, now),
        "tone": TONES[order.state],
        "knows": knows_person(order, user),
        "links": _links(order, user),
        "dispatches": user.may(Action.SERVICE_DISPATCH, order.unit.path),
        "late_entry": Tag("晚登记", "near") if order.contact_is_late_entry else None,
        "plain_steps": [step for step in steps if step.step in PLAIN],
        "other_steps": [step for step in steps if step.step not in (*PLAIN, Step.SLIP)],
        "may_slip": any(step.step == Step.SLIP for step in steps),
        "asker": masked_asker(order),
        "runs": [(run, minutes.get(run.volunteer_id, 0)) for run in order.runs.select_related("volunteer").order_by("pk")],
        "offers": order.offers.select_related("volunteer").order_by("-pk"),
        "history": [(step, step.at - step.happened_at >= AFTERWARDS) for step in history.order_by("-pk")],
        "on_call": whom_to_ring(order.village, now, private=user.may(Action.SERVICE_LOG, order.unit.path)) if rings else None,
    }
    return render(request, "volunteers/orders/detail.html", context)


def _links(order: ServiceOrder, user: User) -> dict[str, bool]:
    """Which of the pages that belong to an order the user may open: a private complaint, a household or a visit may be closed to them."""
    rows: dict[str, tuple[int | None, QuerySet[Any]]] = {
        "household": (order.household_id, Household.objects.visible_to(user)),
        "visit": (order.visit_id, Visit.objects.visible_to(user)),
        "complaint": (order.complaint_id, Case.objects.visible_to(user)),
    }
    return {name: key is not None and found.filter(pk=key).exists() for name, (key, found) in rows.items()}


@never_cache
@require_POST
@duty_required(Action.SERVICE_LOG)
def order_slip(request: UserRequest, pk: int) -> HttpResponse:
    """A new slip for the one who asked; the one before is void. Its token is kept nowhere, so the page is not kept either."""
    order, now = order_seen(request.user, pk), timezone.now()
    done = press(request, slip_issue, order=order, by=request.user, at=now)
    if not done:
        return redirect("volunteers:order-detail", pk=pk)
    address = request.build_absolute_uri(reverse("public:order-judge", args=[done.result]))
    phone = next(iter(whom_to_ring(order.village, now).phones), "")
    context = {"order": order, "qr": qr_svg(address), "phone": phone}
    return render(request, "volunteers/orders/print_slip.html", context)
