"""Where each village stands in one period, read in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from governance.accounts.models import User
from governance.desk.forms import villages_seen
from governance.disclosure.models import Objection
from governance.periods import Period
from moral_bank.models import Claim, Closing
from villages.models import Unit


@dataclass(frozen=True)
class ClosingRow:
    """One village in one period; `closing` is None where nothing was computed yet."""

    village: Unit
    closing: Closing | None
    reasons: tuple[str, ...]

    @property
    def state(self) -> str:
        return self.closing.state if self.closing else Closing.State.OPEN

    @property
    def state_label(self) -> str:
        return Closing.State(self.state).label


def closing_rows(user: User, period: Period) -> list[ClosingRow]:
    """A row for every closing that `user` sees in `period` and every village standing today without one, by path."""
    closings = (
        Closing.objects.visible_to(user)
        .for_period(period)
        .select_related("village", "notice")
        .annotate(
            unanswered=Count("notice__objections", filter=Q(notice__objections__state=Objection.State.OPEN)),
            upheld=Count("notice__objections", filter=Q(notice__objections__state=Objection.State.UPHELD)),
        )
    )
    by_village = {closing.village_id: closing for closing in closings}
    waiting = _claims_waiting(user, period)
    villages = {village.pk: village for village in villages_seen(user)}
    villages.update({closing.village_id: closing.village for closing in by_village.values()})
    rows = []
    for village in sorted(villages.values(), key=lambda village: village.path):
        closing = by_village.get(village.pk)
        rows.append(ClosingRow(village, closing, _reasons(closing, waiting.get(village.pk, 0))))
    return rows


def _claims_waiting(user: User, period: Period) -> dict[int, int]:
    """Claims of the period that nobody has verified yet, by village."""
    claims = Claim.objects.visible_to(user).filter(
        state=Claim.State.DECLARED, occurred_on__gte=period.start, occurred_on__lt=period.end
    )
    village = "account__household__village"
    return dict(claims.order_by().values_list(village).annotate(times=Count("id")))


def _reasons(closing: Closing | None, waiting: int) -> tuple[str, ...]:
    """What keeps the village from the next step, in words."""
    if closing is not None and closing.state == Closing.State.LOCKED:
        return ()
    reasons = []
    if closing is not None and closing.job == Closing.Job.FAILED:
        reasons.append(f"计算失败：{closing.job_error}")
    elif closing is not None and closing.job_error:
        reasons.append(closing.job_error)
    if closing is not None and closing.notice and closing.state == Closing.State.NOTICED:
        reasons.append(f"公示至 {closing.notice.closes_on:%-m月%-d日}")
        if closing.unanswered:  # type: ignore[attr-defined]
            reasons.append(f"{closing.unanswered} 条异议待答复")  # type: ignore[attr-defined]
        if closing.upheld:  # type: ignore[attr-defined]
            reasons.append("异议成立，请更正后重新计算")
    if waiting:
        reasons.append(f"{waiting} 条申报待核实")
    return tuple(reasons)


@dataclass(frozen=True)
class Jobs:
    """How far the computing of a period has come, in villages."""

    total: int
    queued: int
    failed: int

    @property
    def done(self) -> int:
        return self.total - self.queued - self.failed


def jobs_of(user: User, period: Period) -> Jobs:
    """The jobs of all closings of `period` that `user` sees."""
    figures = (
        Closing.objects.visible_to(user)
        .for_period(period)
        .aggregate(
            total=Count("id"),
            queued=Count("id", filter=Q(job=Closing.Job.QUEUED)),
            failed=Count("id", filter=Q(job=Closing.Job.FAILED)),
        )
    )
    return Jobs(**figures)
