"""Where each village stands in one period, read in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.models import Objection
from governance.periods import Kind, Period
from moral_bank.claims.posting import cover_blockers
from moral_bank.closings.checks import shown_blockers
from moral_bank.models import Claim, Closing, Rating
from villages.filters import villages_seen
from villages.models import Unit

PERIODS_SHOWN = 36
WAITING = (Claim.State.DECLARED, Claim.State.VERIFIED)


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


def villages_in(user: User, period: Period) -> QuerySet[Unit]:
    """The villages of the closings that `user` sees in `period`, and those standing today."""
    closings = Closing.objects.visible_to(user).for_period(period).order_by()
    standing = villages_seen(user).order_by()
    return Unit.objects.filter(Q(pk__in=closings.values("village")) | Q(pk__in=standing.values("pk")))


def closing_rows(user: User, villages: Iterable[Unit], period: Period) -> list[ClosingRow]:
    """Where each of `villages` stands in `period`, with its closing if `user` sees one."""
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
    covers = cover_blockers([closing for closing in closings if closing.state == Closing.State.NOTICED])
    rows, now = [], timezone.now()
    for village in villages:
        closing = by_village.get(village.pk)
        cover = covers.get(closing.pk) if closing else None
        rows.append(ClosingRow(village, closing, _reasons(closing, waiting.get(village.pk, {}), cover, now)))
    return rows


def periods_rated(user: User) -> list[Period]:
    """The periods of which `user` sees ratings, latest first, a quarter before its months."""
    if user.may(Action.CLOSING_VIEW):
        closings = Closing.objects.visible_to(user).exclude(state=Closing.State.OPEN)
        rated = set(closings.order_by().values_list("kind", "start").distinct())
    else:
        ratings = Rating.objects.visible_to(user)
        rated = set(ratings.order_by().values_list("closing__kind", "closing__start").distinct())
    periods = [Period(Kind(kind), start) for kind, start in rated]
    return sorted(periods, key=lambda period: (period.end, period.start), reverse=True)[:PERIODS_SHOWN]


def _claims_waiting(user: User, period: Period) -> dict[int, dict[str, int]]:
    """Claims of the period that nobody has verified, and that no panel has judged yet: village → state → how many."""
    claims = Claim.objects.visible_to(user).filter(
        state__in=WAITING, occurred_on__gte=period.start, occurred_on__lt=period.end
    )
    counted = claims.order_by().values_list("account__household__village", "state").annotate(times=Count("id"))
    found: dict[int, dict[str, int]] = {}
    for village, state, times in counted:
        found.setdefault(village, {})[state] = times
    return found


def _reasons(closing: Closing | None, waiting: Mapping[str, int], cover: str | None, now: datetime) -> tuple[str, ...]:
    """What keeps the village from the next step, in words."""
    if closing is not None and closing.state == Closing.State.LOCKED:
        return ()
    reasons = []
    if closing is not None and closing.job == Closing.Job.FAILED:
        reasons.append(f"计算失败：{closing.job_error}")
    elif closing is not None and closing.job_error:
        reasons.append(closing.job_error)
    if closing is not None and closing.state == Closing.State.NOTICED:
        unanswered, upheld = closing.unanswered, closing.upheld  # type: ignore[attr-defined]
        reasons += shown_blockers(closing, now, unanswered=unanswered, upheld=upheld, cover=cover)
    reasons += [f"{waiting[state]} 条申报{state.label}" for state in WAITING if waiting.get(state)]
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
