"""What waits of rectification: to sign, to put right, to answer, to re-check, to talk (plan §四(三))."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import DueKind, Todo, asked_of_villages, each, evening
from governance.periods import today
from inspections.models import Order, OrderExtension
from inspections.orders.clock import WORKING
from inspections.orders.rights import barred_q
from inspections.orders.rows import due_of_order
from inspections.orders.steps import TALK_AFTER


def _fix(order: Order, now: datetime) -> Todo:
    signs = order.state == Order.State.ISSUED
    at = evening(order.sign_due_on if signs else order.fix_due_on)
    what = f"签收{order.get_kind_display()}" if signs else f"{order.get_kind_display()}：整改并报告"
    return Todo(at, what, f"{order.number} {order.requirement[:30]}", _link(order.pk), due_of_order(order, now))


def _to_answer(rows: QuerySet[OrderExtension], user: User, now: datetime) -> QuerySet[OrderExtension]:
    orders = Order.objects.visible_to(user, Action.ORDER_ISSUE).order_by().values("pk")
    return rows.filter(order__in=orders).exclude(asked_by=user)


def _answer(extension: OrderExtension, now: datetime) -> Todo:
    order = extension.order
    words = f"{order.number} 延期至 {extension.until}：{extension.reason[:30]}"
    link = reverse("inspections:order-extension", args=[order.pk])
    return Todo(evening(order.fix_due_on), f"整改延期待批准：{order.village}", words, link, None)


def _to_check(rows: Any, user: User, now: datetime) -> QuerySet[Order]:
    """What I neither issued nor reported, of villages where neither I nor my kin hold a post."""
    found: QuerySet[Order] = rows.visible_to(user, Action.ORDER_CHECK)
    return found.exclude(barred_q(user, today(now))) if user.may(Action.ORDER_CHECK) else found


def _check(order: Order, now: datetime) -> Todo:
    assert order.reported_at is not None
    return Todo(order.reported_at, f"复核整改：{order.village}", f"{order.number} {order.report[:30]}", _link(order.pk), None)


def _talk(order: Order, now: datetime) -> Todo:
    return Todo(now, f"建议约谈：{order.village}", f"{order.number} {order.misses} 次未按要求整改", _link(order.pk), None)


def _link(pk: int) -> str:
    return reverse("inspections:order-detail", args=[pk])


KINDS = [
    DueKind(
        "order-fix",
        open=lambda now: Order.objects.filter(state__in=WORKING),
        held=lambda rows, user, now: asked_of_villages(rows, user, Action.ORDER_FIX),
        lines=each(_fix, "fix_due_on", "pk"),
        late=lambda rows, now: rows.overdue(today(now)),
        words="{} 件整改逾期",
    ),
    DueKind(
        "order-extension",
        open=lambda now: OrderExtension.objects.filter(state=OrderExtension.State.ASKED),
        held=_to_answer,
        lines=each(_answer, "pk", related=("order__village",)),
    ),
    DueKind(
        "order-check",
        open=lambda now: Order.objects.filter(state=Order.State.REPORTED),
        held=_to_check,
        lines=each(_check, "reported_at", "pk", related=("village",)),
    ),
    DueKind(
        "order-talk",
        open=lambda now: Order.objects.open().filter(misses__gte=TALK_AFTER, blames=None),
        held=lambda rows, user, now: rows.visible_to(user, Action.BLAME),
        lines=each(_talk, "pk", related=("village",)),
    ),
]
