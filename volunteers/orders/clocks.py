"""When orders are due: emergencies at any hour, others in working time (domain.md §5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from governance.workdays import Limit, LimitUnit, due
from villages.calendar.services import work_calendar
from volunteers.orders import order_flow as flow
from volunteers.orders.models import Level, ServiceOrder


def dues_set(order: ServiceOrder) -> None:
    """The limits of a new order, counted from when it was asked for."""
    asked = order.asked_at
    if order.is_emergency:
        order.contact_due_at = asked + flow.CONTACT_WITHIN
        order.accept_due_at = order.finish_due_at = asked + flow.EMERGENCY_WITHIN
        return
    order.accept_due_at = _working(order, asked, flow.ACCEPT_WITHIN_DAYS)
    order.finish_due_at = _working(order, asked, flow.FINISH_WITHIN_DAYS)


def accept_anew(order: ServiceOrder, now: datetime) -> None:
    """Nobody has the order any more: somebody has to accept it again, counted from now; its end stays where it was."""
    order.accepted_at = None
    order.accept_due_at = now + flow.EMERGENCY_WITHIN if order.is_emergency else _working(order, now, flow.ACCEPT_WITHIN_DAYS)


def climb_set(order: ServiceOrder) -> None:
    """When the order climbs next, None at the top or where it is no longer open."""
    order.climb_at = None if order.level == Level.TOWNSHIP else order.due_at
    if order.climb_at is not None and order.level != Level.VILLAGE:
        last = order.steps.filter(step=flow.Step.CLIMB).order_by("-id").values_list("at", flat=True).first()
        if last is not None:
            order.climb_at = max(order.climb_at, climb_again(order, last))


def climb_again(order: ServiceOrder, climbed: datetime) -> datetime:
    return climbed + flow.EMERGENCY_CLIMB_AGAIN if order.is_emergency else _working(order, climbed, flow.CLIMB_AGAIN_DAYS)


def answer_by(order: ServiceOrder, now: datetime) -> datetime:
    """Until when somebody who is asked now may stay silent, the time that is wished for at the latest."""
    if order.is_emergency:
        return now + flow.EMERGENCY_ANSWER_WITHIN
    until = due(work_calendar(order.township_id), now, Limit(flow.ANSWER_WITHIN_HOURS, LimitUnit.WORKHOURS))
    return min(until, order.wanted_at) if order.wanted_at is not None and order.wanted_at > now else until


def judge_by(finished: datetime) -> datetime:
    return finished + timedelta(days=flow.JUDGE_WITHIN_DAYS)


def _working(order: ServiceOrder, start: datetime, days: int) -> datetime:
    return due(work_calendar(order.township_id), start, Limit(days, LimitUnit.WORKDAYS))
