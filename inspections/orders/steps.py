"""What every change of an order shares: its lock, its history, those who are told, and what a second miss proposes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from governance.accounts.duties import MATRIX, VILLAGE_DUTIES, Action, Duty
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.periods import today
from inspections.errors import InspectionError
from inspections.models import Order, OrderStep
from villages.models import Post, Unit

RELATED = ("township", "village", "issued_by")
TALK_AFTER = 2
FIXERS = [duty for duty in VILLAGE_DUTIES if Action.ORDER_FIX in MATRIX[duty]]


def order_take(order: Order, by: User, action: Action) -> Order:
    """The order under its lock. Raises InspectionError where `by` may not do `action` on it."""
    row = Order.objects.select_for_update(of=("self",)).select_related(*RELATED).get(pk=order.pk)
    if not Order.objects.visible_to(by, action).filter(pk=row.pk).exists():
        raise InspectionError(f"{row.number}不归您办理。", "scope")
    return row


def state_check(order: Order, *allowed: Order.State, what: str) -> None:
    """Raises InspectionError unless the order stands in one of `allowed`, where `what` (签收, 复核 …) makes sense."""
    if order.state not in allowed:
        raise InspectionError(f"{order.number}现在是“{order.get_state_display()}”，不能{what}。", "state")


def step_write(order: Order, step: OrderStep.Step, *, by: User | None, at: datetime, note: str = "") -> OrderStep:
    """One row of the history, with the day that holds after it."""
    return OrderStep.objects.create(order=order, step=step, by=by, at=at, note=note, fix_due_on=order.fix_due_on)


def miss_add(order: Order, now: datetime) -> None:
    """Count one miss on the row in hand; the second one proposes 约谈 and tells the township's leaders."""
    order.misses += 1
    if order.misses != TALK_AFTER:
        return
    words = f"{order.village}两次未按要求整改"
    step_write(order, OrderStep.Step.TALK, by=None, at=now, note=words)
    tell(
        order, people_at(order.township, [Duty.LEADER], today(now)), f"建议约谈：{words}", now,
        key=f"order-talk:{order.pk}", out=f"乡治：{order.number}建议约谈",
    )  # fmt: skip


def day_words(day: date) -> str:
    """4月21日."""
    return f"{day.month}月{day.day}日"


def people_at(unit: Unit, duties: Iterable[str], on: date) -> list[User]:
    """Accounts that hold one of `duties` at just this unit."""
    posts = Post.objects.current(on).filter(unit=unit, kind__in=list(duties), user__is_active=True)
    return [post.user for post in posts.select_related("user").order_by("pk") if post.user is not None]


def tell(order: Order, users: Iterable[User], what: str, now: datetime, *, key: str, out: str = "") -> None:
    """A message with the order's number that leads to its page; `out` is what may leave the portal."""
    messages_send(
        users=users, text=f"{what}（{order.number}）", link=f"/orders/{order.pk}/", key=key, at=now, text_out=out or None
    )


def tell_village(order: Order, what: str, now: datetime, *, key: str) -> None:
    """Tell the village's secretary and cadres."""
    people = people_at(order.village, FIXERS, today(now))
    tell(order, people, what, now, key=f"order:{order.pk}:{key}", out=f"乡治：{what}（{order.number}）")
