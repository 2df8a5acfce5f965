"""月评分、季评星、年评优 as arithmetic: figures in, figures out (plan §三.1, §三.4; design §5; mission M24).

`closing_sql` does the same in sets; the tests hold one against the other. A veto counts while it is not reversed when
the period is computed; the reversal of an entry carries the opposite score in its own, open, month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

HEADS = ("law", "service", "sanitation", "participation", "civility")


@dataclass(frozen=True)
class HeadRule:
    """What a head starts a month with and what it can reach."""

    base: int
    maximum: int


@dataclass(frozen=True)
class StarRule:
    """Lowest scores of five to two stars, the share (%) of a village's households that a year honours, and the lowest
    score that it honours."""

    five: int = 90
    four: int = 80
    three: int = 70
    two: int = 60
    top_percent: int = 10
    floor: int = 0

    def lines(self) -> tuple[tuple[int, int], ...]:
        """(stars, lowest score), best first."""
        return ((5, self.five), (4, self.four), (3, self.three), (2, self.two))


@dataclass(frozen=True)
class Line:
    """One entry as far as ratings know it; `veto` is false for a veto that was reversed."""

    head: str
    score: int
    veto: bool = False


@dataclass(frozen=True)
class Standing:
    """What a period adds up to for a household before it is compared with its village."""

    score: Decimal
    vetoed: bool
    heads: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """A household's rating: `stars` is None for months, `heads` is empty for longer periods."""

    score: Decimal
    rank: int
    stars: int | None
    vetoed: bool
    honoured: bool
    heads: Mapping[str, int] = field(default_factory=dict)


def head_score(rule: HeadRule, total: int) -> int:
    """clamp(base + total, 0, maximum)."""
    return min(max(rule.base + total, 0), rule.maximum)


def mean_score(scores: Sequence[Decimal]) -> Decimal:
    """Mean of at least one score, two decimals, half up."""
    hundredths = sum(int(score * 100) for score in scores)
    return Decimal((2 * hundredths + len(scores)) // (2 * len(scores))) / 100


def stars_of(score: Decimal, rule: StarRule, *, vetoed: bool) -> int:
    """5, 4, 3, 2 or 0 stars; a veto takes them all."""
    if vetoed:
        return 0
    return next((stars for stars, lowest in rule.lines() if score >= lowest), 0)


def ranks_of(scores: Sequence[Decimal]) -> list[int]:
    """Rank of each score, best first; equal scores share a rank and the next rank is skipped."""
    first: dict[Decimal, int] = {}
    for position, score in enumerate(sorted(scores, reverse=True), start=1):
        first.setdefault(score, position)
    return [first[score] for score in scores]


def honours(households: int, rule: StarRule) -> int:
    """The last rank that a year may honour: ceil(top_percent × households / 100)."""
    return -(-rule.top_percent * households // 100)


def month_standing(rules: Mapping[str, HeadRule], lines: Iterable[Line]) -> Standing:
    """Sum a household's entries of one month by head (0–100 in all, if the heads' maxima make 100)."""
    totals = dict.fromkeys(HEADS, 0)
    vetoed = False
    for line in lines:
        totals[line.head] += line.score
        vetoed = vetoed or line.veto
    heads = {head: head_score(rules[head], total) for head, total in totals.items()}
    return Standing(Decimal(sum(heads.values())), vetoed, heads)


def rate_month(standings: Mapping[int, Standing]) -> dict[int, Result]:
    """Rank a village's month; keys are accounts."""
    return {
        account: Result(standing.score, rank, None, standing.vetoed, False, standing.heads)
        for (account, standing), rank in _ranked(standings)
    }


def rate_quarter(standings: Mapping[int, Standing], rule: StarRule) -> dict[int, Result]:
    """Rank a village's quarter and give stars; a standing's score is the mean of its months."""
    return {
        account: Result(
            standing.score, rank, stars_of(standing.score, rule, vetoed=standing.vetoed), standing.vetoed, False
        )
        for (account, standing), rank in _ranked(standings)
    }


def rate_year(standings: Mapping[int, Standing], rule: StarRule) -> dict[int, Result]:
    """As a quarter, and honour those with stars among the first that reach the floor; a standing's score is the mean of
    its quarters."""
    last = honours(len(standings), rule)
    results = {}
    for (account, standing), rank in _ranked(standings):
        stars = stars_of(standing.score, rule, vetoed=standing.vetoed)
        honoured = stars > 0 and rank <= last and standing.score >= rule.floor
        results[account] = Result(standing.score, rank, stars, standing.vetoed, honoured)
    return results


def _ranked(standings: Mapping[int, Standing]) -> Iterable[tuple[tuple[int, Standing], int]]:
    ranks = ranks_of([standing.score for standing in standings.values()])
    return zip(standings.items(), ranks, strict=True)
