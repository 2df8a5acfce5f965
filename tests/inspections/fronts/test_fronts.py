"""门前三包: plates, signatures, patrols, reminders, re-checks by another person (plan §三.1–2; mission M17)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction

from governance.accounts.duties import Duty
from governance.frame.due import lines_of
from inspections.errors import InspectionError
from inspections.fronts.due import KINDS
from inspections.fronts.services import (
    fault_words,
    front_end,
    front_patrol,
    front_recheck,
    front_register,
    front_sign,
    fronts_register,
)
from inspections.models import Front, FrontPatrol
from tests.builders import end_household, make_household, make_resident, make_user
from tests.inspections.fronts.house import WEDNESDAY, FrontHouse
from tests.inspections.house import moment
from tests.trial import run_in_trial_mode
from villages.models import Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> FrontHouse:
    return FrontHouse()


def refused(call: Any, **arguments: Any) -> InspectionError:
    with pytest.raises(InspectionError) as caught:
        call(**arguments)
    return caught.value


def test_it_numbers_plates_by_village(house: FrontHouse) -> None:
    plates = [house.shop(name=f"店{number}").plate_number for number in range(2)]
    assert plates == ["八一-001", "八一-002"]
    front_end(front=Front.objects.get(plate_number="八一-002"), on=date(2026, 4, 8), by=house.cast["cadre"], at=WEDNESDAY)
    assert house.shop(name="店3").plate_number == "八一-003"
    elsewhere = house.shop("staff", unit=house.other, name="马鞍小卖部")
    assert (elsewhere.plate_number, elsewhere.village) == ("马鞍-001", house.other)
    Front.objects.filter(plate_number="八一-003").update(plate_number="八一-0120")
    assert house.shop(name="店4").plate_number == "八一-121"


def test_it_takes_a_household_from_the_roster(house: FrontHouse) -> None:
    front = house.home()
    assert (front.name, front.person, front.unit, front.place) == ("王小明", "王小明", house.yard, "柏树院")
    assert "已登记过" in refused(house.home).message
    front_end(front=front, on=date(2026, 4, 8), by=house.cast["cadre"], at=WEDNESDAY)
    assert house.home().pk != front.pk
    run_by_home = house.shop(household=house.household, name="王家面馆", person="王小红")
    assert (run_by_home.name, run_by_home.person, run_by_home.place) == ("王家面馆", "王小红", "兴隆街9号")


def test_it_refuses_what_it_cannot_register(house: FrontHouse) -> None:
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"kind": "household"}, "need", "住户须从名册里选"),
        ({"unit": house.township}, "place", "本村"),
        ({"unit": house.other}, "scope", "不在您可以登记"),
        ({"name": " "}, "invalid", "店名"),
        ({"person": ""}, "invalid", "责任人"),
        ({"place": ""}, "invalid", "位置"),
        ({"signed_on": date(2026, 4, 9)}, "date", "签订日期不能晚于今天"),
        ({"household": make_household(house.other)}, "place", "在册的住户"),
    ]
    for fields, code, words in cases:
        error = refused(house.shop, **fields)
        assert error.code == code and words in error.message, fields
    end_household(house.household.pk, date(2026, 4, 1))
    house.household.refresh_from_db()
    assert refused(house.home).code == "place"
    assert refused(house.shop, by="sanitation").code == "scope"
    assert not Front.objects.exists()


def test_it_registers_all_or_none(house: FrontHouse) -> None:
    details = [house.details(), house.details(name="")]
    assert refused(fronts_register, details=details, by=house.cast["cadre"]).code == "invalid"
    assert not Front.objects.exists()


def test_it_signs_and_ends(house: FrontHouse) -> None:
    cadre, front = house.cast["cadre"], house.shop()
    assert front_sign(front=front, on=date(2026, 4, 8), by=cadre, at=WEDNESDAY).signed_on == date(2026, 4, 8)
    for call, on, by, code in (
        (front_sign, date(2026, 4, 9), cadre, "date"),
        (front_end, date(2026, 4, 9), cadre, "date"),
        (front_end, date(2026, 4, 7), cadre, "date"),
        (front_sign, date(2026, 4, 8), house.cast["sanitation"], "scope"),
    ):
        assert refused(call, front=front, on=on, by=by, at=WEDNESDAY).code == code
    front_end(front=front, on=date(2026, 4, 8), by=cadre, at=WEDNESDAY)
    assert refused(front_sign, front=front, on=date(2026, 4, 8), by=cadre, at=WEDNESDAY).code == "state"
    assert refused(house.patrol, front=front).code == "state"


def test_it_rates_a_patrol_by_the_card(house: FrontHouse) -> None:
    """包卫生 40: 2 × 5 and 1 × 10 off; 包秩序 30 has no more to lose than its 30."""
    patrol = house.patrol(house.shop(), 门前有垃圾=2, 污水乱泼=1, 占道经营=9)
    assert (patrol.score, patrol.state) == (Decimal(50), "reminded")
    assert fault_words([patrol])[patrol.pk] == ["包卫生：门前有垃圾 2 处", "包卫生：污水乱泼 1 处", "包秩序：占道经营 9 处"]
    fine = house.patrol(house.shop(name="花店"))
    assert (fine.score, fine.state, fine.due_on, fine.faults) == (Decimal(100), "fine", None, {})


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-04-08 10:00", "2026-04-13"),
        ("2026-04-08 23:59", "2026-04-13"),
        ("2026-04-09 00:00", "2026-04-14"),
        ("2026-04-29 10:00", "2026-05-07"),
    ],
)
def test_it_gives_three_working_days(house: FrontHouse, at: str, due: str) -> None:
    """Shanghai midnight, a weekend, 劳动节 1–5 May 2026."""
    assert house.patrol(house.shop(), at=moment(at), 门前有垃圾=1).due_on == date.fromisoformat(due)


def test_it_refuses_patrols_that_are_not_to_be(house: FrontHouse) -> None:
    front = house.shop()
    with pytest.raises(InspectionError, match="对不上"):
        front_patrol(front=front, faults={house.item("门前有垃圾"): 100}, by=house.cast["sanitation"], at=WEDNESDAY)
    with pytest.raises(InspectionError, match="对不上"):
        front_patrol(front=front, faults={0: 1}, by=house.cast["sanitation"], at=WEDNESDAY)
    assert refused(house.patrol, front=front, by="leader").code == "scope"
    assert refused(house.patrol, front=house.shop("staff", unit=house.other)).code == "scope"
    house.patrol(front, 门前有垃圾=1)
    assert refused(house.patrol, front=front, by="cadre").message == "上一次巡查还没有复查，请先复查。"
    early = moment("2025-12-31 10:00")
    assert refused(house.patrol, front=house.shop(name="花店"), at=early).code == "card"


def test_it_keeps_the_second_tap_of_a_day_as_the_first(house: FrontHouse) -> None:
    front = house.shop()
    first = house.patrol(front)
    assert house.patrol(front, at=moment("2026-04-08 23:59")) == first
    assert house.patrol(front, by="cadre") != first
    assert house.patrol(front, at=moment("2026-04-09 00:00")) != first
    assert house.patrol(front, at=moment("2026-04-09 09:00"), 乱堆乱挂=1).state == "reminded"


def test_it_is_rechecked_by_another(house: FrontHouse) -> None:
    front = house.shop()
    patrol = house.patrol(front, 门前有垃圾=1)
    error = refused(front_recheck, patrol=patrol, passed=True, by=house.cast["sanitation"])
    assert error.code == "another" and error.message == "这次巡查是您做的，复查要由另一名巡查人办理。"
    assert refused(front_recheck, patrol=patrol, passed=False, by=house.cast["cadre"]).code == "need"
    assert refused(front_recheck, patrol=patrol, passed=True, by=house.cast["leader"]).code == "scope"
    done = front_recheck(patrol=patrol, passed=True, note="已清扫", by=house.cast["cadre"], at=moment("2026-04-13 09:00"))
    assert (done.state, done.rechecked_by, done.recheck_note) == ("fixed", house.cast["cadre"], "已清扫")
    assert refused(front_recheck, patrol=patrol, passed=True, by=house.cast["staff"]).code == "state"


def test_it_begins_anew_after_a_failed_recheck(house: FrontHouse) -> None:
    front = house.shop()
    first = house.patrol(front, 门前有垃圾=1)
    again = front_recheck(patrol=first, passed=False, note="垃圾还在", by=house.cast["cadre"], at=moment("2026-04-13 09:00"))
    assert (again.state, again.due_on) == ("again", date(2026, 4, 13))
    second = house.patrol(front, at=moment("2026-04-14 09:00"), 门前有垃圾=1)
    assert second.due_on == date(2026, 4, 17)
    assert [patrol.pk for patrol in FrontPatrol.objects.last_of_fronts()] == [second.pk]


def own_home(house: FrontHouse, role: str) -> None:
    """The role's post is held by somebody of the household."""
    resident = make_resident(house.household, "王二")
    Post.objects.filter(user=house.cast[role]).update(resident=resident)


