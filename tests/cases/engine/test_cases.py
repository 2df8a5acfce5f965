"""Logging a case and taking it through the flow: first receiver, holders, clocks, refusals."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from governance.accounts.inbox_models import Message
from governance.cases.engine.due import KINDS, due_of
from governance.cases.engine.flow import Step
from governance.cases.engine.holding import Holder
from governance.cases.engine.services import Report, case_log, steps_for
from governance.cases.errors import CaseError
from governance.cases.models import Case, CaseStep, Office
from governance.frame.due import lines_of
from tests.answers import the
from tests.builders import make_township, make_user, make_village
from tests.cases.house import MORNING, CaseHouse, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> CaseHouse:
    return CaseHouse()


def refused(code: str, call: object, *args: object, **kwargs: object) -> str:
    with pytest.raises(CaseError) as caught:
        call(*args, **kwargs)  # type: ignore[operator]
    assert caught.value.code == code, caught.value.message
    return caught.value.message


def test_it_numbers_cases_by_kind_and_year_without_gaps(house: CaseHouse) -> None:
    numbers = [house.log(code).number for code in ("dianli", "linli", "dianfei", "yinshui")]
    assert numbers == ["SJ2026-00001", "JF2026-00001", "DB2026-00001", "SJ2026-00002"]
    assert house.log(at=moment("2027-01-04 09:00")).number == "SJ2027-00001"


def test_it_keeps_the_first_receiver_for_good(house: CaseHouse) -> None:
    case = house.log(by="informant")
    assert case.first_receiver == house.user("informant")
    house.step(case, Step.TRANSFER, target=Holder(user=house.user("secretary")), note="请书记办理")
    case.refresh_from_db()
    assert case.first_receiver == house.user("informant") and case.assignee == house.user("secretary")


def test_it_gives_a_case_to_the_post_that_the_category_names(house: CaseHouse) -> None:
    case = house.log("huanwei", by="informant")
    assert (case.holder_duty, case.holder_unit) == ("sanitation", house.yard)
    assert case.state == Case.State.FOUND
    assert [step.label for step in steps_for(case, house.user("sanitation"))][0] == "受理"
    assert steps_for(case, house.user("publicist")) == []
    assert Message.objects.get(user=house.user("sanitation")).link == f"/cases/{case.pk}/"


def test_it_falls_back_to_the_cadres_and_then_to_nobody(house: CaseHouse) -> None:
    house.user("sanitation").posts.update(ended_on="2026-02-01")
    assert house.log("huanwei", by="informant").holder_duty == "cadre"
    house.user("cadre").posts.update(ended_on="2026-02-01")
    case = house.log("huanwei", by="informant")
    assert case.holder_name == "尚未分派" and case.climb_at is not None


def test_it_counts_a_case_that_its_writer_keeps_as_accepted(house: CaseHouse) -> None:
    case = house.log(by="cadre")
    assert (case.state, case.assignee) == (Case.State.ACCEPTED, house.user("cadre"))
    assert [step.step for step in case.steps.all()] == [Step.LOG, Step.ACCEPT]


def test_it_runs_from_finding_to_filing(house: CaseHouse) -> None:
    case = house.log(by="informant")
    house.step(case, Step.ACCEPT, at=moment("2026-03-10 10:00"))
    house.step(case, Step.HANDLE, note="已联系电管站", at=moment("2026-03-10 11:00"))
    house.step(case, Step.COORDINATE, note="与供电所商定明天更换", at=moment("2026-03-10 15:00"))
    done = house.step(case, Step.FINISH, result="电线已换", at=moment("2026-03-11 09:00"))
    assert (done.state, done.result, done.near_at, done.climb_at) == (Case.State.DONE, "电线已换", None, None)
    filed = house.step(done, Step.FILE, at=moment("2026-03-12 09:00"))
    assert filed.filed_at == moment("2026-03-12 09:00")
    assert [step.get_step_display() for step in case.steps.all()] == ["发现登记", "受理", "处置", "协调", "办结", "归档"]
    assert [step.by.name for step in case.steps.all() if step.by][1:] == [house.user("cadre").name] * 5


def test_it_never_starts_the_whole_clock_anew_by_handing_on(house: CaseHouse) -> None:
    case = house.log(by="informant")
    whole, step = case.case_due_at, case.step_due_at
    later = house.step(
        case, Step.TRANSFER, target=Holder(user=house.user("secretary")), note="转书记", at=moment("2026-03-11 09:00")
    )
    assert later.case_due_at == whole == moment("2026-03-13 17:30")
    assert step == moment("2026-03-11 17:30") and later.step_due_at == moment("2026-03-12 17:30")


def test_the_list_and_the_todo_say_alike_how_near_the_end_is(house: CaseHouse) -> None:
    """An open case without a clock is not paused, and waits for nobody."""
    case, now = house.log(by="cadre"), moment("2026-03-11 09:00")
    house.step(case, Step.PAUSE, note="等供电所来料", at=now)
    (todo,) = lines_of(KINDS, house.user("cadre"), now)
    assert todo.due == due_of(Case.objects.get(), now) and the(todo.due).words == "已暂停"
    Case.objects.update(step_due_at=None, case_due_at=None, paused_at=None)
    assert lines_of(KINDS, house.user("cadre"), now) == [] and due_of(Case.objects.get(), now) is None


def test_it_stands_still_in_a_pause_and_says_why(house: CaseHouse) -> None:
    case = house.log(by="cadre")
    refused("need", house.step, case, Step.PAUSE, at=moment("2026-03-11 09:00"))
    paused = house.step(case, Step.PAUSE, note="等供电所来料", at=moment("2026-03-11 09:00"))
    assert (paused.climb_at, paused.near_at) == (None, None)
    refused("state", house.step, paused, Step.HANDLE, note="x", at=moment("2026-03-12 09:00"))
    going = house.step(paused, Step.RESUME, at=moment("2026-03-18 09:00"))
    assert going.case_due_at == moment("2026-03-20 17:30"), "two days and a half were left"


def test_it_goes_back_to_whoever_handed_it_on(house: CaseHouse) -> None:
    case = house.log(by="informant")
    house.step(case, Step.ACCEPT)
    house.step(case, Step.TRANSFER, target=Holder(user=house.user("secretary")), note="请书记办")
    back = house.step(case, Step.RETURN, by="secretary", note="不归我办")
    assert (back.assignee, back.state) == (house.user("cadre"), Case.State.FOUND)


def test_it_goes_back_to_the_cadres_where_that_duty_has_ended(house: CaseHouse) -> None:
    case = house.log(by="informant")
    house.step(case, Step.ACCEPT, by="secretary")
    house.user("informant").posts.update(ended_on="2026-02-01")
    back = house.step(case, Step.RETURN, by="secretary", note="不归我办")
    assert (back.assignee, back.holder_duty, back.holder_unit) == (None, "cadre", house.village)


def test_it_hands_a_reopened_errand_over_again(house: CaseHouse) -> None:
    case = house.log("dianfei")
    house.step(case, Step.FINISH, result="已缴", recipient="本人")
    again = house.step(case, Step.REOPEN, note="缴错户号")
    house.step(again, Step.FINISH, result="已改缴")
    refused("need", house.step, again, Step.FILE)


def test_it_hands_on_only_to_those_whose_duty_reaches_the_place(house: CaseHouse) -> None:
    other = make_village(house.township, "马鞍村委会", "511923102202")
    stranger = make_user("fremd", "cadre", other)
    case = house.log(by="cadre")
    for target in (Holder(user=stranger), Holder(user=house.user("overseer")), Holder(duty="cadre", unit=other)):
        refused("holder", house.step, case, Step.TRANSFER, target=target, note="试")
    office = Office.objects.get(code="jianshe")
    assert house.step(case, Step.TRANSFER, target=Holder(office=office), note="请镇上办").office == office


def test_it_reopens_the_same_number_with_fresh_clocks(house: CaseHouse) -> None:
    case = house.log(by="cadre")
    house.step(case, Step.FINISH, result="好了", at=moment("2026-03-10 10:00"))
    house.step(case, Step.FILE, at=moment("2026-03-11 10:00"))
    again = house.step(case, Step.REOPEN, note="又断了", at=moment("2026-04-01 09:00"))
    assert (again.number, again.round, again.state) == (case.number, 2, Case.State.ACCEPTED)
    assert again.round_at == moment("2026-04-01 09:00") and again.finished_at is None and again.filed_at is None


def test_it_refuses_what_a_report_must_not_say(house: CaseHouse) -> None:
    other = make_village(house.township, "马鞍村委会", "511923102202")
    refused("scope", house.log, unit=other)
    refused("place", house.log, unit=house.township, by="staff")
    refused("need", house.log, text="  ")
    refused("date", house.log, found_at=moment("2026-03-10 09:01"))
    refused("need", house.log, "dianfei", phone="12")
    closed = house.category("dianli")
    closed.is_active = False
    closed.save()
    refused("category", house.log)
    refused("scope", house.log, "yinshui", by="overseer")


def test_it_shows_private_cases_to_those_on_them_alone(house: CaseHouse) -> None:
    case = house.log("xinfang", by="informant", private=True)
    seen = {role for role, user in house.cast.items() if Case.objects.visible_to(user).filter(pk=case.pk).exists()}
    assert seen == {"informant", "secretary"}
    house.step(case, Step.ACCEPT, by="secretary")
    house.step(case, Step.TRANSFER, by="secretary", target=Holder(user=house.user("staff")), note="请镇上办")
    assert Case.objects.visible_to(house.user("staff")).filter(pk=case.pk).exists()
    assert Case.objects.visible_to(house.user("secretary")).filter(pk=case.pk).exists(), "who had it still sees it"
    assert not Case.objects.visible_to(house.user("leader")).filter(pk=case.pk).exists()


def test_it_logs_nothing_where_a_part_fails(house: CaseHouse) -> None:
    category = house.category("dianfei")
    with pytest.raises(CaseError):
        case_log(report=Report(category=category, unit=house.yard, text="缴电费"), by=house.user("cadre"), at=MORNING)
    assert not Case.objects.exists()


GUARDED = {
    "first receiver": "UPDATE cases_case SET first_receiver_id = (SELECT max(id) FROM accounts_user)",
    "number": "UPDATE cases_case SET number = 'SJ2026-99999'",
    "whole clock": "UPDATE cases_case SET round_at = '2026-03-12 00:00:00'",
    "back to an earlier round": "UPDATE cases_case SET round = 0",
    "two holders": "UPDATE cases_case SET office_id = (SELECT min(id) FROM cases_office)",
    "change of a step": "UPDATE cases_casestep SET note = 'x'",
    "loss of a step": "DELETE FROM cases_casestep",
    "ended without a time": "UPDATE cases_case SET state = 'done', near_at = NULL, climb_at = NULL",
    "clock after the end": "UPDATE cases_case SET state = 'void'",
    "unknown state": "UPDATE cases_case SET state = 'lost'",
}


@pytest.mark.parametrize("name", GUARDED)
def test_it_is_kept_by_the_database_too(house: CaseHouse, name: str) -> None:
    house.log(by="cadre")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(GUARDED[name])


def test_it_climbs_once_per_level_whatever_writes_it(house: CaseHouse) -> None:
    case = house.log(by="cadre")
    row = {"case": case, "step": "climb", "round": 1, "at": MORNING, "target": "found", "level": "office"}
    CaseStep.objects.create(**row)
    with pytest.raises(DatabaseError), transaction.atomic():
        CaseStep.objects.create(**row)


def test_a_case_is_in_a_village_of_its_township(house: CaseHouse) -> None:
    case = house.log(by="cadre")
    far = make_village(make_township("511923103"), "九龙村委会", "511923103201")
    kept = {field.column for field in Case._meta.concrete_fields if field.column} - {"id", "village_id", "number"}
    columns = ", ".join(sorted(kept))
    statements = (
        f"UPDATE cases_case SET village_id = {far.pk}",
        f"INSERT INTO cases_case (village_id, number, {columns}) SELECT {far.pk}, 'SJ2026-99999', {columns} FROM cases_case",
    )
    for statement in statements:
        with pytest.raises(DatabaseError, match="不在它的乡镇"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    near = make_village(house.township, "马鞍村委会", "511923102202")
    Case.objects.filter(pk=case.pk).update(village=near)
