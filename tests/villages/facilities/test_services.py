"""A place is entered, looked at, mended by its case or by a check, put right and ended; the databases hold it so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from governance.accounts.models import User
from governance.cases.models import Case, Category
from governance.frame.due import DueKind
from governance.guards import refused_by
from tests.cases.house import moment
from tests.villages.facilities.house import TODAY, FacilityHouse
from tests.worlds import module_world
from villages.facilities import guards
from villages.facilities.due import KINDS
from villages.facilities.kinds import kinds
from villages.facilities.models import Facility, FacilityCheck, FacilityFault
from villages.facilities.services import (
    FacilityError,
    case_settled,
    check_correct,
    facility_add,
    facility_change,
    facility_check,
    facility_end,
)
from villages.units.services import NewUnit, units_merge

pytestmark = pytest.mark.django_db
house = module_world(FacilityHouse)


@pytest.fixture(autouse=True)
def march() -> Any:
    with time_machine.travel(moment("2026-03-10 10:00"), tick=False):
        yield


def end(house: FacilityHouse, facility: Facility) -> Facility:
    return facility_end(facility=facility, on=TODAY, reason="拆除", by=house.cast["secretary"])


def test_a_village_enters_its_own_and_says_what_can_be(house: FacilityHouse) -> None:
    place = house.place()
    assert (place.village, place.state, place.check_due_on) == (house.village, "working", date(2026, 6, 10))
    for said, words in (
        ({"unit": house.other}, "您不能登记"), ({"kind": "x"}, "请选类型"), ({"since": TODAY + timedelta(days=1)}, "晚于今天"),
        ({"served": 3}, "不填户数"), ({}, "同类同名"), ({"name": "乙", "latitude": Decimal(30), "longitude": Decimal(10)}, "中国境内"),
        ({"name": "乙", "latitude": Decimal(30)}, "一起填"), ({"kind": "fensan", "served": 3, "connected": 4}, "不能多于服务户数"),
    ):  # fmt: skip
        with pytest.raises(FacilityError, match=words):
            house.place(**said)
    with pytest.raises(FacilityError, match="类型和村"):
        facility_change(facility=place, place=house.said(kind="cunshi"), by=house.cast["cadre"])
    assert facility_change(facility=place, place=house.said(hours="全天"), by=house.cast["cadre"]).hours == "全天"
    assert house.place(unit=house.yard, name="院坝").village == house.village
    with pytest.raises(FacilityError, match="您不能登记"):
        facility_add(place=house.said(name="丙"), by=house.cast["yard_head"])


def test_a_broken_place_becomes_one_case_and_is_mended_with_it(house: FacilityHouse) -> None:
    place = house.broken(kind="laji", unit=house.yard)
    case, fault = Case.objects.get(), FacilityFault.objects.get()
    assert (case.category.code, case.unit, "灯不亮" in case.text) == ("huanwei", house.yard, True)
    assert (fault.case_row, fault.case_number, fault.due_on) == (case.pk, case.number, date(2026, 3, 11))
    house.check(place, "broken", "还是不亮")
    assert (Case.objects.count(), FacilityFault.objects.count()) == (1, 1)
    with time_machine.travel(moment("2026-03-12 09:00"), tick=False):
        house.step(case, "accept", by="staff")
        house.step(case, "handle", by="staff", note="在换")
        house.step(case, "finish", by="staff", result="换了灯")
    place.refresh_from_db()
    fault.refresh_from_db()
    assert (place.state, fault.mended_on, fault.mended_how) == ("working", date(2026, 3, 12), "case")


def test_a_check_mends_and_without_a_category_there_is_a_fault_alone(house: FacilityHouse) -> None:
    Category.objects.filter(code="qita").update(is_active=False)
    place, fault = house.broken(), FacilityFault.objects.get()
    assert (place.state, fault.case_row, fault.due_on) == ("broken", None, date(2026, 3, 24))
    house.check(place)
    place.refresh_from_db()
    fault.refresh_from_db()
    assert (place.state, fault.mended_how, place.check_due_on) == ("working", "check", date(2026, 6, 10))
    house.check(place, "closed", "冬季不开")
    place.refresh_from_db()
    assert (place.state, place.check_due_on) == ("closed", None)


def test_a_wrong_check_is_put_right_and_stays_to_be_read(house: FacilityHouse) -> None:
    place = house.broken()
    wrong = FacilityCheck.objects.get()
    right = check_correct(check=wrong, on=TODAY, outcome="fine", note="", by=house.cast["cadre"])
    place.refresh_from_db()
    assert (place.state, FacilityFault.objects.get().mended_how, right.corrects) == ("working", "righted", wrong)
    with pytest.raises(FacilityError, match="已经更正过"):
        check_correct(check=wrong, on=TODAY, outcome="fine", note="", by=house.cast["cadre"])
    house.check(place, on=date(2026, 3, 1))
    place.refresh_from_db()
    assert place.checked_on == TODAY


def test_words_put_right_of_what_was_mended_break_nothing_anew(house: FacilityHouse) -> None:
    place, check, case = house.broken(), FacilityCheck.objects.get(), Case.objects.get()
    case_settled(case_row=case.pk, on=TODAY, by=None)
    check_correct(check=check, on=TODAY, outcome="broken", note="是开关坏了", by=house.cast["cadre"])
    place.refresh_from_db()
    assert (place.state, FacilityFault.objects.count()) == ("working", 1)


def test_what_was_seen_before_it_was_mended_breaks_nothing_anew(house: FacilityHouse) -> None:
    place = house.broken()
    with time_machine.travel(moment("2026-03-13 09:00"), tick=False):
        house.check(place, "broken", "还是坏的", on=date(2026, 3, 11))
        case_settled(case_row=FacilityFault.objects.get().case_row or 0, on=date(2026, 3, 12), by=None)
        house.check(place, on=date(2026, 3, 9))
    place.refresh_from_db()
    assert (place.state, FacilityFault.objects.count(), Case.objects.count()) == ("working", 1, 1)


def test_what_was_put_right_to_another_fault_is_mended_by_a_check(house: FacilityHouse) -> None:
    place = house.broken()
    check_correct(check=FacilityCheck.objects.get(), on=TODAY, outcome="broken", note="灯罩坏了", by=house.cast["cadre"])
    house.check(place)
    assert FacilityFault.objects.get().mended_how == "check" and FacilityFault.objects.get().is_mended


def test_places_go_where_their_village_goes(house: FacilityHouse) -> None:
    own, camera = house.place(), house.place(kind="tianwang", name="路口", unit=house.yard)
    other = facility_add(place=house.said(unit=house.other), by=house.cast["staff"])
    into = NewUnit("兴隆村委会", "511923102210")
    village = units_merge(sources=[house.village, house.other], into=into, on=TODAY, by=house.cast["staff"])
    for place in (own, camera, other):
        place.refresh_from_db()
    assert {place.village for place in (own, camera, other)} == {village}
    assert (own.unit, camera.unit.level, camera.unit == house.yard) == (village, "settlement", False)
    assert (own.name, other.name) == ("村文化广场", "马鞍村村文化广场") and other.history.first().history_user == house.cast["staff"]
    facility_check(facility=camera, on=TODAY, outcome="broken", note="没有画面", by=house.cast["staff"])
    assert Case.objects.get().unit == camera.unit


def test_who_may_check_and_when(house: FacilityHouse) -> None:
    place = house.place(unit=house.yard)
    assert house.check(place, by="yard_head").outcome == "fine"
    for outcome, note, on, by, words in (
        ("broken", " ", TODAY, "cadre", "哪里坏了"), ("fine", "", TODAY + timedelta(days=1), "cadre", "到今天"),
        ("fine", "", date(2024, 12, 31), "cadre", "2025-01-01"), ("fine", "", TODAY, "overseer", "不归您"),
    ):  # fmt: skip
        with pytest.raises(FacilityError, match=words):
            house.check(place, outcome, note, on, by)
    with pytest.raises(FacilityError, match="不归您"):
        house.check(house.place(name="村的"), by="yard_head")
    end(house, place)
    with pytest.raises(FacilityError, match="已撤销"):
        house.check(place)


def test_an_end_closes_its_fault_and_waits_for_nothing(house: FacilityHouse) -> None:
    place = end(house, house.broken())
    assert (place.state, place.check_due_on, FacilityFault.objects.get().mended_how) == ("ended", None, "ended")
    assert house.place().pk != place.pk
    with pytest.raises(FacilityError, match="撤销日期"):
        facility_end(facility=house.broken(name="乙"), on=date(2026, 3, 9), reason="拆除", by=house.cast["cadre"])


def test_what_waits_and_what_is_late(house: FacilityHouse) -> None:
    house.broken(name="坏的")
    Facility.objects.update(check_due_on=date(2026, 3, 17))
    checks, faults = KINDS

    def held(kind: DueKind, day: str, duty: str) -> int:
        return kind.held_by(User.objects.get(pk=house.cast[duty].pk), moment(f"{day} 09:00")).count()

    assert [held(checks, "2026-03-09", "cadre"), held(checks, "2026-03-10", "cadre"), held(checks, "2026-03-10", "staff")] == [0, 1, 0]
    assert not checks.late_rows(moment("2026-03-17 23:00")) and checks.late_rows(moment("2026-03-18 00:00"))
    due = FacilityFault.objects.get().due_on
    assert [held(faults, str(due), "cadre"), held(faults, str(due + timedelta(days=1)), "cadre")] == [0, 1]


def test_kinds_of_the_house(house: FacilityHouse) -> None:
    """Every category exists; a camera is never public; an overflow is cleared in one working day."""
    codes = {house.category(kind.category).code for kind in kinds().values()}
    assert codes == {kind.category for kind in kinds().values()}
    assert not any(kind.is_public for kind in kinds().values() if kind.group == "监控点位")
    assert (kinds()["laji"].mend, kinds()["laji"].in_workdays) == (1, True)


Try = tuple[str, Callable[[FacilityHouse], Any]]
TRIES: dict[str, Try] = {
    "ended → working": (guards.OVER, lambda h: _of(end(h, h.place())).update(state="working", ended_on=None, end_reason="")),
    "renamed when ended": (guards.OVER, lambda h: _of(end(h, h.place())).update(name="x")),
    "deleted when ended": (guards.OVER, lambda h: end(h, h.place()).delete()),
    "working while broken": (guards.OPEN, lambda h: _of(h.broken()).update(state="working")),
    "checked when ended": (guards.NOT_CHECKED, lambda h: _checked(h, end(h, h.place()))),
    "check changed": (guards.CHECK_STANDS, lambda h: (h.check(h.place()), FacilityCheck.objects.update(note="x"))),
    "check gone": (guards.CHECK_STANDS, lambda h: _gone(h)),
    "corrects another's": (guards.RIGHT_PLACE, lambda h: _checked(h, h.place(), corrects=h.check(h.place(name="乙")))),
    "fault of a fine check": (guards.FOUND, lambda h: _fault(h, h.place(), "fine")),
    "two faults": ("facility_one_open_fault", lambda h: _fault(h, h.broken(), "broken")),
    "loses its case": (guards.FAULT_STANDS, lambda h: (h.broken(), FacilityFault.objects.update(case_row=None, case_number=""))),
    "mended no more": (guards.FAULT_STANDS, lambda h: (end(h, h.broken()), FacilityFault.objects.update(mended_on=None, mended_how=""))),
    "fault gone": (guards.FAULT_STANDS, lambda h: (h.broken(), FacilityFault.objects.all().delete())),
    "ended for nothing": ("facility_ended_with_reason", lambda h: _of(h.place()).update(state="ended", ended_on=TODAY, check_due_on=None)),
    "abroad": ("facility_lies_in_china", lambda h: _of(h.place()).update(latitude=30, longitude=10)),
    "half a point": ("facility_lies_in_china", lambda h: _of(h.place()).update(latitude=30)),
    "more connected": ("facility_connected_are_served", lambda h: _of(h.place(kind="fensan")).update(served=1, connected=2)),
    "connected to nothing": ("facility_connected_are_served", lambda h: _of(h.place(kind="fensan")).update(connected=2)),
    "twice the name": ("facility_name_once", lambda h: (h.place(), _of(h.place(name="乙")).update(name="村文化广场"))),
    "broken without words": ("facility_check_says_what", lambda h: _checked(h, h.place(), outcome="broken")),
    "mended on no day": ("facility_fault_mended_somehow", lambda h: (h.broken(), FacilityFault.objects.update(mended_how="case"))),
    "mended before": ("facility_fault_mended_somehow", lambda h: _mended_before(h)),
}


def _of(facility: Facility) -> Any:
    return Facility.objects.filter(pk=facility.pk)


def _checked(house: FacilityHouse, facility: Facility, outcome: str = "fine", **fields: Any) -> FacilityCheck:
    said = {"facility": facility, "on": TODAY, "outcome": outcome, "by": house.cast["cadre"], "at": moment("2026-03-10 09:00")}
    return FacilityCheck.objects.bulk_create([FacilityCheck(**said, **fields)])[0]


def _fault(house: FacilityHouse, facility: Facility, outcome: str) -> Any:
    check = _checked(house, facility, outcome, note="x")
    return FacilityFault.objects.create(facility=facility, found_by=check, found_on=TODAY, due_on=TODAY)


def _mended_before(house: FacilityHouse) -> Any:
    house.broken()
    return FacilityFault.objects.update(mended_on=date(2026, 1, 1), mended_how="case")


def _gone(house: FacilityHouse) -> Any:
    house.check(house.place())
    return FacilityCheck.objects.all()._raw_delete("default")


@pytest.mark.parametrize("what", sorted(TRIES))
def test_the_database_refuses(house: FacilityHouse, what: str) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        TRIES[what][1](house)
    assert refused_by(error.value) == TRIES[what][0]