def test_it_keeps_the_own_people_away(house: FrontHouse) -> None:
    front = house.home()
    own_home(house, "sanitation")
    assert refused(house.patrol, front=front).code == "kin"
    patrol = house.patrol(front, by="cadre", 门前有垃圾=1)
    assert refused(front_recheck, patrol=patrol, passed=True, by=house.cast["sanitation"]).code == "kin"
    named = house.shop(name="甲店", person=house.cast["cadre"].name)
    assert refused(house.patrol, front=named, by="cadre").code == "kin"
    house.cast["cadre"].phone = "15400000099"
    phoned = house.shop(name="乙店", phone="15400000099")
    assert refused(house.patrol, front=phoned, by="cadre").code == "kin"
    assert house.patrol(phoned).state == "fine"


STATEMENTS = {
    "re-checked by the patroller": "UPDATE inspections_frontpatrol SET state = 'fixed', rechecked_by_id = by_id, rechecked_at = at "
    "WHERE state = 'reminded'",
    "re-checked by kin": "UPDATE inspections_frontpatrol SET state = 'fixed', rechecked_at = at, rechecked_by_id = {kin} "
    "WHERE state = 'reminded'",
    "patrolled by kin": "INSERT INTO inspections_frontpatrol (front_id, checklist_id, faults, score, note, state, by_id, at, recheck_note) "
    "SELECT front_id, checklist_id, '{{}}', 100, '', 'fine', {kin}, at, '' FROM inspections_frontpatrol WHERE state = 'reminded'",
    "born re-checked by the patroller": "INSERT INTO inspections_frontpatrol (front_id, checklist_id, faults, score, note, state, "
    "due_on, by_id, at, rechecked_by_id, rechecked_at, recheck_note) SELECT front_id, checklist_id, '{{}}', 100, '', 'fixed', due_on, "
    "by_id, at, by_id, at, '' FROM inspections_frontpatrol WHERE state = 'reminded'",
    "another patroller": "UPDATE inspections_frontpatrol SET by_id = {other} WHERE state = 'reminded'",
    "another patroller at the re-check": "UPDATE inspections_frontpatrol SET state = 'fixed', rechecked_by_id = by_id, by_id = {other}, "
    "rechecked_at = at WHERE state = 'reminded'",
    "another score": "UPDATE inspections_frontpatrol SET score = 100 WHERE state = 'reminded'",
    "no faults": "UPDATE inspections_frontpatrol SET faults = '{{}}' WHERE state = 'reminded'",
    "called fine": "UPDATE inspections_frontpatrol SET state = 'fine', due_on = NULL WHERE state = 'reminded'",
    "reopened": "UPDATE inspections_frontpatrol SET state = 'reminded', rechecked_by_id = NULL, rechecked_at = NULL "
    "WHERE state = 'fixed'",
    "re-checked again": "UPDATE inspections_frontpatrol SET state = 'again' WHERE state = 'fixed'",
    "deleted": "DELETE FROM inspections_frontpatrol WHERE state = 'fixed'",
    "a second open one": "INSERT INTO inspections_frontpatrol (front_id, checklist_id, faults, score, note, state, due_on, by_id, at, "
    "recheck_note) SELECT front_id, checklist_id, '{{}}', 100, '', 'reminded', due_on, by_id, at, '' FROM inspections_frontpatrol "
    "WHERE state = 'reminded'",
    "a plate twice": "UPDATE inspections_front SET plate_number = '八一-001'",
    "a household twice": "UPDATE inspections_front SET household_id = {household}, kind = 'household'",
}


