"""A decision that goes on, or may be adopted, waits for who records its next step; as its own page offers it, and never twice in a list."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings

from governance.accounts.models import User
from governance.councils.decisions.due import KINDS, OWN_STEPS
from governance.councils.decisions.rows import Page
from governance.councils.models import Decision
from governance.disclosure.notices import objection_answer, objection_file
from governance.frame.due import found_of
from tests.councils.decisions.house import DecisionHouse, Story, build, noon, stories
from tests.councils.decisions.test_decisions import StepHouse

pytestmark = pytest.mark.django_db


def told(user: User, day: date) -> list[str]:
    return [f"{todo.title} {todo.words}" for todo in found_of(KINDS, user, noon(day))[0]]


def test_who_records_the_next_step_is_told_which() -> None:
    house, day = StepHouse(), date(2026, 9, 12)
    decision = house.road()
    party = ["等记录下一步：党员大会审议 八一村：硬化三组道路"]
    assert told(house.secretary, day) == party and told(house.cadre, day) == party
    assert told(house.staff, day) == [] and told(house.cast["yard_head"], day) == []
    house.held(decision, 3, date(2026, 9, 8), 42, 27, 27)
    assert told(house.secretary, day) == party, "it is to be called again"
    house.held(decision, 3, day, 42, 30, 25)
    house.held(decision, 4, day, 35, 30, 28, body="delegates")
    assert told(house.secretary, day) == ["等记录下一步：决议公开 八一村：硬化三组道路"]
    house.shown(decision, 5, day)
    assert told(house.secretary, day) == ["可以通过了 八一村：硬化三组道路"]


def test_the_village_sees_what_is_said_against_its_decision() -> None:
    """Not who said it, and only until the office has answered."""
    house, day = StepHouse(), date(2026, 9, 5)
    decision = house.begin("yishi")
    house.held(decision, 1, date(2026, 9, 2), 5, 5, 5, papers={1: "方案"})
    house.shown(decision, 2, day, 7)
    notice = decision.records.get(position=2).notice
    said = {"notice": notice, "row_number": None, "name": "李秀英", "phone": "15400000002", "text": "每户出工太多"}
    objection = objection_file(**said, at=noon(day))  # type: ignore[arg-type]
    line = [f"镇里在核实的异议：{notice.title} 八一村：每户出工太多"]  # type: ignore[union-attr]
    assert told(house.secretary, day) == told(house.cadre, day) == line
    assert told(house.staff, day) == told(house.cast["yard_head"], day) == told(house.cast["overseer"], day) == []
    [todo] = found_of(KINDS, house.secretary, noon(day))[0]
    assert todo.link == f"/decisions/{decision.pk}/"
    objection_answer(objection=objection, upheld=False, answer="已说明", by=house.staff)
    assert told(house.secretary, day) == []


def test_a_step_that_only_waits_is_not_asked_for() -> None:
    house, day = StepHouse(), date(2026, 9, 2)
    decision = house.begin("yishi")
    record = house.record(decision, house.gate(decision, 1), day, entitled=5, present=5, yes=5, confirmed=False)
    assert told(house.secretary, day) == [] and told(house.cadre, day) == ["步骤记录待确认：两委会提出方案 八一村：硬化三组道路"]
    record.confirmed_by, record.confirmed_at = house.cadre, noon(day)
    record.save()
    house.record(decision, house.gate(decision, 1), day, entitled=5, present=5, yes=5)  # the paper is not there: once more
    assert told(house.secretary, day) == ["等记录下一步：两委会提出方案 八一村：硬化三组道路"]


def test_a_notice_that_hangs_is_told_of_once() -> None:
    house, day = StepHouse(), date(2026, 9, 2)
    decision = house.begin("yishi")
    house.held(decision, 1, day, 5, 5, 5, papers={1: "方案"})
    house.shown(decision, 2, day, 7)
    assert told(house.secretary, day + timedelta(days=6)) == []
    assert told(house.secretary, day + timedelta(days=7)) == ["公示期满：方案公示 八一村：硬化三组道路"]


def test_it_waits_just_where_the_page_offers_it() -> None:
    house = DecisionHouse()

    @settings(max_examples=40, deadline=None)
    @given(stories())
    def one(story: Story) -> None:
        with transaction.atomic(), time_machine.travel(noon(story.day), tick=False):
            decision = build(house, story)
            page = Page(decision, house.secretary)
            row: Any = Decision.objects.undecided(story.day).get(pk=decision.pk)
            assert (row.next_step in OWN_STEPS, row.next_step is None) == (page.may_step, page.may_adopt), row.next_step
            if page.next and not page.may_adopt:
                assert row.next_name == page.next.standing.name
            transaction.set_rollback(True)

    one()


def test_the_list_asks_no_more_for_more_decisions() -> None:
    house, day = StepHouse(), date(2026, 9, 12)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert told(house.secretary, day)
        return len(queries)

    house.road()
    asked()
    few = asked()
    for _ in range(4):
        house.road()
    assert asked() == few and len(told(house.secretary, day)) == 5
