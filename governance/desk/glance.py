"""What is due for one person, and the township at a glance: plain figures for the first page, in a fixed number of reads."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Avg, Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.desk.todo import due_kinds
from governance.disclosure.models import Notice
from governance.frame.due import DueKind, late_counts
from governance.periods import Kind, Period, today
from moral_bank.models import Claim, Closing, Rating
from villages.filters import villages_seen
from villages.households.counting import homes_by_village
from villages.models import Household, Unit
from villages.posts.services import vacancies
from villages.roster.models import RosterImport
from villages.units.lineage import villages_before

SHOWN = 5
RETURNED_DAYS = 30
STARS = (5, 4, 3, 2, 0)


@dataclass(frozen=True)
class Mine:
    """What became of the claims that I declared; `returned` holds the first few."""

    declared_count: int
    returned: list[Claim]


def claims_of(user: User) -> Mine:
    declared = Claim.objects.visible_to(user).filter(declared_by=user)
    since = timezone.now() - timedelta(days=RETURNED_DAYS)
    returned = declared.filter(state=Claim.State.REJECTED, decided_at__gte=since)
    return Mine(
        declared_count=declared.filter(state=Claim.State.DECLARED).count(),
        returned=list(returned.select_related("deed", "account__household", "decided_by").order_by("-decided_at")[:SHOWN]),
    )


@dataclass(frozen=True)
class PeriodState:
    """How many villages of one unfinished period stand where."""

    period: Period
    states: dict[str, int]
    failed: int


@dataclass(frozen=True)
class Office:
    """What is due for the township's staff."""

    closings: list[PeriodState]
    imports: int
    vacancies: int
    failed: int


def office_of(user: User) -> Office:
    closings = _unfinished(user)
    return Office(
        closings=closings,
        imports=RosterImport.objects.visible_to(user).filter(state=RosterImport.State.PREVIEWED).count(),
        vacancies=len(vacancies(user)),
        failed=sum(state.failed for state in closings),
    )


def _unfinished(user: User) -> list[PeriodState]:
    """Last month and every other period with a closing not yet locked, latest first."""
    month = Period.of(Kind.MONTH, today()).previous()
    states: dict[Period, dict[str, int]] = defaultdict(dict)
    failed: dict[Period, int] = defaultdict(int)
    counted = (
        Closing.objects.visible_to(user)
        .order_by()
        .values_list("kind", "start", "state")
        .annotate(villages=Count("id"), failed=Count("id", filter=Q(job=Closing.Job.FAILED)))
        .filter(~Q(state=Closing.State.LOCKED) | Q(kind=month.kind, start=month.start))
    )
    for kind, start, state, villages, failures in counted:
        period = Period(Kind(kind), start)
        states[period][Closing.State(state).label] = villages
        failed[period] += failures
    if month not in states:
        states[month] = {Closing.State.OPEN.label: villages_seen(user).count()}
    periods = sorted(states, key=lambda period: (period.end, period.start), reverse=True)
    return [PeriodState(period, states[period], failed[period]) for period in periods]


def notices_running(user: User) -> QuerySet[Notice]:
    """Notices in their window that `user` sees, ending first."""
    return Notice.objects.visible_to(user).public(today()).order_by("closes_on", "id")


class LateCount(NamedTuple):
    """How much of a kind is overdue, and the page of as many rows."""

    words: str
    link: str


@dataclass
class VillageGlance:
    """One village in figures: `stars` counts households by stars (5, 4, 3, 2, 0), `late` says what is overdue."""

    village: Unit
    households: int = 0
    score: Decimal | None = None
    stars: list[int] = field(default_factory=list)
    late: list[LateCount] = field(default_factory=list)


def glance_of(user: User) -> tuple[Period | None, list[VillageGlance]]:
    """The latest rated quarter and every village in the order of the tree."""
    glances = {village.pk: VillageGlance(village) for village in villages_seen(user)}
    homes = Household.objects.filter(ended_on=None)
    for village, count in homes_by_village(user, homes, Action.HOUSEHOLD_VIEW).items():
        if village in glances:
            glances[village].households = count
    quarter = _latest_quarter(user)
    if quarter:
        _add_ratings(user, quarter, glances)
    _add_late(user, glances)
    return quarter, list(glances.values())


def _latest_quarter(user: User) -> Period | None:
    rated = Closing.objects.visible_to(user).filter(kind=Kind.QUARTER).exclude(state=Closing.State.OPEN)
    start = rated.order_by("-start").values_list("start", flat=True).first()
    return Period(Kind.QUARTER, start) if start else None


def _add_ratings(user: User, quarter: Period, glances: dict[int, VillageGlance]) -> None:
    ratings = Rating.objects.visible_to(user).in_period(quarter).order_by().values_list("closing__village")
    counts = {f"stars_{stars}": Count("id", filter=Q(stars=stars)) for stars in STARS}
    for village, score, *stars in ratings.annotate(mean=Avg("score"), **counts):
        if village in glances:
            glances[village].score, glances[village].stars = score, stars


def _add_late(user: User, glances: dict[int, VillageGlance]) -> None:
    """What the registry of due things calls late, that of villages merged into one among its own."""
    now_in = {former: village for village, formers in villages_before(today()).items() for former in formers}
    late: dict[int, dict[DueKind, int]] = defaultdict(lambda: defaultdict(int))
    for kind, village, number in late_counts(due_kinds(), user, timezone.now()):
        late[now_in.get(village, village)][kind] += number
    for village, glance in glances.items():
        glance.late = [LateCount(kind.words.format(number), _late_link(kind, village)) for kind, number in late[village].items()]


def _late_link(kind: DueKind, village: int) -> str:
    return reverse("desk:due-late", args=[kind.key], query={"village": village})
