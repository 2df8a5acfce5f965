"""A decision is adopted just when all its gates hold: random steps and records, judged by the pure rule, by the triggers of both
engines and by a plain function that knows neither (issue: done when 3)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given, settings

from governance.councils.decisions import gates
from governance.councils.decisions.gates import Stage
from governance.councils.decisions.guards import AHEAD
from governance.councils.decisions.standing import missing_of
from governance.councils.models import Decision, Gate
from governance.periods import today
from tests.councils.decisions.house import (
    ADOPT,
    FINISH,
    DecisionHouse,
    Story,
    build,
    is_open_at,
    marked,
    refusal,
    stories,
    tell,
)
from tests.trial import run_in_trial_mode

EXAMPLES = 30


def judge(house: DecisionHouse, story: Story) -> None:
    """One story, by all three."""
    decision = build(house, story)
    plainly = is_open_at(story, "decide")
    found = missing_of(decision, Stage.DECIDE, story.day)
    assert (found.position if found else None) == plainly, found
    said = marked(house, decision, story.day, ADOPT)
    assert bool(said) == (plainly is not None), said
    assert (found.words if found else "") in said
    listed: Any = Decision.objects.with_missing(story.day).get(pk=decision.pk)
    assert listed.stuck_words == (_first_of_all(decision, story) or None)
    if said:
        assert Decision.objects.get(pk=decision.pk).adopted_at is None
        return
    finishing = list(Gate.objects.filter(kind=decision.kind).order_by("position"))
    for one in story.tried:
        if story.rows[one.gate]["stage"] == "finish":
            tell(house, decision, finishing[one.gate], one)
    said, plainly = marked(house, decision, story.day, FINISH), is_open_at(story, "finish")
    found = missing_of(decision, Stage.FINISH, story.day)
    assert (found.position if found else None) == plainly
    assert bool(said) == (plainly is not None), said
    assert (found.words if found else "") in said


def _first_of_all(decision: Decision, story: Story) -> str:
    found = missing_of(decision, Stage.DECIDE, story.day) or missing_of(decision, Stage.FINISH, story.day)
    return found.words if found else ""


def judge_many(house: DecisionHouse) -> int:
    judged = 0

    @settings(max_examples=EXAMPLES, deadline=None)  # the trial mode's child loads no profile
    @given(stories())
    def one(story: Story) -> None:
        nonlocal judged
        judged += 1
        with transaction.atomic():
            judge(house, story)
            transaction.set_rollback(True)

    one()
    return judged


@pytest.mark.django_db
def test_it_is_adopted_just_when_all_gates_hold() -> None:
    assert judge_many(DecisionHouse()) >= EXAMPLES


def judged_in_trial_mode() -> int:
    return judge_many(DecisionHouse())


def test_it_is_the_same_in_trial_mode(tmp_path: Path) -> None:
    assert run_in_trial_mode(f"{__name__}:judged_in_trial_mode", tmp_path) >= EXAMPLES


@settings(max_examples=500)
@given(stories())
def test_the_pure_rule_is_the_plain_ones(story: Story) -> None:
    rules = [Gate(**row, paper_count=len(row["papers"].splitlines())).rule for row in story.rows]
    records, attempts = [], dict[int, int]()
    for one in story.tried:
        said, attempts[one.gate] = one.fields, attempts.get(one.gate, 0) + 1
        figures = ("entitled", "present", "houses_entitled", "houses_present", "yes", "called_on", "is_passed", "notice_from", "notice_to")
        is_notice = rules[one.gate].what == gates.What.NOTICE
        records.append(
            gates.Record(
                rules[one.gate],
                attempts[one.gate],
                one.held_on,
                said["notice_to"] if is_notice else one.held_on,
                is_confirmed=said["confirmed"],
                papers=one.papers,
                is_notice_gone=one.is_withdrawn,
                open_objections=one.objections.count("open"),
                upheld_objections=one.objections.count("upheld"),
                **{name: said[name] for name in figures if name in said},
            )
        )
    found = gates.standings(rules, records, story.day)
    for stage in Stage:
        missing = gates.first_missing(found, stage)
        assert (missing.position if missing else None) == is_open_at(story, stage)


def ahead(house: DecisionHouse) -> list[str]:
    """What the database says of a decision whose papers are there: adopted and done at a day to come, then now."""
    rows = [{"position": 1, "name": "材料", "what": "document"}, {"position": 2, "name": "结果", "what": "document", "stage": "finish"}]
    kind, now = house.kind(*rows), timezone.now()
    decision = house.decision(kind, begun_at=now, proposed_on=today())
    first, last = kind.gates.order_by("position")
    later, soon = (connection.ops.adapt_datetimefield_value(now + timedelta(days=days)) for days in (2, 0))
    house.record(decision, first, today())
    told = [refusal(ADOPT, at, house.staff.pk, decision.pk) for at in (later, soon)]
    house.record(decision, last, today())
    return [*told, *(refusal(FINISH, at, house.staff.pk, decision.pk) for at in (later, soon))]


@pytest.mark.django_db
def test_nothing_is_adopted_or_done_at_a_day_to_come() -> None:
    """By the database's clock, which is this one's."""
    assert [AHEAD in words or words for words in ahead(DecisionHouse())] == [True, "", True, ""]


def ahead_in_trial_mode() -> list[str]:
    return ahead(DecisionHouse())


def test_nor_in_trial_mode(tmp_path: Path) -> None:
    found = run_in_trial_mode(f"{__name__}:ahead_in_trial_mode", tmp_path)
    assert [AHEAD in words or words for words in found] == [True, "", True, ""]
