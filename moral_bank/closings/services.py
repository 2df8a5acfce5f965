"""A village's month, quarter and year: open → computed → noticed → locked (plan §三.4 月评分、季评星、年评优; design §5).

The closing row is the task: it is written before the message is sent, and whatever gets lost is sent again. A locked
closing never changes; until then a late entry, a corrected rule or an upheld objection leads back to computing, and a
corrected list is shown for a full window anew.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.db.models import Min
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.celery import nudge, reason_of
from governance.disclosure.models import Notice, Objection
from governance.disclosure.notices import notice_publish, notice_withdraw
from governance.errors import DomainError
from governance.frame.sweeping import job_taken, jobs_resend
from governance.periods import Kind, Period, today
from moral_bank.awards.honours import honours_from_year
from moral_bank.claims.posting import claims_post
from moral_bank.claims.services import accounts_open
from moral_bank.closings import notice as closing_notice
from moral_bank.closings import sql as closing_sql
from moral_bank.closings.checks import (
    PART_KINDS,
    STALE,
    closing_blockers,
    compute_blockers,
    differing,
    differs,
    hangs,
    is_stale,
    lock_blockers,
    locked_parts,
    objections,
    publish_blockers,
    rule_sets_of,
    unchanged,
)
from moral_bank.ledger.month_locks import month_seize
from moral_bank.models import Closing
from moral_bank.proof.chain import seal_text
from moral_bank.rules.models import RuleSet
from villages.models import Unit

__all__ = [
    "ClosingError",
    "closing_blockers",
    "closing_compute",
    "closing_lock",
    "closing_publish",
    "closing_request",
    "closing_work",
    "closings_compute",
    "closings_advance",
    "closings_lock",
    "closings_publish",
    "closings_request_due",
    "closings_resend",
    "closings_take_down",
    "is_stale",
]

COMPUTE_TASK = "moral_bank.closing_compute"

_logger = logging.getLogger(__name__)


class ClosingError(DomainError):
    """A step that a closing refuses: `scope`, `kind`, `locked`, `state`, `blocked`, `stale`, `same`, `hangs`."""


def closing_request(*, village: Unit, period: Period, by: User | None = None, at: datetime | None = None) -> Closing:
    """Ask for a (re)computation in the background, where it would change anything; a running notice is taken down by
    `closings_take_down` alone."""
    if period.kind not in (Kind.MONTH, *PART_KINDS):
        raise ClosingError("只按月、季度和年结算。", "kind")
    if by is not None and not by.may(Action.CLOSING_RUN, village.path):
        raise ClosingError("这个村（社区）的结算不归您办理。", "scope")
    with transaction.atomic():
        row, _ = Closing.objects.get_or_create(village=village, kind=period.kind, start=period.start)
        closing = _take(row.pk)
        if closing.state == Closing.State.LOCKED:
            raise ClosingError(f"{closing}已锁定，不能重新计算。", "locked")
        if closing.job != Closing.Job.FAILED and unchanged([closing]):
            raise ClosingError(f"{closing}没有变动，不用重新计算。", "same")
        _refuse_hanging(closing, at)
        closing.job, closing.job_at, closing.job_error = Closing.Job.QUEUED, at or timezone.now(), ""
        closing.job_tries = 0
        closing.save(update_fields=["job", "job_at", "job_error", "job_tries"])
        nudge(COMPUTE_TASK, closing.pk)
    return closing


def closings_take_down(
    *, closings: Sequence[Closing], reason: str, by: User, at: datetime | None = None
) -> list[Closing]:
    """Withdraw the running notices of lists of one period that are no longer right, in `by`'s name and for `reason`, and ask
    for their computation: all or none."""
    now = at or timezone.now()
    with transaction.atomic():
        rows = _taken(closings)
        same, rule_sets = unchanged(rows), rule_sets_of(rows)
        for row in rows:
            if row.pk in same:
                raise ClosingError(f"{row}没有变动，公示不用撤回。", "same")
            if row.notice is None or not hangs(row, now):
                raise ClosingError(f"{row}没有正在进行的公示。", "state")
            _refuse(compute_blockers(row, now, rule_sets[row.pk]))
            notice_withdraw(notice=row.notice, reason=reason, by=by, at=now)
        return [closing_request(village=row.village, period=row.period, by=by, at=now) for row in rows]


def closings_request_due(*, kind: Kind, at: datetime | None = None) -> int:
    """Ask for every ended period of `kind` that a standing village has not computed, back to its township's first rules.

    Longer periods are asked for once their parts are locked. Returns how many were asked for.
    """
    requested = 0
    firsts = RuleSet.objects.filter(state=RuleSet.State.ADOPTED).values_list("township").annotate(Min("valid_from"))
    for township, first in firsts.order_by("township"):
        period = Period.of(kind, first)
        while period.end <= today(at):
            requested += sum(_request_if_due(village, period, at) for village in _undone(township, period))
            period = period.next()
    return requested


def closings_resend(at: datetime | None = None) -> int:
    """Send again what was lost; returns how many."""
    return jobs_resend(Closing, COMPUTE_TASK, at)


def closing_work(closing_id: int, at: datetime | None = None) -> None:
    """The background task: compute if still asked for, so that a message that comes twice does nothing.

    A refusal is kept as the row's reason; where the database itself fails the row stays queued and is sent again.
    """
    if not job_taken(Closing, closing_id):
        return
    try:
        with transaction.atomic():
            if _take(closing_id).job == Closing.Job.QUEUED:
                closing_compute(closing_id, at)
    except OperationalError:
        raise
    except Exception as error:
        _keep_reason(closing_id, error)


def closing_compute(closing_id: int, at: datetime | None = None) -> Closing:
    """Rate all households of the closing, or correct what is no longer right; a closing that is locked or unchanged is
    returned as it is, and one whose notice is running is refused."""
    return closings_compute([closing_id], at)[0]


def closings_compute(closing_ids: Sequence[int], at: datetime | None = None) -> list[Closing]:
    """`closing_compute` for many villages' closings of one period at once, in order of id: all or none, and one
    statement writes all ratings (planning it for each village costs as much again)."""
    now = at or timezone.now()
    with transaction.atomic():
        closings = _take_all(closing_ids)
        same = unchanged(closings)
        for closing in closings:
            if closing.pk in same:
                closing.job, closing.job_error = Closing.Job.IDLE, ""
        Closing.objects.filter(pk__in=same).update(job=Closing.Job.IDLE, job_error="")
        changed = [row for row in closings if row.state != Closing.State.LOCKED and row.pk not in same]
        if changed:
            _compute(changed, now)
    return closings


def _compute(closings: list[Closing], now: datetime) -> None:
    rule_sets = rule_sets_of(closings)
    for closing in closings:
        _refuse(compute_blockers(closing, now, rule_sets[closing.pk]))
        _refuse_hanging(closing, now)
        if closing.notice is not None:
            _withdraw(closing.notice, now)
        closing.notice, closing.rule_set = None, rule_sets[closing.pk]
        closing.state = Closing.State.COMPUTED if closing.computed_at else Closing.State.OPEN
    for rule_set in set(rule_sets.values()):
        for state in (Closing.State.OPEN, Closing.State.COMPUTED):
            alike = [closing.pk for closing in closings if (closing.rule_set, closing.state) == (rule_set, state)]
            Closing.objects.filter(pk__in=alike).update(notice=None, rule_set=rule_set, state=state)
    parts = [part for closing in closings for part in locked_parts(closing) or ()]
    accounts_open(closing_sql.homes_without_account(closings), closings[0].period.end - timedelta(days=1))
    if closings[0].kind == Kind.MONTH:
        closing_sql.claims_mark(closings)
    closing_sql.ratings_write(closings, None if closings[0].kind == Kind.MONTH else parts)
    counted = Closing.objects.in_bulk([closing.pk for closing in closings])
    for closing in closings:
        closing.household_count = counted[closing.pk].household_count
        closing.entry_count = counted[closing.pk].entry_count
        closing.state, closing.computed_at = Closing.State.COMPUTED, now
        closing.job, closing.job_error = Closing.Job.IDLE, ""
    Closing.objects.filter(pk__in=counted).update(
        state=Closing.State.COMPUTED, computed_at=now, job=Closing.Job.IDLE, job_error=""
    )


def closing_publish(*, closing: Closing, by: User | None = None, at: datetime | None = None) -> Notice:
    """Show the masked list to the village for the rule set's `notice_days`, beginning today."""
    return closings_publish(closings=[closing], by=by, at=at)[0]


