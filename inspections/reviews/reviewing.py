"""述职评议: quarters' mean × weight + 民主测评 × weight → score, grade, trail (plan §四(三); mission M35; domain.md §10). Pure.

Every part is a Decimal of two places, ROUND_HALF_UP; what the parts of the trail lose against the score by rounding
stands in it as a line of its own. Scores lie within 0..100.

- A quarter counts as per cent of its card's full marks. Bonuses may lift one quarter above 100, never the mean.
- 一票否决 in any quarter: its points count in the mean, the year's grade is 差 whatever the score.
- A group without counted ballots is missing, not nought; what weighs nothing is not missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from inspections.scorecards.scoring import CENT, GRADE_LABELS, HUNDRED, ZERO, Grade

GRADES = ((Decimal(90), Grade.GOOD), (Decimal(80), Grade.FAIR), (Decimal(60), Grade.PASSING))
ROUNDING = "四舍五入"


@dataclass(frozen=True)
class Weights:
    """Per cent, named as the review's columns: quarters and ballot sum to 100, so do the three groups of the ballot.

    `good`, `fair`, `passing`, `poor`: what one ballot of that column counts, 0..100, descending.
    """

    quarters_weight: Decimal = Decimal(60)
    ballot_weight: Decimal = Decimal(40)
    leaders_weight: Decimal = Decimal(40)
    members_weight: Decimal = Decimal(30)
    residents_weight: Decimal = Decimal(30)
    good: Decimal = Decimal(100)
    fair: Decimal = Decimal(85)
    passing: Decimal = Decimal(70)
    poor: Decimal = Decimal(50)


@dataclass(frozen=True)
class Counts:
    """Paper ballots of one group by column."""

    good: int = 0
    fair: int = 0
    passing: int = 0
    poor: int = 0

    @property
    def total(self) -> int:
        return self.good + self.fair + self.passing + self.poor

    def score(self, weights: Weights) -> Decimal:
        """The mean of the ballots, each at what its column counts; there must be at least one."""
        pairs = ((self.good, weights.good), (self.fair, weights.fair), (self.passing, weights.passing), (self.poor, weights.poor))
        return cents(sum((count * points for count, points in pairs), ZERO) / self.total)


@dataclass(frozen=True)
class Quarter:
    """A quarter in which the village must be inspected; `percent` None: no locked score yet."""

    name: str
    percent: Decimal | None
    vetoed: bool = False


@dataclass(frozen=True)
class Tally:
    """A group's ballots, if both passes agree; else `lack` says what is missing."""

    name: str
    weight: Decimal
    counts: Counts | None
    lack: str = ""


@dataclass(frozen=True)
class Line:
    """One step of the trail; `amount` moves the score."""

    words: str
    amount: Decimal


@dataclass(frozen=True)
class Result:
    """`score` = Σ trail amounts once it is there; with something `missing` it is provisional or None."""

    quarters_mean: Decimal | None
    ballot_score: Decimal | None
    score: Decimal | None
    grade: Grade | None
    vetoed: bool
    missing: tuple[str, ...]
    trail: tuple[Line, ...]

    @property
    def grade_label(self) -> str:
        return GRADE_LABELS[self.grade] if self.grade else ""


def cents(points: Decimal) -> Decimal:
    return points.quantize(CENT, ROUND_HALF_UP)


def plain(number: Decimal) -> str:
    """Without noughts behind: 60, 12.5."""
    return f"{number.normalize():f}"


def rate(weights: Weights, quarters: Sequence[Quarter], tallies: Sequence[Tally]) -> Result:
    """Rate one secretary's year. The mean is taken of the quarters that are there; the ballot waits for all its groups."""
    counted = [quarter for quarter in quarters if quarter.percent is not None]
    mean = quarters_mean(quarters)
    weighted = [tally for tally in tallies if weights.ballot_weight and tally.weight]
    ballot = ballot_score(weights, weighted)
    score = total(weights, mean, ballot)
    vetoed = any(quarter.vetoed for quarter in counted)
    lines = [*_quarter_lines(weights, counted), *_ballot_lines(weights, weighted)]
    if score is not None:
        rest = score - sum((line.amount for line in lines), ZERO)
        lines += [Line(ROUNDING, rest)] if rest else []
    names = "、".join(quarter.name for quarter in counted if quarter.vetoed)
    if names:
        lines.append(Line(f"{names}一票否决，全年等次定为“{GRADE_LABELS[Grade.POOR]}”", ZERO))
    grade = grade_of(score, vetoed) if score is not None else None
    return Result(mean, ballot, score, grade, vetoed, _missing(weights, quarters, weighted), tuple(lines))


def quarters_mean(quarters: Sequence[Quarter]) -> Decimal | None:
    """The mean of the quarters that have a score, at most 100; None if there is none."""
    percents = [quarter.percent for quarter in quarters if quarter.percent is not None]
    return min(cents(sum(percents, ZERO) / len(percents)), HUNDRED) if percents else None