def guarded() -> dict[str, str]:
    """The statements that must not pass, over one open patrol of a household's front and one that is closed."""
    house = FrontHouse()
    front, shop = house.home(), house.shop()
    front_recheck(patrol=house.patrol(shop, 门前有垃圾=1), passed=True, by=house.cast["cadre"], at=WEDNESDAY)
    house.patrol(front, 门前有垃圾=1)
    own_home(house, "informant")
    values = {"kin": house.cast["informant"].pk, "other": house.cast["cadre"].pk, "household": house.household.pk}
    return {name: statement.format(**values) for name, statement in STATEMENTS.items()}


def passed_by() -> list[str]:
    """The statements that the database let pass; none of them should."""
    return [name for name, statement in guarded().items() if _passes(statement)]


def _passes(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            assert cursor.rowcount > 0, statement
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True


def test_it_is_kept_by_the_database() -> None:
    assert passed_by() == []


def test_it_lets_what_is_right_pass(house: FrontHouse) -> None:
    """The statements above fail by their guard, not by their wording: another's re-check passes."""
    house.patrol(house.shop(), 门前有垃圾=1)
    right = STATEMENTS["re-checked by kin"].format(kin=house.cast["cadre"].pk)
    assert _passes(right)


def test_it_is_kept_in_trial_mode_too(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.inspections.fronts.test_fronts:passed_by", tmp_path) == []


def test_it_lets_kin_of_later_days_stand_in_the_past(house: FrontHouse) -> None:
    """The patroller moves in afterwards; the re-check by another still goes through."""
    patrol = house.patrol(house.home(), 门前有垃圾=1)
    own_home(house, "sanitation")
    assert front_recheck(patrol=patrol, passed=True, by=house.cast["cadre"], at=WEDNESDAY).state == "fixed"


@pytest.mark.django_db(transaction=True)
def test_it_gives_no_number_twice_to_two_at_once() -> None:
    house = FrontHouse()
    barrier = Barrier(2)

    def register(name: str) -> str:
        try:
            barrier.wait()
            return front_register(details=house.details(name=name), by=house.cast["cadre"]).plate_number
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(register, ["甲店", "乙店"])) == ["八一-001", "八一-002"]


@pytest.mark.django_db(transaction=True)
def test_it_rechecks_once_when_two_come_at_once() -> None:
    house = FrontHouse()
    patrol = house.patrol(house.shop(), 门前有垃圾=1)
    barrier = Barrier(2)

    def recheck(role: str) -> str:
        try:
            barrier.wait()
            return front_recheck(patrol=patrol, passed=True, by=house.cast[role]).state
        except InspectionError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(recheck, ["cadre", "staff"])) == ["fixed", "state"]


