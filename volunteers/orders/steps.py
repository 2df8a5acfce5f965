"""What every change of an order shares: its lock, who may take the step, the state that follows from runs and offers, its history."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q

from governance.accounts.duties import Action
from governance.accounts.models import User
from villages.models import Resident
from volunteers.orders.clocks import accept_anew, climb_set, judge_by
from volunteers.orders.errors import OrderError
from volunteers.orders.models import Offer, Run, ServiceOrder, ServiceStep
from volunteers.orders.order_flow import (
    BY_STEP,
    FOR_OTHERS,
    RUNNING,
    STATE_LABELS,
    State,
    Step,
    Transition,
    Who,
    Work,
    steps_open,
)
from volunteers.people.models import Volunteer

RELATED = ("township", "village", "unit", "project", "team", "household", "resident")


def order_lock(order: ServiceOrder) -> ServiceOrder:
    """The order under its lock with what its rules read."""
    rows = ServiceOrder.objects.select_for_update(of=("self",)).select_related(*RELATED)
    found = rows.filter(pk=order.pk).first()
    if found is None:
        raise OrderError("没有这个服务订单。", "scope")
    return found


def order_take(order: ServiceOrder, step: Step, by: User) -> ServiceOrder:
    """The order under its lock, if the flow allows the step now and `by` may take it."""
    row = order_lock(order)
    roles = roles_of(row, by)
    if not roles and row.offers.filter(volunteer__user=by).exists():
        raise OrderError(f"{row.number}已不由您办理：派单已收回，或这一单已结束。", "state")
    if not roles:
        raise OrderError("这个服务订单不在您可以办理的范围内。", "scope")
    check_state(row, step)
    if step in FOR_OTHERS and served_by(row, by):
        raise OrderError(f"您参加了这一单的服务（或同户的人参加了），请他人{BY_STEP[step].label}。", "kin")
    if not set(BY_STEP[step].who) & roles:
        raise OrderError(f"{row.number}不归您{BY_STEP[step].label}。", "scope")
    return row


def check_state(order: ServiceOrder, step: Step) -> None:
    if State(order.state) not in BY_STEP[step].sources:
        raise OrderError(f"{order.number}现在{STATE_LABELS[State(order.state)]}，不能{BY_STEP[step].label}。", "state")


def roles_of(order: ServiceOrder, user: User) -> frozenset[Who]:
    """What `user` is to the order."""
    roles, path = set(), order.unit.path
    if user.may(Action.SERVICE_LOG, path):
        roles.add(Who.ASKER)
    if user.may(Action.SERVICE_DISPATCH, path):
        roles.add(Who.DISPATCHER)
    if order.offers.filter(volunteer__user=user, state=Offer.State.ASKED).exists():
        roles.add(Who.OFFERED)
    if order.runs.filter(volunteer__user=user, ended_at=None).exists():
        roles.add(Who.RUNNER)
    return frozenset(roles)


def steps_for(order: ServiceOrder, user: User) -> list[Transition]:
    """The flow's steps that `user` may take now, in order; nobody judges what they served."""
    steps = steps_open(state=State(order.state), roles=roles_of(order, user))
    if order.points != ServiceOrder.Points.OPEN:
        steps = [one for one in steps if one.step not in (Step.RELEASE, Step.WITHHOLD)]
    return [one for one in steps if one.step not in FOR_OTHERS] if served_by(order, user) else steps


def served_by(order: ServiceOrder, user: User) -> bool:
    """Whether `user`, or somebody of their household, ran the order, now or before. Who they are stands in their posts and with the
    volunteers."""
    return order.runs.filter(kin_of(user)).exists()


def kin_of(user: User) -> Q:
    """The runs of `user` and of their household."""
    own = Resident.objects.filter(Q(posts__user=user) | Q(volunteers__user=user)).order_by().values("household")
    return Q(user=user) | Q(volunteer__user=user) | Q(volunteer__resident__household__in=own)


def check_volunteer(order: ServiceOrder, volunteer: Volunteer, by: User) -> None:
    """A volunteer answers and runs for themselves, the dispatcher for everyone."""
    if volunteer.user_id != by.pk and not by.may(Action.SERVICE_DISPATCH, order.unit.path):
        raise OrderError("只能由本人或派单的人办理。", "scope")


def work_of(order: ServiceOrder) -> Work:
    """Runs and offers of the order, counted now."""
    open_runs = Q(ended_at=None)
    counted = order.runs.aggregate(
        running=Count("pk", open_runs),
        on_way=Count("pk", open_runs & Q(set_out_at__isnull=False)),
        arrived=Count("pk", open_runs & Q(arrived_at__isnull=False)),
        done=Count("pk", Q(outcome=Run.Outcome.DONE)),
    )
    return Work(**counted, offered=order.offers.filter(state=Offer.State.ASKED).count())


def order_move(order: ServiceOrder, now: datetime, *, stopped: State | None = None) -> None:
    """Save the order in the state that follows from its runs and offers; `stopped` where it was cancelled or aborted."""
    before, work = State(order.state), work_of(order)
    after = work.state_of(stopped=stopped)
    order.state = after.value
    if after in RUNNING and order.accepted_at is None:
        order.accepted_at = now
    elif before in RUNNING and after in (State.OFFERED, State.ASKED) and not work.done:
        accept_anew(order, now)
    elif after == State.DONE:
        order.finished_at, order.judge_due_at = now, judge_by(now)
    elif after == stopped:
        order.stopped_at = now
    if not order.is_open:
        offers_close(order, now)
    order_save(order)


def order_save(order: ServiceOrder) -> None:
    """Save an order that has changed, with the time of its next climb."""
    climb_set(order)
    order.save()


def offers_close(order: ServiceOrder, now: datetime) -> int:
    """Take back what nobody has answered; returns how many offers."""
    return order.offers.filter(state=Offer.State.ASKED).update(state=Offer.State.CLOSED, answered_at=now)


def step_write(
    order: ServiceOrder,
    step: Step,
    *,
    by: User | None,
    at: datetime,
    source: str,
    volunteer: Volunteer | None = None,
    happened_at: datetime | None = None,
    note: str = "",
    level: str = "",
) -> ServiceStep:
    """One row of the history, as the order stands after it; `source` is its state before."""
    return ServiceStep.objects.create(
        order=order,
        step=step.value,
        at=at,
        happened_at=happened_at or at,
        by=by,
        volunteer=volunteer,
        source=source,
        target=order.state,
        level=level,
        note=note,
    )


def words_of(text: str, refusal: str, *, most: int = 200) -> str:
    """The words that a step needs, without blanks around them."""
    words = text.strip()
    if not words:
        raise OrderError(refusal, "need", field="reason")
    if len(words) > most:
        raise OrderError(f"不超过 {most} 字。", "need", field="reason")
    return words
