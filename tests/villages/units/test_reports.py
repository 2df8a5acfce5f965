from __future__ import annotations

from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.accounts.models import User
from tests.builders import make_household, make_resident, make_township, make_user, make_village, settlement_of
from villages.models import Unit
from villages.units.reports import Basis, village_report
from villages.units.services import NewUnit, Part, unit_split, units_merge

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 1)
BEFORE = ON - timedelta(days=1)


@pytest.fixture
def township() -> Unit:
    return make_township()


@pytest.fixture
def staff(township: Unit) -> User:
    return make_user("staff", "staff", township)


def lines(user: User, day: date, basis: str = Basis.AS_WAS) -> dict[str, tuple[int, int]]:
    return {str(line.village): (line.households, line.people) for line in village_report(user, day, basis)}


def populate(township: Unit) -> list[Unit]:
    villages = [make_village(township), make_village(township, "马鞍村委会", "511923102202")]
    for village, homes in zip(villages, (2, 1), strict=True):
        for _ in range(homes):
            household = make_household(village)
            make_resident(household)
            make_resident(household, "王大明", status="died", status_on=date(2026, 2, 1))
            make_resident(household, "王小小", birth_date=date(2026, 2, 10))
    return villages


def test_it_reports_before_after_and_restated(township: Unit, staff: User) -> None:
    villages = populate(township)
    units_merge(sources=villages, into=NewUnit("兴隆村委会", "511923102210"), on=ON, by=staff)

    assert lines(staff, BEFORE) == {"八一村": (2, 4), "马鞍村": (1, 2)}
    assert lines(staff, ON) == {"兴隆村": (3, 6)}
    assert lines(staff, BEFORE, Basis.RESTATED) == {"兴隆村": (3, 6)}
    assert lines(staff, date(2020, 1, 1)) == {}


def test_it_counts_people_as_of_the_day(township: Unit, staff: User) -> None:
    populate(township)

    assert lines(staff, date(2026, 1, 31))["八一村"] == (2, 4)
    assert lines(staff, date(2026, 2, 5))["八一村"] == (2, 2)
    assert lines(staff, date(2026, 2, 10))["八一村"] == (2, 4)


def test_it_restates_a_split_by_groups(township: Unit, staff: User) -> None:
    village = populate(township)[0]
    group = settlement_of(village).parent
    assert group
    parts = [Part("上八一村委会", "511923102211", children=[group]), Part("下八一村委会", "511923102212")]
    unit_split(source=village, parts=parts, on=ON, by=staff)

    restated = lines(staff, BEFORE, Basis.RESTATED)
    assert restated == {"上八一村": (2, 4), "下八一村": (0, 0), "马鞍村": (1, 2)}


def test_it_shows_only_what_the_user_sees(township: Unit) -> None:
    village = populate(township)[0]
    far = make_township("511923103")

    assert lines(make_user("cadre", "cadre", village), BEFORE) == {"八一村": (2, 4)}
    assert lines(make_user("far", "staff", far), BEFORE) == {}
    assert lines(make_user("nobody"), BEFORE) == {}


@pytest.mark.parametrize("basis", Basis.values)
def test_it_asks_no_more_often_for_more_villages(
    township: Unit, staff: User, basis: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    villages = populate(township)
    units_merge(sources=villages[:1], into=NewUnit("兴隆村委会", "511923102210"), on=ON, by=staff)
    lines(staff, ON)
    for serial in range(3, 9):
        make_household(make_village(township, f"村{serial}村委会", f"51192310222{serial}"))
    with django_assert_max_num_queries(6):
        assert len(lines(staff, BEFORE, basis)) == 8