def test_it_asks_others_for_the_recheck_on_its_day(house: FrontHouse) -> None:
    front = house.home()
    own_home(house, "informant")
    house.patrol(front, 门前有垃圾=1)

    def asked(role: str, at: str) -> list[str]:
        user = house.cast[role]
        with time_machine.travel(moment(at), tick=False):
            return [todo.title for todo in lines_of(KINDS, user, moment(at))]

    title = "门前三包复查：王小明"
    assert asked("cadre", "2026-04-12 23:59") == []
    assert asked("cadre", "2026-04-13 00:00") == [title]
    for role, found in (("sanitation", []), ("informant", []), ("leader", []), ("yard_head", [title]), ("staff", [title])):
        assert asked(role, "2026-04-20 09:00") == found, role
    stranger = make_user("马鞍", Duty.CADRE, house.other)
    house.cast["stranger"] = stranger
    assert asked("stranger", "2026-04-20 09:00") == []


def test_it_tells_the_village_what_still_fails(house: FrontHouse) -> None:
    front = house.shop()
    patrol = house.patrol(front, 门前有垃圾=1)
    front_recheck(patrol=patrol, passed=False, note="垃圾还在", by=house.cast["yard_head"], at=moment("2026-04-13 09:00"))
    now = moment("2026-04-14 09:00")
    for role, count in (("cadre", 1), ("staff", 1), ("sanitation", 0), ("overseer", 0)):
        assert len(lines_of(KINDS, house.cast[role], now)) == count, role
    (todo,) = lines_of(KINDS, house.cast["cadre"], now)
    assert todo.title == "门前三包仍不合格：便民超市" and "垃圾还在" in todo.words and todo.link == f"/fronts/{front.pk}/"
    house.patrol(front, at=now)
    assert lines_of(KINDS, house.cast["cadre"], now) == []


def test_it_refuses_a_household_front_without_household(house: FrontHouse) -> None:
    front = house.shop()
    with pytest.raises(IntegrityError, match="front_household_is_known"), transaction.atomic():
        Front.objects.filter(pk=front.pk).update(kind="household")
