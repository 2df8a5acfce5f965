"""What waits of orders: to answer, to run; for the village to call back, send out, judge by phone, decide points."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from governance.accounts.duties import TOWN_OFFICES, Action
from governance.accounts.models import User
from governance.frame.due import Due, DueKind, Line, Moment, Todo, asked_of_villages, past
from volunteers.models import Offer, Run, ServiceOrder
from volunteers.orders.order_flow import State
from volunteers.orders.steps import kin_of

TO_DO = {State.CALLBACK: "回电核实", State.ASKED: "派单", State.OFFERED: "等人接单"}
Level = ServiceOrder.Level
CONTACT, ACCEPT, FINISH = Moment("contact_due_at"), Moment("accept_due_at"), Moment("finish_due_at")
ANSWER, JUDGE = Moment("expires_at"), Moment("judge_due_at")


def due_of_order(order: ServiceOrder, now: datetime) -> Due | None:
    """How long the limit that runs still is; None where the order is over."""
    return Moment(order.running).due(order, now) if order.is_open else None


def _asked(rows: Any, user: User, now: datetime) -> QuerySet[Offer]:
    """Of a volunteer: kind and hamlet, nothing of the one served."""
    offered = ServiceOrder.objects.offered_to(user).order_by()
    found: QuerySet[Offer] = rows.filter(volunteer__user=user, order__in=offered)
    return found if user.may(Action.SERVICE_RUN) else found.none()


def _offer(offer: Offer, now: datetime) -> Todo:
    words, due = f"{offer.order.unit} {offer.order.number}", ANSWER.due(offer, now)
    return Todo(offer.expires_at, f"接不接单：{offer.order.project.name}", words, reverse("volunteers:my-orders"), due)


def _run(rows: Any, user: User, now: datetime) -> QuerySet[ServiceOrder]:
    found: QuerySet[ServiceOrder] = rows.served_visible_to(user)
    return found if user.may(Action.SERVICE_RUN) else found.none()


def _sent(rows: Any, user: User, now: datetime) -> QuerySet[ServiceOrder]:
    return asked_of_villages(rows, user, Action.SERVICE_DISPATCH)


def _climbed(rows: Any, user: User, now: datetime) -> QuerySet[ServiceOrder]:
    """To the village's secretary, but for what the village sends out anyway, then to the township."""
    found: QuerySet[ServiceOrder] = rows.visible_to(user, Action.SERVICE_DISPATCH)
    if user.duties() & set(TOWN_OFFICES):
        return found.filter(level=Level.TOWNSHIP)
    return found.filter(level=Level.SECRETARY).exclude(state__in=[state.value for state in TO_DO])


def _of_others(rows: Any, user: User, now: datetime) -> QuerySet[ServiceOrder]:
    """What neither the user nor their household served: of that alone they judge and decide."""
    found = _sent(rows, user, now)
    if not user.may(Action.SERVICE_DISPATCH):
        return found
    served = Run.objects.filter(kin_of(user)).order_by().values("order")
    return found.exclude(pk__in=served)


def _late(rows: QuerySet[ServiceOrder], now: datetime) -> QuerySet[ServiceOrder]:
    """Past the limit that runs."""
    contact = Q(contact_due_at__isnull=False, contacted_at=None)
    accept, finish = Q(ACCEPT.past(now), accepted_at=None), Q(FINISH.past(now), accepted_at__isnull=False)
    return rows.filter(contact & CONTACT.past(now) | ~contact & (accept | finish))


def _page(order: ServiceOrder) -> str:
    return reverse("volunteers:order-detail", args=[order.pk])


def _line(
    word: Callable[[ServiceOrder], str],
    due: Callable[[ServiceOrder, datetime], Due | None],
    link: Callable[[ServiceOrder], str] = _page,
) -> Line:
    def line(order: ServiceOrder, now: datetime) -> Todo:
        at = order.due_at or order.judge_due_at or order.asked_at
        return Todo(at, f"{word(order)}：{order.project.name}", f"{order.unit} {order.number}", link(order), due(order, now))

    return line


def _points(now: datetime) -> QuerySet[ServiceOrder]:
    return ServiceOrder.objects.filter(points=ServiceOrder.Points.OPEN).exclude(state=State.DONE.value)


RELATED = ("project", "unit")
BY_END = ("finish_due_at", "pk")
SERVICE_RUN = DueKind(
    "service-run",
    "跑单",
    open=lambda now: ServiceOrder.objects.open(),
    held=_run,
    line=_line(lambda order: "跑单", due_of_order, lambda order: reverse("volunteers:my-orders")),
    order=BY_END,
    related=RELATED,
    late=_late,
    words="{} 单志愿服务逾期",
    page=_page,
)
SERVICE_JUDGE = DueKind(
    "service-judge",
    "电话代评",
    open=lambda now: ServiceOrder.objects.filter(state=State.DONE.value),
    held=_of_others,
    line=_line(lambda order: "电话代评", JUDGE.due),
    order=("judge_due_at", "pk"),
    related=RELATED,
    late=past(JUDGE),
    words="{} 单没有评单",
    page=_page,
)
KINDS = [
    DueKind(
        "offer",
        "接不接单",
        open=lambda now: Offer.objects.filter(state=Offer.State.ASKED),
        held=_asked,
        line=_offer,
        order=("expires_at", "pk"),
        related=("order__project", "order__unit"),
        late=past(ANSWER),
    ),
    SERVICE_RUN,
    DueKind(
        "service-send",
        "派单",
        open=lambda now: ServiceOrder.objects.filter(state__in=[state.value for state in TO_DO]),
        held=_sent,
        line=_line(lambda order: TO_DO[State(order.state)], due_of_order),
        order=("-is_emergency", *BY_END),
        related=RELATED,
        late=_late,
    ),
    DueKind(
        "service-climbed",
        "升级上来的点单",
        open=lambda now: ServiceOrder.objects.open().exclude(level=Level.VILLAGE),
        held=_climbed,
        line=_line(lambda order: "逾期", due_of_order),
        order=BY_END,
        related=RELATED,
        late=_late,
    ),
    SERVICE_JUDGE,
    DueKind(
        "service-points",
        "定计分",
        open=_points,
        held=_of_others,
        line=_line(lambda order: "定计分", lambda order, now: None),
        related=RELATED,
    ),
]
