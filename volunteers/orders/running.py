"""跑单: first contact, on the way, arrived, finished; sent to others, not turned up, aborted on danger. Hours are what was served, never
what a clock counted."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from governance.accounts.models import User
from governance.periods import today
from volunteers.orders.asking import order_stop
from volunteers.orders.errors import OrderError
from volunteers.orders.models import Hours, Run, ServiceOrder
from volunteers.orders.notices import dispatchers_of, tell, tell_done, tell_volunteers
from volunteers.orders.order_flow import State, Step
from volunteers.orders.points import points_recount
from volunteers.orders.steps import check_volunteer, order_move, order_save, order_take, step_write, words_of
from volunteers.people.models import Volunteer

MOST_MINUTES, MOST_OF_DAY, MOST_TIMES = 1440, 720, 3
TAKEN = {Run.Outcome.REDISPATCHED: "这一单已改派", Run.Outcome.NO_SHOW: "这一单记为未到"}


def order_contact(*, order: ServiceOrder, happened_at: datetime, by: User, note: str = "", at: datetime | None = None) -> ServiceOrder:
    """首次联系 with the time at which it was, which may be typed later: that is a late entry, not late help."""
    now = at or timezone.now()
    with transaction.atomic():
        row = order_take(order, Step.CONTACT, by)
        if row.contacted_at is not None:
            raise OrderError("首次联系已经记下，不能重复登记。", "state")
        happened_at = _time(row.asked_at, happened_at, now)
        row.contacted_at, row.contact_logged_at = happened_at, now
        order_save(row)
        step_write(row, Step.CONTACT, by=by, at=now, happened_at=happened_at, source=row.state, note=note.strip())
    return row


def run_set_out(*, run: Run, by: User, at: datetime | None = None) -> Run:
    now = at or timezone.now()
    with transaction.atomic():
        order, row = _take(run, Step.SET_OUT, by)
        if row.set_out_at is not None or row.arrived_at is not None:
            raise OrderError("已经出发或到达，不用重复登记。", "state")
        source, row.set_out_at = order.state, now
        row.save(update_fields=["set_out_at"])
        order_move(order, now)
        step_write(order, Step.SET_OUT, by=by, at=now, source=source, volunteer=row.volunteer)
    return row


def run_arrive(*, run: Run, happened_at: datetime, by: User, at: datetime | None = None) -> Run:
    """Arrived, with the time at which it was, which may be before somebody wrote down that the order was accepted."""
    now = at or timezone.now()
    with transaction.atomic():
        order, row = _take(run, Step.ARRIVE, by)
        if row.arrived_at is not None:
            raise OrderError("已经到达，不用重复登记。", "state")
        happened_at = _time(order.asked_at, happened_at, now)
        source, row.arrived_at = order.state, happened_at
        row.save(update_fields=["arrived_at"])
        order.arrived_at = min(order.arrived_at or happened_at, happened_at)
        order_move(order, now)
        step_write(order, Step.ARRIVE, by=by, at=now, happened_at=happened_at, source=source, volunteer=row.volunteer)
    return row


def run_finish(
    *, run: Run, by: User, minutes: int | None = None, reason: str = "", served_on: date | None = None, at: datetime | None = None
) -> Run:
    """Finished, with hours of one's own: the project's, or others with a reason, on `served_on` where it is written down later. After the
    last one it is to be judged, once nobody is asked any more."""
    now = at or timezone.now()
    with transaction.atomic():
        order, row = _take(run, Step.FINISH, by)
        served, source = _minutes(order, minutes, reason), order.state
        day = _day(order, served_on or today(row.arrived_at or row.set_out_at or now), now)
        _check_day(row.volunteer, day, served)
        _end(row, Run.Outcome.DONE, "", now)
        _hours_add(order, row, served, day, reason.strip() if served != order.project.minutes else "", by, now)
        order_move(order, now)
        step_write(order, Step.FINISH, by=by, at=now, source=source, volunteer=row.volunteer, note=f"{served} 分钟")
        if order.state == State.DONE:
            tell_done(order, now)
    return row


def run_redispatch(*, run: Run, reason: str, by: User, at: datetime | None = None) -> Run:
    """改派: the order is no longer this volunteer's; the village sends it to somebody else, or they cannot go."""
    return _take_away(run, Step.REDISPATCH, Run.Outcome.REDISPATCHED, reason, by, at)


def run_no_show(*, run: Run, reason: str, by: User, at: datetime | None = None) -> Run:
    """Did not turn up."""
    return _take_away(run, Step.NO_SHOW, Run.Outcome.NO_SHOW, reason, by, at)


def order_abort(*, order: ServiceOrder, reason: str, by: User, at: datetime | None = None) -> ServiceOrder:
    """因危险中止: what volunteers never do, or what has become dangerous; whoever is there may say so."""
    now = at or timezone.now()
    with transaction.atomic():
        row = order_take(order, Step.ABORT, by)
        return order_stop(row, Step.ABORT, Run.Outcome.ABORTED, State.ABORTED, words_of(reason, "中止须写明原因。"), by, now)


