"""What the clock does by itself: closes offers without answer, lets overdue orders climb, counts what nobody judged as unrated.

The row says when; a beat that comes late, twice or beside another does each step once, because the row is locked and moved on in the same
transaction, and one climb per level is all the database takes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from volunteers.orders.judging import order_unrate
from volunteers.orders.models import Level, Offer, ServiceOrder
from volunteers.orders.notices import clerks_of, dispatchers_of, secretaries_of, tell, tell_on_call
from volunteers.orders.offering import offers_expire
from volunteers.orders.order_flow import State, Step
from volunteers.orders.steps import RELATED, order_save, step_write

BATCH = 200


def orders_tick(at: datetime | None = None) -> int:
    """Each minute: expire, climb, unrate; returns how many orders were moved."""
    now = at or timezone.now()
    late = Offer.objects.filter(state=Offer.State.ASKED, expires_at__lte=now).order_by()
    return (
        _each_due(ServiceOrder.objects.filter(pk__in=late.values("order")), offers_expire, now)
        + _each_due(ServiceOrder.objects.filter(climb_at__lte=now), _climb, now)
        + _each_due(ServiceOrder.objects.filter(state=State.DONE, judge_due_at__lte=now), order_unrate, now)
    )


def _each_due(due: QuerySet[ServiceOrder], take: Callable[[ServiceOrder, datetime], object], now: datetime) -> int:
    """`take` for every due row, each in a transaction of its own and under its lock; rows that others hold are theirs."""
    skips = connection.features.has_select_for_update_skip_locked
    taken, last = 0, 0
    while ids := list(due.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        last = ids[-1]
        for pk in ids:
            with transaction.atomic():
                rows = due.order_by().select_for_update(of=("self",), skip_locked=skips).filter(pk=pk)
                order = rows.select_related(*RELATED).first()
                if order is not None:
                    take(order, now)
                    taken += 1
    return taken


def _climb(order: ServiceOrder, now: datetime) -> None:
    """One level up: to the village's secretary, then to the township; those who send orders out are told, too."""
    first = order.level == Level.VILLAGE
    order.level = Level.SECRETARY if first else Level.TOWNSHIP
    late = order.contacted_at is None and order.contact_due_at is not None
    what = "首次联系逾期" if late else "接单逾期" if order.accepted_at is None else "完成逾期"
    step_write(order, Step.CLIMB, by=None, at=now, source=order.state, level=order.level, note=what)
    order_save(order)
    people = secretaries_of(order.village, now) if first else clerks_of(order.township, now)
    if order.is_emergency:
        tell_on_call(order, what, now, key=f"on_call:{order.level}")
    tell(order, [*people, *dispatchers_of(order.village, now)], what, now, key=f"climb:{order.level}")
