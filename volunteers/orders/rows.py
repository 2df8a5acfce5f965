"""What pages show of an order: its limit, its need without the names in it, who serves, who may see the one served."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.db.models import Prefetch, Q, QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.columns import Tag
from governance.privacy import mask_name
from volunteers.models import Hours, Run, ServiceOrder
from volunteers.orders.order_flow import State

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
KNOWING = (Action.SERVICE_LOG, Action.SERVICE_DISPATCH)
HIDDEN = "…"
_NUMBERS = re.compile(r"\d(?:[\s\-_.,、·*()（）\u2010-\u2015\u2212\u200b-\u200d\u2060\ufeff]*\d)*")


def state_tag(order: ServiceOrder) -> Tag:
    return Tag(order.get_state_display(), TONES[order.state])


def need_words(order: ServiceOrder) -> str:
    """The need without names, places and figures (however they are written): for those who know the person, and for exports."""
    words = order.text
    for name in (order.name, order.caller):
        words = words.replace(name, mask_name(name)) if name else words
    for private in (order.phone, order.caller_phone, order.place):
        words = words.replace(private, HIDDEN) if private else words
    return _NUMBERS.sub(HIDDEN, words)


def need_for(order: ServiceOrder, user: User) -> str:
    """What lists and programs show of the need: of what kind it is, where the user does not know the person."""
    return need_words(order) if knows_person(order, user) else order.project.name


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
    return any(user.may(action, order.unit.path) for action in KNOWING)


def known_to(user: User) -> Q:
    """The same for rows."""
    rows = ServiceOrder.objects
    return reduce(or_, (Q(pk__in=rows.visible_to(user, action).order_by().values("pk")) for action in KNOWING))


def live_hours(order: ServiceOrder) -> QuerySet[Hours]:
    """The hours of an order that count."""
    return Hours.objects.filter(order=order, reverses=None, reversed_by=None).select_related("volunteer").order_by("pk")