def closings_publish(
    *, closings: Sequence[Closing], by: User | None = None, at: datetime | None = None
) -> list[Notice]:
    """`closing_publish` for many villages' closings of one period at once, in order of id: all or none."""
    now = at or timezone.now()
    with transaction.atomic():
        rows = _taken(closings)
        for row in rows:
            if row.state != Closing.State.COMPUTED or row.rule_set is None:
                raise ClosingError(f"{row}{row.get_state_display()}，不能公示。", "state")
        stale = differing(rows)
        for row in rows:
            _refuse(publish_blockers(row, now, stale=row.pk in stale))
        townships = {row.village.parent_id: row.village.parent for row in rows}
        seals = {pk: seal_text(township, now) if township else "" for pk, township in townships.items()}
        return [_show(row, by, now, seals[row.village.parent_id]) for row in rows]


def _show(closing: Closing, by: User | None, now: datetime, seal: str) -> Notice:
    assert closing.rule_set is not None
    closing.notice = notice = notice_publish(
        unit=closing.village,
        kind=closing_notice.KINDS[Kind(closing.kind)][0],
        title=closing_notice.title_of(closing),
        reason=closing_notice.reason_of(closing),
        columns=closing_notice.columns_of(closing.kind),
        rows=closing_notice.rows_of(closing),
        opens_on=today(now),
        closes_on=today(now) + timedelta(days=closing.rule_set.notice_days - 1),
        channel=closing_notice.channel_of(closing),
        by=by,
        seal=seal,
    )
    closing.state, closing.job, closing.job_error = Closing.State.NOTICED, Closing.Job.IDLE, ""
    closing.save(update_fields=["notice", "state", "job", "job_error"])
    return notice


