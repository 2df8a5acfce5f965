"""Days that were met or missed, and a year with moves and late entries, by hand."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from governance.cases.visits.services import VisitReport, visit_log
from tests.builders import make_village, settlement_of
from tests.volunteers.care.house import ENTERED, CareHouse, night, noon
from tests.worlds import module_world
from volunteers.care.climbing import care_night
from volunteers.care.due import CARE_LATE
from volunteers.care.errors import CareError
from volunteers.care.notes import care_contact, care_note_add
from volunteers.care.tiers import next_due
from volunteers.models import CareRecord, CareTurn

pytestmark = pytest.mark.django_db
house = module_world(CareHouse)


def turns(record: CareRecord) -> list[tuple[date, date | None]]:
    return list(record.turns.order_by("due_on").values_list("due_on", "met_on"))


def test_it_meets_the_day_that_waits_and_no_other_by_coming_often(house: CareHouse) -> None:
    record = house.enter(tier="key", on=date(2028, 1, 31))
    for day in (date(2028, 2, 10), date(2028, 2, 12), date(2028, 2, 20), date(2028, 3, 1)):
        house.contact(record, day, kind="phone")
    assert turns(record) == [(date(2028, 2, 29), date(2028, 2, 10)), (date(2028, 3, 20), date(2028, 3, 1))]
    assert (record.last_on, record.due_on) == (date(2028, 3, 1), date(2028, 4, 1))


def test_it_counts_every_interval_that_nobody_came(house: CareHouse) -> None:
    record = house.enter()
    assert care_night(night(date(2026, 3, 9))) == 0
    assert care_night(night(date(2026, 3, 10))) == 1 and care_night(night(date(2026, 3, 10))) == 0
    assert care_night(night(date(2026, 3, 17))) == 1
    house.contact(record, date(2026, 3, 18))
    assert turns(record) == [(date(2026, 3, 9), date(2026, 3, 18)), (date(2026, 3, 16), date(2026, 3, 18))]
    assert record.due_on == date(2026, 3, 25)


def test_it_counts_a_contact_for_its_own_day_however_late_it_is_written_down(house: CareHouse) -> None:
    record, by = house.enter(), house.cast["secretary"]
    care_night(night(date(2026, 3, 12)))
    household = record.resident.household
    report = VisitReport(kind="call", unit=house.yard, household=household, seen="x", went_at=noon(date(2026, 3, 8)))
    visit = visit_log(report=report, by=by, at=noon(date(2026, 3, 12)))
    care_note_add(visit=visit, resident=record.resident, condition="well", by=by, at=noon(date(2026, 3, 12)))
    record.refresh_from_db()
    assert turns(record) == [(date(2026, 3, 9), date(2026, 3, 8))]
    assert (record.last_on, record.due_on) == (date(2026, 3, 8), date(2026, 3, 15))


def test_it_keeps_the_days_of_a_year_with_a_move_and_festivals(house: CareHouse) -> None:
    """High from 25 January 2028: each Tuesday, 春节 (26 January to 1 February) like any other; moved on 6 March."""
    record = house.enter(on=date(2028, 1, 25))
    assert record.due_on == date(2028, 2, 1)
    for day in (date(2028, 2, 1), date(2028, 2, 8), date(2028, 2, 15), date(2028, 2, 22), date(2028, 2, 29)):
        house.contact(record, day)
    other = make_village(house.township, "马鞍村委会", "511923102204")
    record.resident.household.refresh_from_db()
    CareRecord.objects.filter(pk=record.pk).update(level="helper")
    moved = record.resident.household
    moved.village, moved.unit = other, settlement_of(other)
    moved.save()
    record.refresh_from_db()
    assert (record.village, record.due_on) == (other, date(2028, 3, 7))
    days = [turn for turn, met in turns(record) if turn == met]
    assert days == [date(2028, 2, 1), date(2028, 2, 8), date(2028, 2, 15), date(2028, 2, 22), date(2028, 2, 29)]


def test_it_misses_nobody_who_is_late_at_five_past_midnight(house: CareHouse) -> None:
    """Against a plain loop over 40 people with random histories over a leap year."""
    chance, records = random.Random(13), []
    first, tiers = date(2027, 12, 1), {"high": 7, "key": 0, "normal": 0}
    for _ in range(40):
        tier, day = chance.choice(list(tiers)), first + timedelta(days=chance.randrange(60))
        record, contacts = house.enter(tier=tier, on=day), list[date]()
        while len(contacts) < 6:
            day += timedelta(days=chance.randrange(1, 45))
            contacts.append(day)
        records.append((record, contacts))
    events = sorted((day, record.pk) for record, contacts in records for day in contacts)
    looks = [date(2028, 2, 29), date(2028, 3, 1), date(2028, 4, 30), date(2028, 6, 15)]
    by_pk = {record.pk: (record, contacts) for record, contacts in records}
    for day in looks:
        while events and events[0][0] < day:
            on, pk = events.pop(0)
            house.contact(by_pk[pk][0], on)
        care_night(night(day))
        late = set(CARE_LATE.late_rows(night(day)).values_list("pk", flat=True))
        expected, missed_days = set(), 0
        for record, contacts in records:
            if record.entered_on >= day:
                continue
            due = next_due(None, record.entered_on, tiers[record.tier])
            for on in [on for on in contacts if on < day]:
                due = next_due(on, record.entered_on, tiers[record.tier])
            if due < day:
                expected.add(record.pk)
                missed_days += 1
        assert late == expected and expected, day
        assert CareTurn.objects.filter(met_on=None).values("record").distinct().count() == missed_days


def test_it_climbs_after_two_and_five_days_once(house: CareHouse) -> None:
    house.enter()
    child = house.enter("liushou", tier="high")
    for day in range(10, 17):
        care_night(night(date(2026, 3, day)))
        care_night(night(date(2026, 3, day)))
    assert set(CareRecord.objects.values_list("level", flat=True)) == {"township"}
    texts = {role: list(user.messages.values_list("text", flat=True)) for role, user in house.cast.items() if user.messages.exists()}
    assert texts["cadre"] == ["1 名关爱对象超过 2 天未探访，请今天安排"] == texts["child_head"]
    assert len(texts["secretary"]) == 2 and texts["child_town"] == ["1 名关爱对象超过 5 天未探访，请今天安排"]
    assert set(texts) == {"cadre", "child_head", "secretary", "child_town", "staff"}
    house.contact(child, date(2026, 3, 16))
    assert child.level == "helper"


def test_it_lets_a_helper_say_that_somebody_was_reached_once_under_a_key(house: CareHouse) -> None:
    volunteer, key = house.cast["volunteer"], uuid4()
    record = house.enter(helper=volunteer)
    said: dict[str, Any] = {"record": record, "kind": "phone", "by": volunteer, "at": noon(ENTERED + timedelta(days=3)), "key": key}
    note = care_contact(condition="well", **said)
    assert care_contact(condition="well", **said) == note and note.visit.get_kind_display() == "电话（视频）联系"
    with pytest.raises(CareError, match="范围"):
        care_contact(record=house.enter(), kind="phone", condition="well", by=volunteer)
    with pytest.raises(CareError, match="范围"):
        care_contact(record=house.enter("kunjing"), kind="phone", condition="well", by=house.cast["cadre"])
    child = house.enter("kunjing", on=ENTERED)
    assert house.contact(child, ENTERED, by="child_head", condition="needs", need="缺书本").need == "缺书本"
