"""What pages show of an order: its limit, its need without the names in it, who serves, who may see the one served."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from governance.accounts.models import User
from governance.frame.columns import Tag
from governance.frame.due import Due, due_words
from governance.privacy import mask_name
from volunteers.models import Hours, Run, ServiceOrder
from volunteers.orders.order_flow import State, Who
from volunteers.orders.services import roles_of

TONES: dict[str, str] = {
    State.CALLBACK: "waiting",
    State.ASKED: "waiting",
    State.OFFERED: "waiting",
    State.ACCEPTED: "info",
    State.ON_WAY: "info",
    State.ARRIVED: "info",
    State.DONE: "near",
    State.JUDGED: "good",
    State.UNRATED: "",
    State.CANCELLED: "",
    State.ABORTED: "late",
}
HIDDEN = "…"
_NUMBERS = re.compile(r"\d{7,}")


def due_of_order(order: ServiceOrder, now: datetime) -> Due | None:
    return due_words(order.due_at, now) if order.due_at is not None else None


def state_tag(order: ServiceOrder) -> Tag:
    return Tag(order.get_state_display(), TONES[order.state])


def need_words(order: ServiceOrder) -> str:
    """The need without names, phones and places that stand in it: what lists, exports and programs show."""
    words = order.text
    for name in (order.name, order.caller):
        words = words.replace(name, mask_name(name)) if name else words
    for private in (order.phone, order.caller_phone, order.place):
        words = words.replace(private, HIDDEN) if private else words
    return _NUMBERS.sub(HIDDEN, words)


def masked_asker(order: ServiceOrder) -> str:
    return mask_name(order.name) + ("（代点）" if order.caller else "")


def serving() -> Prefetch[str]:
    """Those who serve or served an order, as its `serving`."""
    runs = Run.objects.filter(Q(ended_at=None) | Q(outcome=Run.Outcome.DONE)).select_related("volunteer").order_by("pk")
    return Prefetch("runs", runs, to_attr="serving")


def runners(order: ServiceOrder) -> str:
    """Needs `serving`."""
    runs: Sequence[Run] = order.serving  # type: ignore[attr-defined]
    return "、".join(run.volunteer.name for run in runs)


def knows_person(order: ServiceOrder, user: User) -> bool:
    """Whether the desk shows the one served to `user`: who logs or sends out orders there. Volunteers see them on their own page."""
    return bool({Who.ASKER, Who.DISPATCHER} & roles_of(order, user))


def live_hours(order: ServiceOrder) -> QuerySet[Hours]:
    """The hours of an order that count."""
    return Hours.objects.filter(order=order, reverses=None, reversed_by=None).select_related("volunteer").order_by("pk")
