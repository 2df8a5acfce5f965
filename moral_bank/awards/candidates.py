"""最美家庭 proposed from scores: the best households of a half-year's locked months (domain.md §7; mission M25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.db.models import Avg, Count

from governance.accounts.models import User
from governance.periods import Kind, Period
from moral_bank.awards.models import Nomination
from moral_bank.awards.services import AwardError, nomination_add, vetoed_accounts
from moral_bank.closings.ratings import mean_score
from moral_bank.models import Closing, Rating
from villages.models import Household, Unit

SHOWN = 10


@dataclass(frozen=True)
class Candidate:
    """A household with its months' ratings (oldest first), their mean, and its place among the village's candidates."""

    household: Household
    place: int
    mean: Decimal
    ratings: tuple[Rating, ...]


def candidates(village: Unit, half: Period, limit: int = SHOWN) -> list[Candidate]:
    """The village's best households by the mean of the locked months, rated in all of them, without a veto and not yet
    nominated; equal means are ordered by household number. Three reads, whatever the village."""
    locked = Closing.objects.filter(
        kind=Kind.MONTH, state=Closing.State.LOCKED, start__gte=half.start, start__lt=half.end
    )
    months = locked.filter(village=village).count()
    rated = Rating.objects.filter(
        closing__in=locked, account__household__village=village, account__household__ended_on=None
    )
    means = rated.values("account").annotate(mean=Avg("score"), months=Count("id")).filter(months__gte=max(months, 1))
    free = means.exclude(account__in=vetoed_accounts(half)).exclude(
        account__in=Nomination.objects.filter(half=half.start).values("account")
    )
    best = [row["account"] for row in free.order_by("-mean", "account__household__number_key", "account")[:limit]]
    found = rated.filter(account__in=best).select_related("closing", "account__household__unit", "account__household__village")
    ratings = sorted(found.order_by("account", "closing__start"), key=lambda rating: best.index(rating.account_id))
    return [
        _candidate(place, tuple(same))
        for place, (_, same) in enumerate(groupby(ratings, key=lambda rating: rating.account_id), start=1)
    ]


def nomination_propose(*, household: Household, half: Period, by: User, at: datetime | None = None) -> Nomination:
    """Nominate one of the village's best by a tap; the figures are the story."""
    found = [one for one in candidates(household.village, half) if one.household.pk == household.pk]
    if not found:
        raise AwardError(f"{household.head_name}户不在{half.label}按积分可以提名的户里。", "blocked")
    months = "、".join(f"{rating.closing.start.month}月 {rating.score:.0f} 分" for rating in found[0].ratings)
    return nomination_add(
        household=household,
        half=half,
        source=Nomination.Source.SCORE,
        nominator=by.name or by.username,
        story=f"{half.label}月评平均 {found[0].mean} 分（{months}）",
        by=by,
        at=at,
    )


def _candidate(place: int, ratings: tuple[Rating, ...]) -> Candidate:
    return Candidate(ratings[0].account.household, place, mean_score([row.score for row in ratings]), ratings)
