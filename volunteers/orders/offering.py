"""派单: to volunteers, to a team, or to those who can; accepted, declined, or left without an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.periods import today
from volunteers.orders.clocks import answer_by
from volunteers.orders.errors import OrderError
from volunteers.orders.fitting import Candidate, candidates, own_refusal, people_for
from volunteers.orders.models import Offer, Run, ServiceOrder
from volunteers.orders.notices import dispatchers_of, tell, tell_done, tell_offered, tell_volunteers
from volunteers.orders.order_flow import State, Step
from volunteers.orders.steps import (
    check_volunteer,
    offers_close,
    order_lock,
    order_move,
    order_take,
    step_write,
    words_of,
    work_of,
)
from volunteers.people.fitness import may_do
from volunteers.people.models import ServiceTeam, Volunteer


def order_offer(
    *,
    order: ServiceOrder,
    volunteers: Sequence[Volunteer] = (),
    team: ServiceTeam | None = None,
    by: User,
    at: datetime | None = None,
) -> list[Offer]:
    """Ask `volunteers`, the active members of `team`, or, where neither is named, all who can. Nobody is asked again who declined the same
    time; who kept silent or left it is asked by hand alone. Of a team those who cannot are passed over."""
    now = at or timezone.now()
    with transaction.atomic():
        row = order_take(order, Step.OFFER, by)
        _check_place(row)
        found = _whom(row, volunteers, team, now)
        if not found:
            raise OrderError("没有可以派给的志愿者。", "volunteer", field="team" if team is not None else "volunteers")
        source, row.team = row.state, team
        offers = offers_make(row, found, now)
        words = f"派给{team.name}，{len(offers)} 人" if team is not None else f"派给 {len(offers)} 人"
        step_write(row, Step.OFFER, by=by, at=now, source=source, note=words)
    return offers


def offers_make(order: ServiceOrder, volunteers: Sequence[Volunteer], now: datetime) -> list[Offer]:
    """Offers of a locked order; those who are asked are told."""
    until = answer_by(order, now)
    offers = Offer.objects.bulk_create(
        [Offer(order=order, volunteer=one, wanted_at=order.wanted_at, asked_at=now, expires_at=until) for one in volunteers]
    )
    order.offered_at = order.offered_at or now
    order_move(order, now)
    tell_offered(order, volunteers, now)
    return offers


def offer_accept(*, order: ServiceOrder, volunteer: Volunteer, by: User, at: datetime | None = None) -> Run:
    """接单: the order is theirs from now on; once it has its people, the other offers are taken back."""
    now = at or timezone.now()
    with transaction.atomic():
        row = order_take(order, Step.ACCEPT, by)
        check_volunteer(row, volunteer, by)
        _check_place(row)
        if refusal := may_do(volunteer, row.project, today(row.wanted_at or now)) or own_refusal(row, volunteer):
            raise OrderError(f"{volunteer.name}：{refusal}。", "volunteer")
        _answer(row, volunteer, Offer.State.ACCEPTED, now)
        source = row.state
        run = Run.objects.create(order=row, volunteer=volunteer, user=volunteer.user, accepted_at=now)
        if not work_of(row).places(row.people):
            rest = list(Volunteer.objects.filter(offers__in=row.offers.filter(state=Offer.State.ASKED)).select_related("user"))
            offers_close(row, now)
            tell_volunteers(row, rest, "这一单已有人接，不用您去了", now, key=f"full:{now.timestamp()}")
        order_move(row, now)
        step_write(row, Step.ACCEPT, by=by, at=now, source=source, volunteer=volunteer)
        tell(row, dispatchers_of(row.village, now), "已有人接单", now, key=f"accept:{run.pk}")
    return run


def offer_decline(*, order: ServiceOrder, volunteer: Volunteer, reason: str, by: User, at: datetime | None = None) -> Offer:
    """不接: with a reason, and not asked again for the same time. Where nobody is left, the village is told."""
    now, reason = at or timezone.now(), words_of(reason, "不接须写明原因。", most=100)
    with transaction.atomic():
        row = order_take(order, Step.DECLINE, by)
        check_volunteer(row, volunteer, by)
        offer = _answer(row, volunteer, Offer.State.DECLINED, now, reason)
        source = row.state
        order_move(row, now)
        step_write(row, Step.DECLINE, by=by, at=now, source=source, volunteer=volunteer, note=reason)
        tell_if_nobody(row, now, f"decline:{offer.pk}")
    return offer


def volunteer_offers_close(volunteer: Volunteer, now: datetime) -> None:
    """Take back what somebody who stops serving has not answered, each order under its lock; where nobody is left, the village is told."""
    asked = Offer.objects.filter(volunteer=volunteer, state=Offer.State.ASKED).order_by("order")
    for offer in asked.select_related("order"):
        order = order_lock(offer.order)
        if order.offers.filter(pk=offer.pk, state=Offer.State.ASKED).update(state=Offer.State.CLOSED, answered_at=now):
            order_move(order, now)
            tell_if_nobody(order, now, f"stop:{offer.pk}")


def offers_expire(order: ServiceOrder, now: datetime) -> int:
    """Close the offers of a locked order that nobody has answered in time, and ask the others who can; returns how many expired."""
    late = list(order.offers.filter(state=Offer.State.ASKED, expires_at__lte=now).select_related("volunteer").order_by("pk"))
    if not late:
        return 0
    source = order.state
    Offer.objects.filter(pk__in=[one.pk for one in late]).update(state=Offer.State.EXPIRED, answered_at=now)
    others = [one.volunteer for one in people_for(order, now) if one.fits] if _is_short(order) else []
    if not others:
        order_move(order, now)
    for offer in late:
        step_write(order, Step.EXPIRE, by=None, at=now, source=source, volunteer=offer.volunteer)
    if others:
        offers_make(order, others, now)
        step_write(order, Step.OFFER, by=None, at=now, source=source, note=f"没有答复，改派给 {len(others)} 人")
    tell_if_nobody(order, now, f"expire:{late[-1].pk}")
    return len(late)


def tell_if_nobody(order: ServiceOrder, now: datetime, key: str) -> None:
    """Tell the village where people are missing and nobody is asked any more, or where what somebody finished is now to be judged."""
    if order.state == State.DONE:
        tell_done(order, now)
    if _is_short(order):
        tell(order, dispatchers_of(order.village, now), "没有人接单，请另派", now, key=key)


def _is_short(order: ServiceOrder) -> bool:
    work = work_of(order)
    return order.is_open and not work.offered and work.places(order.people) > 0


def _check_place(order: ServiceOrder) -> None:
    if not work_of(order).places(order.people):
        raise OrderError(f"{order.number}要 {order.people} 人，人已经够了。", "people")


def _whom(order: ServiceOrder, volunteers: Sequence[Volunteer], team: ServiceTeam | None, now: datetime) -> list[Volunteer]:
    """Whom the words mean. Raises OrderError where somebody named may not be asked."""
    if volunteers:
        named = candidates(order, Volunteer.objects.filter(pk__in=[one.pk for one in volunteers]), now)
        for one in named:
            _check_candidate(order, one)
        return [one.volunteer for one in named]
    if team is None:
        return [one.volunteer for one in people_for(order, now) if one.fits]
    if team.village.parent_id != order.township_id or not team.is_active:
        raise OrderError("请选本乡镇正在使用的服务队。", "volunteer", field="team")
    members = Volunteer.objects.active().filter(memberships__team=team)
    return [one.volunteer for one in candidates(order, members, now) if not one.refusal]


def _check_candidate(order: ServiceOrder, one: Candidate) -> None:
    if one.volunteer.township_id != order.township_id:
        raise OrderError(f"{one.volunteer.name}不是本乡镇的志愿者。", "volunteer", field="volunteers")
    if one.refusal:
        raise OrderError(f"{one.volunteer.name}：{one.refusal}。", "volunteer", field="volunteers")


def _answer(order: ServiceOrder, volunteer: Volunteer, state: Offer.State, now: datetime, reason: str = "") -> Offer:
    offer: Offer | None = order.offers.filter(volunteer=volunteer, state=Offer.State.ASKED).first()
    if offer is None:
        raise OrderError(f"{order.number}没有派给{volunteer.name}，或已收回。", "volunteer")
    offer.state, offer.answered_at, offer.reason = state, now, reason
    offer.save(update_fields=["state", "answered_at", "reason"])
    return offer
