"""The arithmetic of 述职评议: years worked by hand, and what holds for every year."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections.reviews.reviewing import ROUNDING, Counts, Quarter, Result, Tally, Weights, cents, formulas, rate
from inspections.scorecards.scoring import Grade

NAMES = ("一季度", "二季度", "三季度", "四季度")
WEIGHTS = Weights()


def quarters(*percents: str | None, vetoed: str = "") -> list[Quarter]:
    return [
        Quarter(name, Decimal(percent) if percent is not None else None, name == vetoed)
        for name, percent in zip(NAMES, percents, strict=False)
    ]


def tallies(*counts: Counts | None, weights: Weights = WEIGHTS) -> list[Tally]:
    groups = (
        ("镇领导票", weights.leaders_weight), ("党员代表票", weights.members_weight), ("群众票", weights.residents_weight)
    )  # fmt: skip
    return [
        Tally(name, weight, found, "" if found else f"{name}没有录入")
        for (name, weight), found in zip(groups, counts, strict=True)
    ]


BALLOTS = (Counts(8, 2, 0, 0), Counts(20, 15, 4, 1), Counts(30, 12, 6, 2))


def test_it_works_a_whole_year() -> None:
    """Mean (92 + 88 + 90.5 + 94) ÷ 4 = 91.125 → 91.13. Leaders (800 + 170) ÷ 10 = 97; members (2000 + 1275 + 280 + 50) ÷ 40
    = 90.125 → 90.13; residents (3000 + 1020 + 420 + 100) ÷ 50 = 90.80. Ballot 38.80 + 27.039 + 27.24 = 93.079 → 93.08.
    Score 54.678 + 37.232 = 91.91."""
    result = rate(WEIGHTS, quarters("92", "88", "90.5", "94"), tallies(*BALLOTS))
    assert (result.quarters_mean, result.ballot_score) == (Decimal("91.13"), Decimal("93.08"))
    assert (result.score, result.grade, result.missing) == (Decimal("91.91"), Grade.GOOD, ())
    assert [(line.words, line.amount) for line in result.trail] == [
        ("一季度 92 分 ÷ 4 × 60%", Decimal("13.80")),
        ("二季度 88 分 ÷ 4 × 60%", Decimal("13.20")),
        ("三季度 90.5 分 ÷ 4 × 60%", Decimal("13.58")),
        ("四季度 94 分 ÷ 4 × 60%", Decimal("14.10")),
        ("镇领导票 10 张，折合 97.00 分 × 40% × 40%", Decimal("15.52")),
        ("党员代表票 40 张，折合 90.13 分 × 30% × 40%", Decimal("10.82")),
        ("群众票 50 张，折合 90.80 分 × 30% × 40%", Decimal("10.90")),
        (ROUNDING, Decimal("-0.01")),
    ]


def test_it_counts_the_points_of_a_vetoed_quarter_and_grades_poor() -> None:
    """Mean (95 + 91 + 93 + 97) ÷ 4 = 94; ballots all 好 = 100; 56.40 + 40 = 96.40, and 差 because of the veto."""
    best = Counts(10, 0, 0, 0)
    result = rate(WEIGHTS, quarters("95", "91", "93", "97", vetoed="三季度"), tallies(best, best, best))
    assert (result.score, result.grade, result.vetoed) == (Decimal("96.40"), Grade.POOR, True)
    assert result.trail[-1].words == "三季度一票否决，全年等次定为“差”" and result.trail[-1].amount == 0


def test_it_keeps_bonuses_from_lifting_the_mean_above_full_marks() -> None:
    """(104 + 103 + 99 + 100) ÷ 4 = 101.5 → 100; 60 + 40 × 0.85 = 94; the trail takes the 1.5 × 60% = 0.90 back."""
    fair = Counts(0, 5, 0, 0)
    result = rate(WEIGHTS, quarters("104", "103", "99", "100"), tallies(fair, fair, fair))
    assert (result.quarters_mean, result.score) == (Decimal(100), Decimal("94.00"))
    assert ("季度均分超过 100 分的部分不计", Decimal("-0.90")) in [(line.words, line.amount) for line in result.trail]


def test_it_rates_what_is_there_and_names_what_is_not() -> None:
    """Mean of two quarters (80 + 85) ÷ 2 = 82.5; with all ballots 一般: 49.50 + 28 = 77.50, provisional."""
    plain = Counts(0, 0, 4, 0)
    result = rate(WEIGHTS, quarters("80", "85", None, None), tallies(plain, plain, plain))
    assert (result.quarters_mean, result.score, result.grade) == (Decimal("82.50"), Decimal("77.50"), Grade.PASSING)
    assert result.missing == ("三季度督查得分", "四季度督查得分")
    waiting = rate(WEIGHTS, quarters("80", "85", "90", "75"), tallies(plain, None, plain))
    assert (waiting.ballot_score, waiting.score, waiting.grade) == (None, None, None)
    assert waiting.missing == ("党员代表票没有录入",) and waiting.grade_label == ""


def test_it_takes_nothing_for_what_weighs_nothing() -> None:
    """Only quarters: 87.25 → 较好; ballots without residents: 70% leaders at 85, 30% members at 100 → 59.50 + 30 = 89.50."""
    alone = replace(WEIGHTS, quarters_weight=Decimal(100), ballot_weight=Decimal(0))
    result = rate(alone, quarters("87.25"), tallies(None, None, None, weights=alone))
    assert (result.score, result.grade, result.missing) == (Decimal("87.25"), Grade.FAIR, ())
    others = Weights(Decimal(0), Decimal(100), Decimal(70), Decimal(30), Decimal(0))
    result = rate(others, [], tallies(Counts(0, 3, 0, 0), Counts(2, 0, 0, 0), None, weights=others))
    assert (result.score, result.grade, result.missing) == (Decimal("89.50"), Grade.FAIR, ())


@pytest.mark.parametrize(
    ("percent", "grade"),
    [("90", Grade.GOOD), ("89.99", Grade.FAIR), ("80", Grade.FAIR), ("79.99", Grade.PASSING), ("60", Grade.PASSING), ("59.99", Grade.POOR)],
)
def test_it_grades_by_90_80_60(percent: str, grade: Grade) -> None:
    alone = replace(WEIGHTS, quarters_weight=Decimal(100), ballot_weight=Decimal(0))
    assert rate(alone, quarters(percent), []).grade == grade


def test_it_says_a_village_without_any_quarter_misses_them() -> None:
    assert rate(WEIGHTS, [], tallies(*BALLOTS)).missing == ("季度督查得分",)


def test_it_writes_the_way_down_with_the_columns_or_without() -> None:
    found = quarters("92", "88", "90.5", "94"), tallies(*BALLOTS)
    result = rate(WEIGHTS, *found)
    stored = Weights(*[cents(value) for value in vars(WEIGHTS).values()])
    lines = formulas(stored, *found, result, with_counts=True)
    assert lines[0] == "季度均分 =（92 + 88 + 90.5 + 94）÷ 4 = 91.13"
    assert lines[1] == "镇领导票 =（8 × 100 + 2 × 85 + 0 × 70 + 0 × 50）÷ 10 = 97.00"
    assert lines[-2:] == [
        "测评得分 = 97.00 × 40% + 90.13 × 30% + 90.80 × 30% = 93.08",
        "总分 = 91.13 × 60% + 93.08 × 40% = 91.91",
    ]
    without = formulas(WEIGHTS, *found, result, with_counts=False)
    assert without[1] == "镇领导票 10 张，折合 97.00 分" and len(without) == len(lines)


def percents(least: int = 0, most: int = 100) -> st.SearchStrategy[Decimal]:
    return st.integers(least * 100, most * 100).map(lambda number: Decimal(number) / 100)


@st.composite
def some_weights(draw: st.DrawFn) -> Weights:
    first = draw(percents())
    leaders = draw(st.integers(0, 100))
    members = draw(st.integers(0, 100 - leaders))
    poor, passing, fair, good = sorted(draw(st.lists(percents(), min_size=4, max_size=4, unique=True)))
    rest = Decimal(100) - leaders - members
    return Weights(first, 100 - first, Decimal(leaders), Decimal(members), rest, good, fair, passing, poor)


some_counts = st.builds(Counts, *[st.integers(0, 60)] * 4).filter(lambda counts: counts.total > 0)
some_quarters = st.lists(
    st.builds(Quarter, st.sampled_from(NAMES), st.none() | percents(0, 105), st.booleans()), max_size=4
)
three = st.tuples(some_counts, some_counts, some_counts)


@given(some_weights(), some_quarters, st.tuples(*[st.none() | some_counts] * 3))
def test_it_stays_within_bounds_and_its_trail_sums_to_the_score(
    weights: Weights, year: list[Quarter], counts: tuple[Counts | None, ...]
) -> None:
    result = rate(weights, year, tallies(*counts, weights=weights))
    if result.score is not None:
        assert 0 <= result.score <= 100 and result.score == cents(result.score)
        assert sum(line.amount for line in result.trail) == result.score
        assert abs(next((line.amount for line in result.trail if line.words == ROUNDING), Decimal(0))) <= Decimal("0.05")
    else:
        assert result.missing


def score_of(weights: Weights, year: list[Quarter], counts: tuple[Counts, ...]) -> Result:
    return rate(weights, year, tallies(*counts, weights=weights))


@given(some_weights(), st.lists(st.builds(Quarter, st.just("季"), percents()), min_size=1, max_size=4), three, st.data())
def test_it_never_scores_lower_for_a_better_ballot(
    weights: Weights, year: list[Quarter], counts: tuple[Counts, ...], data: st.DataObject
) -> None:
    columns = ("good", "fair", "passing", "poor")
    group = data.draw(st.integers(0, 2))
    before = counts[group]
    worse = data.draw(st.sampled_from([name for name in columns if getattr(before, name)]))
    better = data.draw(st.sampled_from(columns[: columns.index(worse) + 1]))
    moved = replace(before, **{worse: getattr(before, worse) - 1})
    moved = replace(moved, **{better: getattr(moved, better) + 1})
    after = (*counts[:group], moved, *counts[group + 1 :])
    assert score_of(weights, year, after).score >= score_of(weights, year, counts).score  # type: ignore[operator]


@given(some_weights(), some_counts, st.integers(1, 50))
def test_it_never_scores_a_group_lower_for_more_good_ballots(weights: Weights, counts: Counts, more: int) -> None:
    assert replace(counts, good=counts.good + more).score(weights) >= counts.score(weights)
