"""What the clock does to orders: every day limit that passes unmet counts one miss, once (domain.md §10)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from inspections.models import Order, OrderExtension, OrderStep
from inspections.orders.due import FIX, ORDER_FIX, SIGN, WORKING
from inspections.orders.steps import RELATED, day_words, miss_add, step_write, tell_village


def orders_sweep(at: datetime | None = None) -> int:
    """Count what passed unmet, each order in a transaction of its own; run twice it does nothing more. Returns how many orders.

    Rows that somebody works on are left to them: signing and reporting count what passed before.
    """
    now = at or timezone.now()
    uncounted = Q(missed_on=None) | Q(missed_on__lt=F("sign_due_on")) | Q(FIX.past(now), missed_on__lt=F("fix_due_on"))
    ids = ORDER_FIX.late_rows(now).filter(uncounted).order_by("pk").values_list("pk", flat=True)
    skips = connection.features.has_select_for_update_skip_locked
    swept = 0
    for pk in list(ids):
        with transaction.atomic():
            rows = Order.objects.select_for_update(of=("self",), skip_locked=skips).select_related(*RELATED)
            order = rows.filter(pk=pk).first()
            if order is not None and misses_count(order, now):
                swept += 1
    return swept


def misses_count(order: Order, now: datetime) -> int:
    """Count the limits of a locked order that have passed unmet and were not counted yet; returns how many."""
    passed = [
        (limit, what)
        for limit, what in _limits_past(order, now)
        if order.missed_on is None or order.missed_on < limit
    ]
    for limit, what in passed:
        order.missed_on = limit
        step_write(order, OrderStep.Step.MISS, by=None, at=now, note=f"{day_words(limit)}前未{what}")
        miss_add(order, now)
        tell_village(order, f"已逾期：未按时{what}", now, key=f"miss:{limit}")
    if passed:
        order.save(update_fields=["misses", "missed_on"])
    return len(passed)


def _limits_past(order: Order, now: datetime) -> list[tuple[date, str]]:
    """The day limits that are over unmet, in order; one for which more time was asked waits for the answer."""
    limits = [(order.sign_due_on, "签收")] if order.state == Order.State.ISSUED and SIGN.is_past(order, now) else []
    if order.state in WORKING and FIX.is_past(order, now) and not order.extensions.filter(state=OrderExtension.State.ASKED).exists():
        limits.append((order.fix_due_on, "报告整改"))
    return limits
