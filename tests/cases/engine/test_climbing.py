"""What the clock does by itself: reminders, climbing village → office → leader, filing; and extensions."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from governance.accounts.inbox_models import Message
from governance.cases.engine.climbing import cases_climb, cases_file_done, cases_remind
from governance.cases.engine.extensions import extension_ask, extension_decide
from governance.cases.engine.flow import Step
from governance.cases.errors import CaseError
from governance.cases.models import Case, Extension, OfficeMember
from tests.cases.house import CaseHouse, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> CaseHouse:
    return CaseHouse()


def told(house: CaseHouse, role: str) -> list[str]:
    return [text.split("（")[0] for text in house.user(role).messages.order_by("id").values_list("text", flat=True)]


def test_it_reminds_whoever_has_the_case_once_at_four_fifths(house: CaseHouse) -> None:
    case = house.log(by="cadre")
    assert case.near_at == moment("2026-03-11 14:48")
    assert cases_remind(moment("2026-03-11 14:47")) == 0
    assert cases_remind(moment("2026-03-11 14:48")) == 1
    assert cases_remind(moment("2026-03-11 14:48")) == 0
    assert told(house, "cadre") == ["快到期"]
    case.refresh_from_db()
    assert case.near_at == moment("2026-03-13 10:00"), "next, the whole case's"


def test_it_climbs_to_the_office_and_then_to_the_leader(house: CaseHouse) -> None:
    case = house.log(by="cadre")
    assert cases_climb(moment("2026-03-11 17:29")) == 0
    assert cases_climb(moment("2026-03-11 17:31")) == 1
    case.refresh_from_db()
    assert (case.level, case.assignee) == (Case.Level.OFFICE, house.user("cadre")), "who has it, keeps it"
    assert told(house, "staff") == ["逾期升级"] and told(house, "leader") == []
    assert cases_climb(moment("2026-03-11 17:32")) == 0
    assert cases_climb(moment("2026-03-12 17:31")) == 1
    assert cases_climb(moment("2026-03-31 17:31")) == 0
    assert told(house, "leader") == ["逾期升级"]
    assert list(case.steps.filter(step=Step.CLIMB).values_list("level", flat=True)) == ["office", "leader"]
    assert told(house, "cadre") == ["已逾期并升级", "已逾期并升级"]


def test_it_climbs_with_a_case_that_nobody_has(house: CaseHouse) -> None:
    house.user("cadre").posts.update(ended_on="2026-02-01")
    house.user("sanitation").posts.update(ended_on="2026-02-01")
    case = house.log("huanwei", by="informant")
    assert cases_climb(moment("2026-03-11 17:31")) == 1
    case.refresh_from_db()
    assert case.office == house.category("huanwei").office


def test_it_tells_the_clerks_where_the_office_is_empty(house: CaseHouse) -> None:
    OfficeMember.objects.all().delete()
    house.log(by="cadre")
    cases_climb(moment("2026-03-11 17:31"))
    assert told(house, "staff") == ["逾期升级"]


def test_it_lets_a_private_case_be_seen_by_those_it_climbs_to(house: CaseHouse) -> None:
    case = house.log("xinfang", by="informant", private=True)
    assert not Case.objects.visible_to(house.user("staff")).exists()
    cases_climb(moment("2026-03-11 17:31"))
    assert Case.objects.visible_to(house.user("staff")).get() == case


def test_it_neither_reminds_nor_climbs_in_a_pause_or_after_the_end(house: CaseHouse) -> None:
    paused = house.log(by="cadre")
    house.step(paused, Step.PAUSE, note="等材料", at=moment("2026-03-10 10:00"))
    done = house.log(by="cadre")
    house.step(done, Step.FINISH, result="好了", at=moment("2026-03-10 10:00"))
    assert cases_remind(moment("2026-05-01 09:00")) == cases_climb(moment("2026-05-01 09:00")) == 0


def test_it_files_events_and_handed_over_errands_a_week_after_they_ended(house: CaseHouse) -> None:
    at = moment("2026-03-10 10:00")
    event, errand, open_errand = house.log(by="cadre"), house.log("dianfei"), house.log("shuifei")
    house.step(event, Step.FINISH, result="好了", at=at)
    house.step(errand, Step.FINISH, result="已缴", recipient="本人", at=at)
    house.step(open_errand, Step.FINISH, result="已缴", at=at)
    assert cases_file_done(moment("2026-03-17 09:59")) == 0
    assert cases_file_done(moment("2026-03-17 10:01")) == 2
    assert Case.objects.get(state="done") == open_errand


def test_it_extends_once_with_the_leave_of_somebody_else(house: CaseHouse) -> None:
    case = house.log(by="cadre")
    with pytest.raises(CaseError, match="须写明理由"):
        extension_ask(case=case, reason=" ", by=house.user("cadre"))
    extension_ask(case=case, reason="要等供电所停电计划", by=house.user("cadre"), at=moment("2026-03-11 09:00"))
    assert told(house, "leader") == [house.user("cadre").name + "申请延期"]
    with pytest.raises(CaseError, match="只能延期一次"):
        extension_ask(case=case, reason="再延", by=house.user("cadre"), at=moment("2026-03-11 09:00"))
    with pytest.raises(CaseError, match="您不能"):
        extension_decide(case=case, granted=True, by=house.user("secretary"))
    extension_decide(case=case, granted=True, by=house.user("leader"), at=moment("2026-03-11 10:00"))
    case.refresh_from_db()
    assert case.case_due_at == moment("2026-03-31 17:30"), "fifteen working days from the same start"
    with pytest.raises(CaseError, match="只能延期一次"):
        extension_ask(case=case, reason="再延", by=house.user("cadre"), at=moment("2026-03-12 09:00"))


def test_it_asks_for_a_reason_to_deny_and_lets_ask_again(house: CaseHouse) -> None:
    case, at = house.log(by="cadre"), moment("2026-03-11 09:00")
    extension_ask(case=case, reason="忙", by=house.user("cadre"), at=at)
    with pytest.raises(CaseError, match="须写明原因"):
        extension_decide(case=case, granted=False, by=house.user("leader"), at=at)
    extension_decide(case=case, granted=False, reason="请按期办", by=house.user("leader"), at=at)
    case.refresh_from_db()
    assert case.case_due_at == moment("2026-03-13 17:30")
    extension_ask(case=case, reason="等停电计划", by=house.user("cadre"), at=at)
    with pytest.raises(CaseError, match="全程限时已过"):
        extension_ask(case=house.log(by="cadre"), reason="迟了", by=house.user("cadre"), at=moment("2026-03-14 09:00"))


def test_it_takes_no_second_extension_and_no_own_leave_from_the_database(house: CaseHouse) -> None:
    case, user = house.log(by="cadre"), house.user("cadre")
    row = {"case": case, "round": 1, "reason": "x", "asked_by": user, "asked_at": moment("2026-03-11 09:00")}
    Extension.objects.create(**row, state="granted", decided_by=house.user("leader"))
    for wrong in (row, {**row, "round": 2, "state": "granted", "decided_by": user}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Extension.objects.create(**wrong)


def test_it_keeps_the_extension_through_a_pause(house: CaseHouse) -> None:
    case, at = house.log(by="cadre"), moment("2026-03-11 08:30")
    extension_ask(case=case, reason="等停电计划", by=house.user("cadre"), at=at)
    house.step(case, Step.PAUSE, note="等料", at=at)
    going = house.step(case, Step.RESUME, at=moment("2026-03-13 08:30"))
    assert going.case_due_at == moment("2026-03-17 17:30")
    extension_decide(case=case, granted=True, by=house.user("leader"), at=moment("2026-03-13 09:00"))
    case.refresh_from_db()
    assert case.case_due_at == moment("2026-04-02 17:30")


def test_it_sends_nothing_twice(house: CaseHouse) -> None:
    house.log(by="cadre")
    cases_climb(moment("2026-03-11 17:31"))
    Case.objects.update(climb_at=moment("2026-03-11 17:31"), level="village")
    with pytest.raises(DatabaseError), transaction.atomic():
        cases_climb(moment("2026-03-11 17:40"))
    assert Message.objects.filter(user=house.user("staff")).count() == 1
