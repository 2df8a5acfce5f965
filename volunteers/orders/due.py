"""What waits of orders: to answer, to run; for the village to call back, send out, judge by phone, decide points."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from governance.accounts.duties import TOWN_OFFICES, Action
from governance.accounts.models import User
from governance.frame.due import Due, DueKind, Todo, asked_of_villages, due_words, each, past
from volunteers.models import Offer, Run, ServiceOrder
from volunteers.orders.order_flow import State
from volunteers.orders.rows import due_of_order
from volunteers.orders.steps import kin_of

TO_DO = {State.CALLBACK: "回电核实", State.ASKED: "派单", State.OFFERED: "等人接单"}
Level = ServiceOrder.Level


def _asked(rows: Any, user: User, now: datetime) -> QuerySet[Offer]:
    """Of a volunteer: kind and hamlet, nothing of the one served."""
    offered = ServiceOrder.objects.offered_to(user).order_by()
    found: QuerySet[Offer] = rows.filter(volunteer__user=user, order__in=offered)
    return found if user.may(Action.SERVICE_RUN) else found.none()


def _offer(offer: Offer, now: datetime) -> Todo:
    words, due = f"{offer.order.unit} {offer.order.number}", due_words(offer.expires_at, now)
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
    """Past the limit that `due_at` says."""
    contact = Q(contact_due_at__isnull=False, contacted_at=None)
    accept = Q(accepted_at=None, accept_due_at__lt=now)
    finish = Q(accepted_at__isnull=False, finish_due_at__lt=now)
    return rows.filter(contact & Q(contact_due_at__lt=now) | ~contact & (accept | finish))


def _judge_due(order: ServiceOrder, now: datetime) -> Due | None:
    return due_words(order.judge_due_at, now) if order.judge_due_at is not None else None


def _line(
    word: Callable[[ServiceOrder], str],
    due: Callable[[ServiceOrder, datetime], Due | None],
    link: Callable[[ServiceOrder], str] = lambda order: reverse("volunteers:order-detail", args=[order.pk]),
) -> Callable[[ServiceOrder, datetime], Todo]:
    def line(order: ServiceOrder, now: datetime) -> Todo:
        at = order.due_at or order.judge_due_at or order.asked_at
        return Todo(at, f"{word(order)}：{order.project.name}", f"{order.unit} {order.number}", link(order), due(order, now))

    return line


def _points(now: datetime) -> QuerySet[ServiceOrder]:
    return ServiceOrder.objects.filter(points=ServiceOrder.Points.OPEN).exclude(state=State.DONE.value)


RELATED = ("project", "unit")
MINE = _line(lambda order: "跑单", due_of_order, lambda order: reverse("volunteers:my-orders"))

KINDS = [
    DueKind(
        "offer",
        open=lambda now: Offer.objects.filter(state=Offer.State.ASKED),
        held=_asked,
        lines=each(_offer, "expires_at", "pk", related=("order__project", "order__unit")),
    ),
    DueKind(
        "service-run",
        open=lambda now: ServiceOrder.objects.open(),
        held=_run,
        lines=each(MINE, "finish_due_at", "pk", related=RELATED),
        late=_late,
        words="{} 单志愿服务逾期",
    ),
    DueKind(
        "service-send",
        open=lambda now: ServiceOrder.objects.filter(state__in=[state.value for state in TO_DO]),
        held=_sent,
        lines=each(
            _line(lambda order: TO_DO[State(order.state)], due_of_order), "-is_emergency", "finish_due_at", "pk", related=RELATED
        ),
    ),
    DueKind(
        "service-climbed",
        open=lambda now: ServiceOrder.objects.open().exclude(level=Level.VILLAGE),
        held=_climbed,
        lines=each(_line(lambda order: "逾期", due_of_order), "finish_due_at", "pk", related=RELATED),
    ),
    DueKind(
        "service-judge",
        open=lambda now: ServiceOrder.objects.filter(state=State.DONE.value),
        held=_of_others,
        lines=each(_line(lambda order: "电话代评", _judge_due), "judge_due_at", "pk", related=RELATED),
        late=past("judge_due_at"),
        words="{} 单没有评单",
    ),
    DueKind(
        "service-points",
        open=_points,
        held=_of_others,
        lines=each(_line(lambda order: "定计分", lambda order, now: None), "pk", related=RELATED),
    ),
]