def ballot_score(weights: Weights, weighted: Sequence[Tally]) -> Decimal | None:
    """The groups' scores by weight; None while one that weighs has no counted ballots."""
    scores = [(tally.weight, tally.counts.score(weights)) for tally in weighted if tally.counts is not None]
    if not weighted or len(scores) < len(weighted):
        return None
    return cents(sum((weight * score for weight, score in scores), ZERO) / HUNDRED)


def total(weights: Weights, mean: Decimal | None, ballot: Decimal | None) -> Decimal | None:
    """Both parts by weight; None while one that weighs is not there."""
    points = ZERO
    for weight, part in ((weights.quarters_weight, mean), (weights.ballot_weight, ballot)):
        if weight and part is None:
            return None
        points += weight * (part or ZERO)
    return cents(points / HUNDRED)


def grade_of(score: Decimal, vetoed: bool = False) -> Grade:
    """好 from 90, 较好 from 80, 一般 from 60, else 差; 差 with a veto."""
    if vetoed:
        return Grade.POOR
    return next((grade for least, grade in GRADES if score >= least), Grade.POOR)


def formulas(
    weights: Weights, quarters: Sequence[Quarter], tallies: Sequence[Tally], result: Result, *, with_counts: bool
) -> list[str]:
    """The way to the score as one reads it on paper, a line a step; the counted columns only `with_counts`."""
    found = []
    percents = [quarter.percent for quarter in quarters if quarter.percent is not None]
    if result.quarters_mean is not None:
        sums = " + ".join(map(str, percents))
        capped = "（超过 100 分，按 100 分计）" if sum(percents, ZERO) > HUNDRED * len(percents) else ""
        found.append(f"季度均分 =（{sums}）÷ {len(percents)} = {result.quarters_mean}{capped}")
    weighted = [tally for tally in tallies if weights.ballot_weight and tally.weight]
    found += [_group_formula(weights, tally, with_counts) for tally in weighted if tally.counts is not None]
    if result.ballot_score is not None:
        parts = [f"{tally.counts.score(weights)} × {plain(tally.weight)}%" for tally in weighted if tally.counts is not None]
        found.append(f"测评得分 = {' + '.join(parts)} = {result.ballot_score}")
    if result.score is not None:
        pairs = ((weights.quarters_weight, result.quarters_mean), (weights.ballot_weight, result.ballot_score))
        parts = [f"{part} × {plain(weight)}%" for weight, part in pairs if weight]
        found.append(f"总分 = {' + '.join(parts)} = {result.score}")
    return found


def _quarter_lines(weights: Weights, counted: Sequence[Quarter]) -> list[Line]:
    if not weights.quarters_weight:
        return []
    number, lines = len(counted), []
    for quarter in counted:
        share = cents((quarter.percent or ZERO) * weights.quarters_weight / HUNDRED / number)
        lines.append(Line(f"{quarter.name} {quarter.percent} 分 ÷ {number} × {plain(weights.quarters_weight)}%", share))
    over = sum(((quarter.percent or ZERO) - HUNDRED for quarter in counted), ZERO)
    if over > 0:
        taken = cents(over * weights.quarters_weight / HUNDRED / number)
        lines.append(Line("季度均分超过 100 分的部分不计", -taken))
    return lines


def _ballot_lines(weights: Weights, weighted: Sequence[Tally]) -> list[Line]:
    lines = []
    for tally in weighted:
        if tally.counts is None:
            continue
        own = tally.counts.score(weights)
        share = cents(own * tally.weight * weights.ballot_weight / HUNDRED / HUNDRED)
        words = f"{tally.name} {tally.counts.total} 张，折合 {own} 分 × {plain(tally.weight)}% × {plain(weights.ballot_weight)}%"
        lines.append(Line(words, share))
    return lines


def _group_formula(weights: Weights, tally: Tally, with_counts: bool) -> str:
    assert tally.counts is not None
    counts, score = tally.counts, tally.counts.score(weights)
    if not with_counts:
        return f"{tally.name} {counts.total} 张，折合 {score} 分"
    pairs = (
        (counts.good, weights.good), (counts.fair, weights.fair), (counts.passing, weights.passing), (counts.poor, weights.poor)
    )  # fmt: skip
    sums = " + ".join(f"{count} × {plain(points)}" for count, points in pairs)
    return f"{tally.name} =（{sums}）÷ {counts.total} = {score}"


def _missing(weights: Weights, quarters: Sequence[Quarter], weighted: Sequence[Tally]) -> tuple[str, ...]:
    found = []
    if weights.quarters_weight:
        found += [f"{quarter.name}督查得分" for quarter in quarters if quarter.percent is None]
        found += [] if quarters else ["季度督查得分"]
    return (*found, *(tally.lack for tally in weighted if tally.lack))
