"""The order that an address names, and what may be done with it: at the desk, on the volunteer's own page, by a slip."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.shortcuts import get_object_or_404

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Duty
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.periods import today
from villages.models import Post, Unit
from villages.scope import get_visible_or_404
from volunteers.models import Offer, Run, ServiceOrder
from volunteers.orders.order_flow import Step, Transition, Who
from volunteers.orders.rows import live_hours
from volunteers.orders.services import on_call_of, roles_of, steps_for
from volunteers.orders.step_forms import DEEDS

CADRES = (Duty.SECRETARY, Duty.CADRE)
RELATED = ("project", "township", "village", "unit", "team", "household", "visit", "complaint", "logged_by", "judged_by")
DESK = {Who.ASKER, Who.DISPATCHER}


class Ring(NamedTuple):
    """Somebody to ring; `phone` is "" where there is none that may be shown."""

    duty: str
    name: str
    phone: str


class OnCall(NamedTuple):
    """Whom to ring in an emergency: those on call or, where `is_rostered` is false, the village's secretary and cadres."""

    village: Unit
    is_rostered: bool
    people: list[Ring]

    @property
    def phones(self) -> list[str]:
        return [one.phone for one in self.people if one.phone]


def whom_to_ring(village: Unit, now: datetime, *, private: bool = False) -> OnCall:
    """By the public phones of the posts; `private`: where a post has none, by that of the resident or the account."""
    rostered = on_call_of(village, now)
    cadres = Post.objects.current(today(now)).filter(unit=village, kind__in=CADRES).select_related("user", "resident")
    posts = rostered or cadres.order_by("-kind", "pk")
    return OnCall(village, bool(rostered), [Ring(post.get_kind_display(), post.holder_name, _phone(post, private)) for post in posts])


def _phone(post: Post, private: bool) -> str:
    holders = (post.resident, post.user) if private else ()
    return post.phone or next((holder.phone for holder in holders if holder is not None and holder.phone), "")


def order_seen(user: User, pk: int, **options: Any) -> ServiceOrder:
    """An order at the desk; 404 for strangers."""
    return get_visible_or_404(ServiceOrder.objects.select_related(*RELATED), user, pk=pk, **options)


def own_order(user: User, pk: int) -> ServiceOrder:
    """An order that a volunteer's account is asked to take, runs or ran."""
    found = ServiceOrder.objects
    ways = [found.offered_to(user), found.run_by(user)]
    mine = Q(pk__in=ways[0].order_by().values("pk")) | Q(pk__in=ways[1].order_by().values("pk"))
    return get_object_or_404(found.filter(mine).select_related("project", "village", "unit"), pk=pk)


def reveal(request: UserRequest, orders: list[ServiceOrder]) -> None:
    """Who looks at the one served is written down, order by order."""
    for order in orders:
        access_log(AccessLog.Kind.REVEAL, request=request, detail=f"点单 {order.number} 的服务对象")


def desk_steps(order: ServiceOrder, user: User) -> list[Transition]:
    """What the desk may do with an order now; a step that has nothing to be about is left out."""
    roles = roles_of(order, user) & DESK
    open_runs, asked = order.runs.filter(ended_at=None), order.offers.filter(state=Offer.State.ASKED)
    there = {"run": open_runs.exists(), "offer": asked.exists(), "hours": live_hours(order).exists(), "order": True}
    senseless = {
        Step.CONTACT: order.contacted_at is not None,
        Step.OFFER: order.runs.filter(Q(ended_at=None) | Q(outcome=Run.Outcome.DONE)).count() >= order.people,
        Step.SET_OUT: not open_runs.filter(set_out_at=None, arrived_at=None).exists(),
        Step.ARRIVE: not open_runs.filter(arrived_at=None).exists(),
    }
    return [
        one
        for one in steps_for(order, user)
        if roles & set(one.who)
        and (one.step in (Step.OFFER, Step.SLIP) or (one.step in DEEDS and there[DEEDS[one.step].of]))
        and not senseless.get(one.step, False)
    ]


def phone_steps(order: ServiceOrder, user: User) -> list[Transition]:
    """What a volunteer may do with their own offer or run, on their own page."""
    run = order.runs.filter(volunteer__user=user, ended_at=None).first()
    asked = order.offers.filter(volunteer__user=user, state=Offer.State.ASKED).exists()
    senseless = {
        Step.CONTACT: order.contacted_at is not None,
        Step.SET_OUT: run is not None and (run.set_out_at is not None or run.arrived_at is not None),
        Step.ARRIVE: run is not None and run.arrived_at is not None,
    }
    there = {"offer": asked, "run": run is not None, "order": run is not None, "hours": False}
    return [
        one
        for one in steps_for(order, user)
        if one.step in DEEDS
        and DEEDS[one.step].phone is not None
        and there[DEEDS[one.step].of]
        and {Who.OFFERED, Who.RUNNER} & set(one.who)
        and not senseless.get(one.step, False)
    ]
