"""What the pages of an order show beside its rows: what is due, and exactly the buttons that this user may press."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.periods import today
from inspections.models import Order, OrderExtension
from inspections.orders.due import FIX, WORKING
from inspections.orders.rights import check_refusal, fix_refusal
from inspections.orders.steps import TALK_AFTER

State = Order.State
TONES = {State.ISSUED: "waiting", State.SIGNED: "waiting", State.REPORTED: "", State.FAILED: "late", State.CLOSED: "good"}


@dataclass(frozen=True)
class Button:
    """`taps` sends at once; else the button leads to a form."""

    label: str
    link: str
    taps: bool = False
    first: bool = True


def buttons_of(order: Order, user: User, now: datetime) -> tuple[list[Button], str]:
    """What `user` may do with the order now, and why a step is not theirs ("" where it is, or is not in question)."""
    found = _fixing(order, now) if _may(order, user, Action.ORDER_FIX) else []
    refused = fix_refusal(order, user) if found else None
    refusal = refused.message if refused else ""
    found = [] if refused else found
    asked = order.extensions.filter(state=OrderExtension.State.ASKED).first()
    if asked is not None and asked.asked_by_id != user.pk and _may(order, user, Action.ORDER_ISSUE):
        found.append(Button("答复延期", _link("order-extension", order)))
    if order.state == State.REPORTED and _may(order, user, Action.ORDER_CHECK):
        refused = check_refusal(order, user, today(now))
        refusal = refused.message if refused else ""
        found += [] if refused else [Button("复核", _link("order-check", order))]
    if order.misses >= TALK_AFTER and _may(order, user, Action.BLAME):
        found.append(Button("登记约谈", reverse("inspections:blame-create", query={"order": order.pk}), first=False))
    return found, refusal


def _fixing(order: Order, now: datetime) -> list[Button]:
    if order.state == State.ISSUED:
        return [Button("签收", _link("order-sign", order), taps=True)]
    if order.state not in WORKING:
        return []
    found = [Button("报告整改", _link("order-report", order))]
    open_or_granted = order.extensions.exclude(state=OrderExtension.State.DENIED).exists()
    if not FIX.is_past(order, now) and not open_or_granted:
        found.append(Button("申请延期", _link("order-extend", order), first=False))
    return found


def _may(order: Order, user: User, action: Action) -> bool:
    return user.may(action) and Order.objects.visible_to(user, action).filter(pk=order.pk).exists()


def _link(name: str, order: Order) -> str:
    return reverse(f"inspections:{name}", args=[order.pk])