def hours_correct(*, hours: Hours, minutes: int, reason: str, by: User, at: datetime | None = None) -> Hours:
    """Other hours for a finished run: the opposite of the old row and a new one. Points change only where the deed counts by quantity and
    the panel has not judged."""
    now, reason = at or timezone.now(), words_of(reason, "更正时长须写明原因。", most=100)
    if hours.order is None or hours.reverses_id is not None:
        raise OrderError("只能更正订单的服务时长。", "minutes")
    with transaction.atomic():
        order = order_take(hours.order, Step.CORRECT, by)
        if Hours.objects.filter(reverses=hours).exists():
            raise OrderError("这条时长已经更正过，请更正新的一条。", "minutes")
        if not 1 <= minutes <= MOST_MINUTES or minutes == hours.minutes:
            raise OrderError(f"时长须在 1 到 {MOST_MINUTES} 分钟之间，并与原来的不同。", "minutes", field="minutes")
        _check_day(hours.volunteer, hours.served_on, minutes - hours.minutes)
        same = {"volunteer": hours.volunteer, "village": hours.village, "order": order, "served_on": hours.served_on, "text": hours.text}
        Hours.objects.create(**same, minutes=-hours.minutes, reason=reason, reverses=hours, by=by, at=now)
        new = Hours.objects.create(**same, minutes=minutes, reason=reason, by=by, at=now)
        points_recount(order, new, by, now)
        note = f"{hours.minutes} → {minutes} 分钟：{reason}"
        step_write(order, Step.CORRECT, by=by, at=now, source=order.state, volunteer=hours.volunteer, note=note)
    return new


def _take(run: Run, step: Step, by: User) -> tuple[ServiceOrder, Run]:
    """The run with its order under its lock, if it is open and `by` may act on it."""
    order = order_take(run.order, step, by)
    row = order.runs.select_related("volunteer__user").get(pk=run.pk)
    if row.ended_at is not None:
        raise OrderError(f"{row.volunteer.name}的这一单已{row.get_outcome_display()}。", "state")
    check_volunteer(order, row.volunteer, by)
    return order, row


def _take_away(run: Run, step: Step, outcome: Run.Outcome, reason: str, by: User, at: datetime | None) -> Run:
    now, reason = at or timezone.now(), words_of(reason, f"{outcome.label}须写明原因。")
    with transaction.atomic():
        order, row = _take(run, step, by)
        source = order.state
        _end(row, outcome, reason, now)
        order_move(order, now)
        step_write(order, step, by=by, at=now, source=source, volunteer=row.volunteer, note=reason)
        if row.volunteer.user_id == by.pk:
            tell(order, dispatchers_of(order.village, now), "志愿者去不了，请另派", now, key=f"{step}:{row.pk}")
        else:
            tell_volunteers(order, [row.volunteer], f"{TAKEN[outcome]}，不用您去了", now, key=f"{step}:{row.pk}")
    return row


def _end(run: Run, outcome: Run.Outcome, reason: str, now: datetime) -> None:
    run.ended_at, run.outcome, run.reason = now, outcome, reason
    run.save(update_fields=["ended_at", "outcome", "reason"])


def _time(asked: datetime, happened_at: datetime, now: datetime) -> datetime:
    """When it was; forms know minutes only, so the minute of asking itself is not before it."""
    if happened_at > now:
        raise OrderError("时间不能晚于现在。", "date", field="happened_at")
    if happened_at < asked.replace(second=0, microsecond=0):
        raise OrderError("时间不能早于点单时间。", "date", field="happened_at")
    return max(happened_at, asked)


def _day(order: ServiceOrder, day: date, now: datetime) -> date:
    if not today(order.asked_at) <= day <= today(now):
        raise OrderError("服务日期不能早于点单那天，也不能晚于今天。", "date", field="served_on")
    return day


def _check_day(volunteer: Volunteer, day: date, more: int) -> None:
    """Nobody serves longer than `MOST_OF_DAY` on one day, all orders and ledgers together."""
    same = Q(volunteer=volunteer)
    if volunteer.resident_id is not None:
        same |= Q(volunteer__resident=volunteer.resident_id)
    elif volunteer.id_hash:
        same |= Q(volunteer__id_hash=volunteer.id_hash)
    before = Hours.objects.filter(same, served_on=day).aggregate(total=Sum("minutes"))["total"] or 0
    if more > 0 and before + more > MOST_OF_DAY:
        raise OrderError(f"{volunteer.name}这一天合计超过 {MOST_OF_DAY // 60} 小时，请村里核对。", "minutes", field="minutes")


def _minutes(order: ServiceOrder, minutes: int | None, reason: str) -> int:
    served = order.project.minutes if minutes is None else minutes
    if not 1 <= served <= MOST_MINUTES:
        raise OrderError(f"时长须在 1 到 {MOST_MINUTES} 分钟之间。", "minutes", field="minutes")
    most = MOST_TIMES * order.project.minutes
    if served > most:
        raise OrderError(f"超过这项服务时长的 {MOST_TIMES} 倍（{most} 分钟），请村里分开登记。", "minutes", field="minutes")
    if served != order.project.minutes and not reason.strip():
        raise OrderError(f"这项服务计 {order.project.minutes} 分钟，改成别的须写明原因。", "minutes", field="reason")
    if len(reason.strip()) > 100:
        raise OrderError("原因不超过 100 字。", "minutes", field="reason")
    return served


def _hours_add(order: ServiceOrder, run: Run, minutes: int, day: date, reason: str, by: User, now: datetime) -> None:
    Hours.objects.create(
        volunteer=run.volunteer,
        village_id=run.volunteer.village_id,
        order=order,
        served_on=day,
        minutes=minutes,
        text=order.project.name,
        reason=reason,
        by=by,
        at=now,
    )
