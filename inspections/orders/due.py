"""What waits of rectification: to sign, to put right, to answer, to re-check, to talk (plan §四(三))."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import Day, Due, DueKind, Todo, asked, evening
from governance.periods import today
from inspections.models import Order, OrderExtension
from inspections.orders.rights import barred_q
from inspections.orders.steps import TALK_AFTER

State = Order.State
WORKING = (State.ISSUED, State.SIGNED, State.FAILED)
SIGN, FIX = Day("sign_due_on"), Day("fix_due_on", met="closed_on")


def sign_due(order: Order, now: datetime) -> Due | None:
    """How long until the day by which it must be signed; none once it is."""
    return SIGN.due(order, now) if order.state == State.ISSUED else None


def fix_due(order: Order, now: datetime) -> Due | None:
    """How long until the day by which it must be put right: from the signing on, none while it waits for its re-check."""
    return FIX.due(order, now) if order.state in WORKING and order.state != State.ISSUED else None


def _late(rows: QuerySet[Order], now: datetime) -> QuerySet[Order]:
    """Not signed in time, or not reported in time."""
    return rows.filter(Q(SIGN.past(now), state=State.ISSUED) | FIX.past(now))


def _fix(order: Order, now: datetime) -> Todo:
    signs = order.state == State.ISSUED
    at = evening(order.sign_due_on if signs else order.fix_due_on)
    what = f"签收{order.get_kind_display()}" if signs else f"{order.get_kind_display()}：整改并报告"
    return Todo(at, what, f"{order.number} {order.requirement[:30]}", _link(order.pk), sign_due(order, now) or fix_due(order, now))


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


ORDER_FIX = DueKind(
    "order-fix",
    "整改",
    open=lambda now: Order.objects.filter(state__in=WORKING),
    held=asked(Action.ORDER_FIX),
    line=_fix,
    order=("fix_due_on", "pk"),
    late=_late,
    words="{} 件整改逾期",
    page=lambda order: _link(order.pk),
)
KINDS = [
    ORDER_FIX,
    DueKind(
        "order-extension",
        "整改延期待批准",
        open=lambda now: OrderExtension.objects.filter(state=OrderExtension.State.ASKED),
        held=_to_answer,
        line=_answer,
        related=("order__village",),
    ),
    DueKind(
        "order-check",
        "复核整改",
        open=lambda now: Order.objects.filter(state=State.REPORTED),
        held=_to_check,
        line=_check,
        order=("reported_at", "pk"),
        related=("village",),
    ),
    DueKind(
        "order-talk",
        "建议约谈",
        open=lambda now: Order.objects.open().filter(misses__gte=TALK_AFTER, blames=None),
        held=lambda rows, user, now: rows.visible_to(user, Action.BLAME),
        line=_talk,
        related=("village",),
    ),
]
