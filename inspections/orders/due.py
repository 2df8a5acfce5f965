"""What rectification asks of one person today: to sign, to put right, to answer, to re-check, to talk (plan §四(三))."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from governance.accounts.duties import TOWN_OFFICES, Action
from governance.accounts.models import User
from governance.frame.due import SHOWN, Todo, evening
from governance.periods import today
from inspections.models import Order, OrderExtension
from inspections.orders.clock import WORKING
from inspections.orders.rights import barred_q
from inspections.orders.rows import due_of_order
from inspections.orders.steps import TALK_AFTER


def orders_todo(user: User, now: datetime) -> Iterator[Todo]:
    yield from _to_fix(user, now)
    yield from _to_answer(user)
    yield from _to_check(user, now)
    yield from _to_talk(user, now)


def _to_fix(user: User, now: datetime) -> Iterator[Todo]:
    """Orders of my own village, to be signed or put right; the office may do it for a village but is not asked to."""
    if not user.may(Action.ORDER_FIX) or user.duties() & set(TOWN_OFFICES):
        return
    orders = Order.objects.visible_to(user, Action.ORDER_FIX).filter(state__in=WORKING)
    for order in orders.order_by("fix_due_on", "pk")[:SHOWN]:
        signs = order.state == Order.State.ISSUED
        at = evening(order.sign_due_on if signs else order.fix_due_on)
        what = f"签收{order.get_kind_display()}" if signs else f"{order.get_kind_display()}：整改并报告"
        yield Todo(at, what, f"{order.number} {order.requirement[:30]}", _link(order.pk), due_of_order(order, now))


def _to_answer(user: User) -> Iterator[Todo]:
    if not user.may(Action.ORDER_ISSUE):
        return
    orders = Order.objects.visible_to(user, Action.ORDER_ISSUE).order_by().values("pk")
    asked = OrderExtension.objects.filter(state=OrderExtension.State.ASKED, order__in=orders).exclude(asked_by=user)
    for extension in asked.select_related("order__village").order_by("pk")[:SHOWN]:
        order = extension.order
        yield Todo(
            evening(order.fix_due_on),
            f"整改延期待批准：{order.village}",
            f"{order.number} 延期至 {extension.until}：{extension.reason[:30]}",
            reverse("inspections:order-extension", args=[order.pk]),
            None,
        )


def _to_check(user: User, now: datetime) -> Iterator[Todo]:
    """Reported orders that I neither issued nor reported, of villages where neither I nor my kin hold a post."""
    if not user.may(Action.ORDER_CHECK):
        return
    reported = Order.objects.visible_to(user, Action.ORDER_CHECK).filter(state=Order.State.REPORTED)
    for order in reported.exclude(barred_q(user, today(now))).select_related("village").order_by("reported_at", "pk")[:SHOWN]:
        assert order.reported_at is not None
        yield Todo(order.reported_at, f"复核整改：{order.village}", f"{order.number} {order.report[:30]}", _link(order.pk), None)


def _to_talk(user: User, now: datetime) -> Iterator[Todo]:
    """Open orders missed twice, of which no record of 约谈 or 问责 has been written yet."""
    if not user.may(Action.BLAME):
        return
    missed = Order.objects.visible_to(user, Action.BLAME).open().filter(misses__gte=TALK_AFTER, blames=None)
    for order in missed.select_related("village").order_by("pk")[:SHOWN]:
        yield Todo(now, f"建议约谈：{order.village}", f"{order.number} {order.misses} 次未按要求整改", _link(order.pk), None)


def _link(pk: int) -> str:
    return reverse("inspections:order-detail", args=[pk])