def closing_lock(*, closing: Closing, by: User | None = None, at: datetime | None = None) -> Closing:
    """Settle the period for good: a month posts the approved claims that it showed, a year makes its honours. The month is
    held alone from before that on, so that what is checked afterwards is final."""
    return closings_lock(closings=[closing], by=by, at=at)[0]


def closings_lock(
    *, closings: Sequence[Closing], by: User | None = None, at: datetime | None = None
) -> list[Closing]:
    """`closing_lock` for many villages' closings of one period at once, in order of id: all or none."""
    now = at or timezone.now()
    with transaction.atomic():
        rows = _taken(closings)
        for row in rows:
            if by is not None and not by.may(Action.CLOSING_RUN, row.village.path):
                raise ClosingError("这个村（社区）的结算不归您办理。", "scope")
            if row.state != Closing.State.NOTICED:
                raise ClosingError(f"{row}{row.get_state_display()}，不能锁定。", "state")
            _refuse(lock_blockers(row, now))
        for row in rows:
            _settle(row, now)
        if differing(rows):
            raise ClosingError(STALE, "stale")
        for row in rows:
            honours_from_year(row, now)
    return rows


def _settle(closing: Closing, now: datetime) -> None:
    if closing.kind == Kind.MONTH:
        month_seize(closing.start)
        claims_post(closing, now)
    closing.state, closing.locked_at = Closing.State.LOCKED, now
    closing.job, closing.job_error = Closing.Job.IDLE, ""
    closing.save(update_fields=["state", "locked_at", "job", "job_error"])


