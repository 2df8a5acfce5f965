"""Who may do what: state, age, consent, Party membership, skill; and stars by hours."""

from __future__ import annotations

from datetime import date

import pytest

from tests.volunteers.people.house import PeopleHouse
from volunteers.models import Project, Volunteer
from volunteers.people.fitness import may_do
from volunteers.people.stars import USUAL_HOURS, hours_text, stars_of

DAY = date(2026, 6, 1)
CONSENT = {"guardian": "李和", "guardian_consented_on": date(2026, 1, 1)}


@pytest.mark.parametrize(
    ("adult_on", "fields", "project", "reason"),
    [
        (None, {}, {}, ""),
        (date(2026, 6, 1), {}, {"doer": "adult"}, ""),
        (date(2026, 6, 2), CONSENT, {"doer": "adult"}, "成年"),
        (None, {}, {"doer": "adult"}, "出生日期"),
        (date(2026, 6, 2), {}, {}, "监护人"),
        (date(2026, 6, 2), {**CONSENT, "guardian_consented_on": date(2026, 6, 2)}, {}, "监护人"),
        (date(2028, 6, 1), CONSENT, {"dangers": "不下水", "is_emergency": True}, ""),
        (date(2028, 6, 2), CONSENT, {"dangers": "不下水"}, "未满十六周岁"),
        (date(2028, 6, 2), CONSENT, {"is_emergency": True}, "未满十六周岁"),
        (date(2028, 6, 2), CONSENT, {"is_emergency": True, "minimum": 2}, ""),
        (date(2028, 6, 2), CONSENT, {}, ""),
        (None, {}, {"doer": "party"}, "党员"),
        (None, {"is_party_member": True}, {"doer": "party"}, ""),
        (None, {"state": "paused"}, {}, "暂停"),
        (None, {"state": "applied"}, {}, "申请"),
    ],
)
def test_who_may_do_what(adult_on: date | None, fields: dict[str, object], project: dict[str, object], reason: str) -> None:
    volunteer = Volunteer(**{"adult_on": adult_on, "state": "active", **fields})
    found = may_do(volunteer, Project(**project), DAY)
    assert reason in found and bool(found) == bool(reason)


@pytest.mark.django_db
def test_a_skill_is_one_that_they_have_written_down() -> None:
    house = PeopleHouse()
    barber = Project.objects.get(township=house.township, code="lifa")
    assert "专长" in may_do(house.admitted(), barber, DAY)
    assert may_do(house.admitted("李和", projects=[barber]), barber, DAY) == ""


@pytest.mark.parametrize(("hours", "stars"), [(99, 0), (100, 1), (299, 1), (300, 2), (600, 3), (1000, 4), (1499, 4), (1500, 5), (9000, 5)])
def test_stars_by_hours(hours: int, stars: int) -> None:
    rules = list(enumerate(USUAL_HOURS, 1))
    assert stars_of(hours * 60, rules) == stars and stars_of(hours * 60, []) == 0


def test_hours_in_words() -> None:
    assert [hours_text(minutes) for minutes in (0, 45, 60, 90, -120)] == ["0分", "45分", "1小时", "1小时30分", "−2小时"]
