"""The checklist engine: tables worked by hand for every kind, and what must hold of any card (design §7)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.scorecards.checks import card_faults
from inspections.scorecards.scoring import Answer, Card, Fact, Grade, Kind, Sort, score
from tests.inspections.cards.house import D, answers, card, cards, item, said, section

BANDS = [(95, 5), (85, 4), (70, 3), (60, 1)]

EACH = card(section(100, 10, item(1, points=10, per_case=3)))
POOL = card(section(100, 10, item(1, points=10, per_case=1), item(2, per_case=4), item(3, Kind.WHOLE)))
STEPS = card(section(100, 10, item(1, points=10, per_case=2), item(2, per_case=1), item(3, per_case=5, exclusive=True)))
THREE = card(
    section(100, 5, item(1, points=5, per_case=5), item(2, per_case=4, exclusive=True), item(3, per_case=3, exclusive=True))
)
WHOLE = card(section(100, 8, item(1, Kind.WHOLE, 3), item(2, points=5, per_case="0.5")))
BAND = card(section(100, 5, item(1, Kind.BAND, 5, bands=BANDS)))
NOTED = card(section(100, 10, item(1, Kind.NOTE), item(2, points=10, per_case=1), item(3, Kind.NOTE)))
BONUS = card(
    section(100, 10, item(1, points=10, per_case=1)),
    section(200, 5, item(2, Kind.BONUS, 4, 2), item(3, Kind.BONUS, None, "1.5"), sort=Sort.BONUS),
)


@pytest.mark.parametrize(
    ("of", "values", "total"),
    [
        (EACH, {}, 10),
        (EACH, {"_1": 0}, 10),
        (EACH, {"_1": 1}, 7),
        (EACH, {"_1": 3}, 1),
        (EACH, {"_1": 4}, 0),
        (EACH, {"_1": 40}, 0),
        (EACH, {"_1": None}, 10),
        (EACH, {"_1": "0.5"}, "8.5"),
        (POOL, {"_1": 2, "_2": 1}, 4),
        (POOL, {"_1": 2, "_2": 2}, 0),
        (POOL, {"_1": 2, "_2": 5}, 0),
        (POOL, {"_1": 1, "_3": 1}, 0),
        (POOL, {"_3": 1}, 0),
        (POOL, {"_3": 0}, 10),
        (STEPS, {"_2": 1, "_3": 0}, 9),
        (STEPS, {"_2": 1, "_3": 1}, 5),
        (STEPS, {"_2": 0, "_3": 1}, 5),
        (STEPS, {"_1": 3, "_2": 1, "_3": 1}, 0),
        (STEPS, {"_1": 1, "_2": 1, "_3": 1}, 3),
        (THREE, {"_1": 1, "_2": 1, "_3": 1}, 0),
        (THREE, {"_2": 1, "_3": 1}, 1),
        (THREE, {"_3": 1}, 2),
        (WHOLE, {"_1": 1}, 5),
        (WHOLE, {"_1": 9}, 5),
        (WHOLE, {"_1": 1, "_2": 3}, "3.5"),
        (BAND, {"_1": 100}, 5),
        (BAND, {"_1": 95}, 5),
        (BAND, {"_1": "94.99"}, 4),
        (BAND, {"_1": 85}, 4),
        (BAND, {"_1": 70}, 3),
        (BAND, {"_1": 60}, 1),
        (BAND, {"_1": "59.99"}, 0),
        (BAND, {"_1": 0}, 0),
        (BAND, {"_1": None}, 5),
        (NOTED, {"_1": 50, "_3": 50}, 10),
        (NOTED, {"_1": 50, "_2": 1}, 9),
        (BONUS, {"_2": 1}, 12),
        (BONUS, {"_2": 2}, 14),
        (BONUS, {"_2": 3}, 14),
        (BONUS, {"_3": 3}, "14.5"),
        (BONUS, {"_2": 2, "_3": 1}, 15),
        (BONUS, {"_2": 9, "_3": 9}, 15),
        (BONUS, {"_1": 4, "_2": 1}, 8),
        (BONUS, {"_3": None}, 10),
    ],
)
def test_it_scores_by_hand_worked_tables(of: Card, values: dict[str, Any], total: Any) -> None:
    assert score(of, said(**values)).total == D(str(total))


@pytest.mark.parametrize(
    ("total", "grade"),
    [(10, "good"), (9, "good"), ("8.99", "fair"), (8, "fair"), ("7.99", "passing"), (6, "passing"), ("5.99", "poor"), (0, "poor")],
)
def test_it_grades_at_the_lines(total: Any, grade: str) -> None:
    of = card(section(100, 10, item(1, points=10, per_case="0.01")))
    assert score(of, {1: Answer((10 - D(str(total))) * 100)}).grade == grade


def test_it_is_poor_by_a_veto_whatever_the_score() -> None:
    of = card(*EACH.sections, section(200, 0, item(2, Kind.VETO), sort=Sort.VETO))
    result = score(of, said(_1=0, _2=1))
    assert (result.total, result.grade, result.vetoes, result.vetoed) == (D(10), Grade.POOR, (2,), True)
    assert score(of, said(_1=0, _2=0)).grade == Grade.GOOD
    assert not score(of, {2: Answer(D(1), applies=False)}).vetoed, "what does not apply vetoes nothing"


def test_it_writes_a_trail_with_what_the_rule_asked_for() -> None:
    trail = score(STEPS, said(_1=4, _2=1, _3=1)).trail
    assert [(line.item, line.amount, line.asked) for line in trail] == [
        (None, D(10), D(10)),
        (1, D(-8), D(-8)),
        (2, D(0), D(-1)),
        (3, D(-2), D(-5)),
    ]
    assert trail[1].words == "第1条：4 × −2"


def test_it_lets_facts_propose_and_answers_win() -> None:
    of = card(section(100, 5, item(1, Kind.BAND, 5, bands=BANDS, indicator="x")))
    assert score(of, {}, {"x": Fact(9, 10)}).total == 4
    assert score(of, {}, {"x": Fact(9, 10)}).trail[-1].measured
    assert score(of, said(_1=60), {"x": Fact(9, 10)}).total == 1
    assert not score(of, said(_1=60), {"x": Fact(9, 10)}).trail[-1].measured
    each = card(section(100, 5, item(1, points=5, per_case=1, indicator="x")))
    assert score(each, {}, {"x": Fact(7, 10)}).total == 2, "three of ten were not good"
    whole = card(section(100, 5, item(1, Kind.WHOLE, 5, indicator="x")))
    assert [score(whole, {}, {"x": Fact(good, 10)}).total for good in (10, 9)] == [5, 0]


@pytest.mark.parametrize("fact", [Fact(0, 0), Fact(1, 2, enough=False)])
def test_it_takes_nothing_by_too_few_records_and_says_the_line_is_missing(fact: Fact) -> None:
    of = card(section(100, 5, item(1, Kind.BAND, 5, bands=BANDS, indicator="x")))
    result = score(of, {}, {"x": fact})
    assert (result.total, result.missing) == (D(5), (1,))


def test_it_lists_lines_without_an_answer_but_not_notes_and_bonuses() -> None:
    of = card(*NOTED.sections, BONUS.sections[1], section(300, 0, item(9, Kind.VETO), sort=Sort.VETO))
    assert score(of, {}).missing == (2, 9)
    assert score(of, said(_2=0, _9=0)).missing == ()


# --- what holds of any card -------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_it_holds_of_any_valid_card(data: st.DataObject) -> None:
    of = data.draw(cards())
    assert card_faults(of, of.full) == []
    given_answers = data.draw(answers(of))
    result = score(of, given_answers)
    bonus = sum(section.points for section in of.sections if section.sort == Sort.BONUS)
    assert 0 <= result.total <= of.full + bonus
    assert sum(line.amount for line in result.trail) == result.total == sum(result.sections.values())
    for part in of.sections:
        own = [line.amount for line in result.trail if line.section == part.key]
        assert sum(own) == result.sections[part.key]
        assert 0 <= result.sections[part.key] <= part.points
    vetoed = any(line.kind == Kind.VETO and _bites(given_answers.get(line.key)) for line in of.items)
    assert result.vetoed == vetoed
    if vetoed:
        assert result.grade == Grade.POOR
    assert set(result.missing) == {
        line.key for line in of.items if line.key not in given_answers and line.kind not in (Kind.NOTE, Kind.BONUS)
    }


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_it_never_scores_higher_when_a_line_gets_worse(data: st.DataObject) -> None:
    of = data.draw(cards())
    before = data.draw(answers(of))
    line = data.draw(st.sampled_from(of.items))
    value = before[line.key].value if line.key in before else D(100 if line.kind in (Kind.BAND, Kind.BONUS) else 0)
    step = Decimal(data.draw(st.integers(0, 40))) / 2
    worse = max(value - step, D(0)) if line.kind in (Kind.BAND, Kind.BONUS) else value + step
    better = score(of, {**before, line.key: Answer(value)})
    after = score(of, {**before, line.key: Answer(worse)})
    assert after.total <= better.total
    assert all(after.sections[key] <= points for key, points in better.sections.items())
    assert set(better.vetoes) <= set(after.vetoes)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_it_reads_a_fact_as_the_answer_that_it_proposes(data: st.DataObject) -> None:
    of = data.draw(cards())
    named = replace(
        of,
        sections=tuple(
            replace(part, items=tuple(replace(line, indicator="x") for line in part.items)) for part in of.sections
        ),
    )
    fact = Fact(good := data.draw(st.integers(0, 20)), data.draw(st.integers(max(good, 1), 40)))
    proposed = {line.key: fact.answer_for(line.kind) for line in of.items}
    by_answers = score(of, {key: answer for key, answer in proposed.items() if answer is not None})
    by_facts = score(named, {}, {"x": fact})
    assert (by_facts.total, by_facts.sections, by_facts.vetoes) == (by_answers.total, by_answers.sections, by_answers.vetoes)


def _bites(answer: Answer | None) -> bool:
    return answer is not None and answer.applies and answer.value > 0