def closings_advance(at: datetime | None = None) -> int:
    """The night's round: take every closing one step on where nothing blocks it, and ask for the longer periods that
    became possible. Returns the number of steps; what a closing refuses is kept as its reason."""
    now = at or timezone.now()
    moving = Closing.objects.filter(state__in=[Closing.State.COMPUTED, Closing.State.NOTICED])
    steps = 0
    for pk in moving.exclude(job=Closing.Job.QUEUED).order_by("start", "pk").values_list("pk", flat=True):
        try:
            with transaction.atomic():
                steps += _advance(_take(pk), now)
        except OperationalError:
            raise
        except Exception as error:
            _keep_reason(pk, error)
    return steps + sum(closings_request_due(kind=kind, at=now) for kind in PART_KINDS)


def _advance(closing: Closing, now: datetime) -> bool:
    """One step, if it is the time for one."""
    if closing.notice is None:
        if publish_blockers(closing, now, stale=False):
            return False
        if differs(closing):
            closing_compute(closing.pk, now)
        closing_publish(closing=closing, at=now)
        return True
    if closing.notice.withdrawn_at is not None or hangs(closing, now) or objections(closing, Objection.State.OPEN):
        return False
    if differs(closing):
        closing_compute(closing.pk, now)
        closing_publish(closing=closing, at=now)
        return True
    if lock_blockers(closing, now):  # an upheld objection people correct, or find nothing and compute it again by hand
        return False
    closing_lock(closing=closing, at=now)
    return True


def _undone(township: int, period: Period) -> list[Unit]:
    """Villages standing at the end of the period that have neither computed it nor are about to."""
    done = Closing.objects.for_period(period).exclude(
        state=Closing.State.OPEN, job__in=[Closing.Job.IDLE, Closing.Job.FAILED]
    )
    villages = Unit.objects.villages().filter(parent=township).on(period.end - timedelta(days=1))
    return list(villages.exclude(pk__in=done.values("village")))


def _request_if_due(village: Unit, period: Period, at: datetime | None) -> bool:
    if period.kind != Kind.MONTH:
        closing, _ = Closing.objects.get_or_create(village=village, kind=period.kind, start=period.start)
        if closing_blockers(closing, at):
            return False
    closing_request(village=village, period=period, at=at)
    return True


def _take(closing_id: int) -> Closing:
    """The closing under its lock; raises Closing.DoesNotExist."""
    found = _take_all([closing_id])
    if not found:
        raise Closing.DoesNotExist
    return found[0]


def _take_all(closing_ids: Sequence[int]) -> list[Closing]:
    """The closings under their locks, taken in order of id."""
    closings = Closing.objects.select_for_update(of=("self",)).filter(pk__in=closing_ids)
    return list(closings.select_related("village__parent", "notice", "rule_set").order_by("pk"))


def _taken(closings: Sequence[Closing]) -> list[Closing]:
    """`_take_all` of closings that must all still be there."""
    rows = _take_all([closing.pk for closing in closings])
    if len(rows) < len({closing.pk for closing in closings}):
        raise Closing.DoesNotExist
    return rows


def _withdraw(notice: Notice, now: datetime) -> None:
    if notice.withdrawn_at is None:
        notice_withdraw(notice=notice, reason="重新计算，更正后另行公示", by=None, at=now)


def _refuse_hanging(closing: Closing, at: datetime | None) -> None:
    if hangs(closing, at):
        raise ClosingError(f"{closing}正在公示，重新计算会撤回公示，请先确认撤回并写明原因（结算里的“全镇计算”）。", "hangs")


def _refuse(blockers: list[str]) -> None:
    if blockers:
        raise ClosingError("；".join(blockers), "blocked")


def _keep_reason(closing_id: int, error: Exception) -> None:
    if not isinstance(error, DomainError):
        _logger.error("closing %s", closing_id, exc_info=error)
    Closing.objects.filter(pk=closing_id).update(job=Closing.Job.FAILED, job_error=reason_of(error)[:200])
