"""What the clock does by itself: closes offers without answer, lets overdue orders climb, counts what nobody judged as unrated.

The row says when; a beat that comes late, twice or beside another does each step once, because the row is locked and moved on in the same
transaction, and one climb per level is all the database takes.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from governance.frame.sweeping import each_due
from volunteers.orders.due import ACCEPT, CONTACT, FINISH, SERVICE_JUDGE, SERVICE_RUN
from volunteers.orders.judging import order_unrate
from volunteers.orders.models import Level, Offer, ServiceOrder
from volunteers.orders.notices import clerks_of, dispatchers_of, secretaries_of, tell, tell_on_call
from volunteers.orders.offering import offers_expire
from volunteers.orders.order_flow import Step
from volunteers.orders.steps import RELATED, order_save, step_write

WORDS = {CONTACT.field: "首次联系逾期", ACCEPT.field: "接单逾期", FINISH.field: "完成逾期"}


def orders_tick(at: datetime | None = None) -> int:
    """Each minute: expire, climb, unrate; returns how many orders were moved."""
    now = at or timezone.now()
    silent = Offer.objects.filter(state=Offer.State.ASKED, expires_at__lte=now).order_by()
    return (
        each_due(ServiceOrder.objects.filter(pk__in=silent.values("order")).order_by("pk"), RELATED, offers_expire, now)
        + each_due(SERVICE_RUN.late_rows(now).filter(climb_at__lte=now).order_by("pk"), RELATED, _climb, now)
        + each_due(SERVICE_JUDGE.late_rows(now).order_by("pk"), RELATED, order_unrate, now)
    )


def _climb(order: ServiceOrder, now: datetime) -> None:
    """One level up: to the village's secretary, then to the township; those who send orders out are told, too."""
    first = order.level == Level.VILLAGE
    order.level = Level.SECRETARY if first else Level.TOWNSHIP
    what = WORDS[order.running]
    step_write(order, Step.CLIMB, by=None, at=now, source=order.state, level=order.level, note=what)
    order_save(order)
    people = secretaries_of(order.village, now) if first else clerks_of(order.township, now)
    if order.is_emergency:
        tell_on_call(order, what, now, key=f"on_call:{order.level}")
    tell(order, [*people, *dispatchers_of(order.village, now)], what, now, key=f"climb:{order.level}")
