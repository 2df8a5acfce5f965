"""What orders ask of one person today: to answer, to run; of the village to call back, send out, judge by phone, decide points."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from governance.accounts.duties import TOWN_OFFICES, Action
from governance.accounts.models import User
from governance.frame.due import SHOWN, Due, Todo, due_words
from volunteers.models import Offer, Run, ServiceOrder
from volunteers.orders.order_flow import State
from volunteers.orders.rows import due_of_order
from volunteers.orders.steps import kin_of

TO_DO = {State.CALLBACK: "回电核实", State.ASKED: "派单", State.OFFERED: "等人接单"}


def orders_todo(user: User, now: datetime) -> Iterator[Todo]:
    yield from _mine(user, now)
    yield from _to_send(user, now)
    yield from _late(user, now)
    yield from _to_judge(user, now)
    yield from _to_decide(user, now)


def _mine(user: User, now: datetime) -> Iterator[Todo]:
    """Of a volunteer: kind and hamlet, nothing of the one served."""
    if not user.may(Action.SERVICE_RUN):
        return
    link = reverse("volunteers:my-orders")
    offered = ServiceOrder.objects.offered_to(user).order_by()
    asked = Offer.objects.filter(volunteer__user=user, state=Offer.State.ASKED, order__in=offered)
    for offer in asked.select_related("order__project", "order__unit").order_by("expires_at", "pk")[:SHOWN]:
        words = f"{offer.order.unit} {offer.order.number}"
        yield Todo(offer.expires_at, f"接不接单：{offer.order.project.name}", words, link, due_words(offer.expires_at, now))
    for order in ServiceOrder.objects.served_visible_to(user).select_related("project", "unit").order_by("finish_due_at", "pk")[:SHOWN]:
        yield _todo(order, f"跑单：{order.project.name}", link, due_of_order(order, now))


def _to_send(user: User, now: datetime) -> Iterator[Todo]:
    if not _sends(user):
        return
    rows = ServiceOrder.objects.visible_to(user, Action.SERVICE_DISPATCH).filter(state__in=[state.value for state in TO_DO])
    for order in rows.select_related("project", "unit").order_by("-is_emergency", "finish_due_at", "pk")[:SHOWN]:
        yield _todo(order, f"{TO_DO[State(order.state)]}：{order.project.name}", _link(order), due_of_order(order, now))


def _late(user: User, now: datetime) -> Iterator[Todo]:
    """Orders that climbed: to the secretary of the village, then to the township."""
    if not user.may(Action.SERVICE_DISPATCH):
        return
    level = ServiceOrder.Level.TOWNSHIP if user.duties() & set(TOWN_OFFICES) else ServiceOrder.Level.SECRETARY
    rows = ServiceOrder.objects.visible_to(user, Action.SERVICE_DISPATCH).open().filter(level=level)
    if level == ServiceOrder.Level.SECRETARY:
        rows = rows.exclude(state__in=[state.value for state in TO_DO])
    for order in rows.select_related("project", "unit").order_by("finish_due_at", "pk")[:SHOWN]:
        yield _todo(order, f"逾期：{order.project.name}", _link(order), due_of_order(order, now))


def _to_judge(user: User, now: datetime) -> Iterator[Todo]:
    """Done and not judged yet: ask by phone."""
    if not _sends(user):
        return
    rows = _of_others(user).filter(state=State.DONE.value)
    for order in rows.select_related("project", "unit").order_by("judge_due_at", "pk")[:SHOWN]:
        due = due_words(order.judge_due_at, now) if order.judge_due_at is not None else None
        yield _todo(order, f"电话代评：{order.project.name}", _link(order), due)


def _to_decide(user: User, now: datetime) -> Iterator[Todo]:
    if not _sends(user):
        return
    rows = _of_others(user).filter(points=ServiceOrder.Points.OPEN)
    for order in rows.exclude(state=State.DONE.value).select_related("project", "unit").order_by("pk")[:SHOWN]:
        yield _todo(order, f"定计分：{order.project.name}", _link(order), None)


def _sends(user: User) -> bool:
    """Of the village; the township may do it for a village but is not asked to."""
    return user.may(Action.SERVICE_DISPATCH) and not user.duties() & set(TOWN_OFFICES)


def _of_others(user: User) -> QuerySet[ServiceOrder]:
    """What neither the user nor their household served: of that alone they judge and decide."""
    served = Run.objects.filter(kin_of(user)).order_by().values("order")
    return ServiceOrder.objects.visible_to(user, Action.SERVICE_DISPATCH).exclude(pk__in=served)


def _todo(order: ServiceOrder, title: str, link: str, due: Due | None) -> Todo:
    return Todo(order.due_at or order.judge_due_at or order.asked_at, title, f"{order.unit} {order.number}", link, due)


def _link(order: ServiceOrder) -> str:
    return reverse("volunteers:order-detail", args=[order.pk])
