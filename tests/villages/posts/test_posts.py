from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from governance.accounts.duties import YARD_DUTIES
from governance.accounts.models import AccessLog, User
from tests.builders import (
    make_cast,
    make_household,
    make_resident,
    make_township,
    make_unit,
    make_user,
    make_village,
    settlement_of,
)
from villages.models import Post, Resident, Unit
from villages.posts.services import PostError, post_appoint, post_end, vacancies

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 1)


@pytest.fixture
def village() -> Unit:
    return make_village(make_township())


@pytest.fixture
def yard(village: Unit) -> Unit:
    return settlement_of(village)


@pytest.fixture
def staff(village: Unit) -> User:
    return make_user("staff", "staff", village.parent)


@pytest.fixture
def person(village: Unit) -> Resident:
    return make_resident(make_household(village))


def test_it_appoints_for_three_years_with_history_and_log(yard: Unit, staff: User, person: Resident) -> None:
    post = post_appoint(kind="mediator", unit=yard, resident=person, elected_on=ON, appointed_on=ON, by=staff)

    assert post.term_end == date(2029, 2, 28)
    assert post.history.get().history_user == staff
    assert AccessLog.objects.get(kind="grant").user == staff


def test_it_gives_no_term_to_other_duties(village: Unit, staff: User, person: Resident) -> None:
    assert post_appoint(kind="cadre", unit=village, resident=person, appointed_on=ON, by=staff).term_end is None


def test_it_names_the_present_holder_of_a_single_post(yard: Unit, staff: User, person: Resident) -> None:
    post_appoint(kind="yard_head", unit=yard, resident=person, appointed_on=ON, by=staff)
    other = make_resident(person.household, "李大山")

    with pytest.raises(PostError, match="柏树院的院户长现由王小明担任，任期至 2029-02-28"):
        post_appoint(kind="yard_head", unit=yard, resident=other, appointed_on=ON, by=staff)


def test_the_database_allows_one_holder_even_around_the_code(yard: Unit, person: Resident) -> None:
    insert = (
        "INSERT INTO villages_post (kind, unit_id, resident_id, appointed_on, end_reason) "
        f"VALUES ('yard_head', {yard.pk}, {person.pk}, '2026-03-01', '')"
    )
    with connection.cursor() as cursor:
        cursor.execute(insert)
        with pytest.raises(IntegrityError, match="post_single_holder"), transaction.atomic():
            cursor.execute(insert)
        cursor.execute(insert.replace("yard_head", "cadre"))
        cursor.execute(insert.replace("yard_head", "cadre"))


def test_it_ends_a_holder_whose_term_is_over(yard: Unit, staff: User, person: Resident) -> None:
    old = Post.objects.create(
        kind="publicist", unit=yard, resident=person, appointed_on=date(2023, 1, 1), term_end=date(2025, 12, 31)
    )
    new = post_appoint(kind="publicist", unit=yard, resident=person, appointed_on=ON, by=staff)

    old.refresh_from_db()
    assert (old.ended_on, old.end_reason) == (date(2026, 1, 1), "任期届满")
    assert list(Post.objects.current(ON).filter(kind="publicist")) == [new]


@pytest.mark.parametrize(
    ("duty", "level"),
    [("yard_head", "village"), ("group_head", "settlement"), ("secretary", "township")],
)
def test_it_puts_a_duty_only_where_it_belongs(
    village: Unit, staff: User, person: Resident, duty: str, level: str
) -> None:
    units = {"village": village, "township": village.parent, "settlement": settlement_of(village)}
    unit = units[level]
    assert unit
    with pytest.raises(PostError) as refused:
        post_appoint(kind=duty, unit=unit, resident=person, appointed_on=ON, by=staff)
    assert refused.value.code == "unit"


def test_it_is_granted_within_the_granters_own_duties_and_place(village: Unit, person: Resident) -> None:
    assert village.parent
    cast = make_cast(village.parent, village)
    far = make_village(make_township("511923103"), "石门村委会", "511923103201")

    for by, unit, kind in (
        (cast["staff"], far, "cadre"),
        (cast["secretary"], village, "cadre"),
        (cast["leader"], village, "cadre"),
        (cast["security"], village, "cadre"),
        (cast["system"], village.parent, "staff"),
    ):
        with pytest.raises(PostError) as refused:
            post_appoint(kind=kind, unit=unit, resident=person, appointed_on=ON, by=by)
        assert refused.value.code == "grant"


def test_it_takes_no_stranger_no_dead_and_no_guard(village: Unit, staff: User, person: Resident) -> None:
    far = make_village(make_township("511923103"), "石门村委会", "511923103201")
    stranger = make_resident(make_household(far))
    gone = make_resident(person.household, status="died", status_on=ON)
    guard = make_user("guard", guard="audit")
    for holder in ({"resident": stranger}, {"resident": gone}, {"user": guard}, {}):
        with pytest.raises(PostError) as refused:
            post_appoint(kind="cadre", unit=village, appointed_on=ON, by=staff, **holder)
        assert refused.value.code == "holder"


def test_it_ends_once_with_a_reason(yard: Unit, staff: User, person: Resident) -> None:
    post = post_appoint(kind="mediator", unit=yard, resident=person, appointed_on=ON, by=staff)
    with pytest.raises(PostError) as refused:
        post_end(post=post, on=ON, reason="辞职", by=make_user("cadre", "cadre", yard))
    assert refused.value.code == "grant"
    with pytest.raises(PostError, match="写明原因"):
        post_end(post=post, on=ON, reason=" ", by=staff)
    with pytest.raises(PostError, match="不能早于聘任日期"):
        post_end(post=post, on=date(2026, 2, 1), reason="辞职", by=staff)

    post_end(post=post, on=date(2026, 4, 1), reason="辞职", by=staff)

    assert not Post.objects.filter(kind="mediator").current(date(2026, 4, 1)).exists()
    with pytest.raises(PostError, match="已于 2026-04-01 卸任"):
        post_end(post=post, on=date(2026, 4, 2), reason="辞职", by=staff)


def test_it_lists_vacancies_of_what_the_user_sees(village: Unit, yard: Unit, staff: User, person: Resident) -> None:
    assert village.parent
    other = make_village(village.parent, "马鞍村委会", "511923102202")
    post_appoint(kind="yard_head", unit=yard, resident=person, appointed_on=ON, by=staff)
    Post.objects.create(
        kind="mediator", unit=yard, resident=person, appointed_on=date(2020, 6, 1), term_end=date(2023, 5, 31)
    )
    secretary = make_user("secretary", "secretary", village)

    found = vacancies(secretary, ON)
    assert {(vacancy.unit, vacancy.village) for vacancy in found} == {(yard, village)}
    assert [vacancy.duty for vacancy in found] == [duty for duty in YARD_DUTIES if duty != "yard_head"]
    assert {vacancy.village for vacancy in vacancies(staff, ON)} == {village, other}
    assert vacancies(make_user("nobody"), ON) == []


def test_it_asks_for_vacancies_no_more_often_for_more_settlements(
    village: Unit, staff: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    group = Unit.objects.get(level="group", path__startswith=village.path)
    vacancies(staff)
    for count in (1, 12):
        for serial in range(count):
            make_unit("settlement", f"院{count}{serial}", f"{group.code}{count:02d}{serial:01x}", group)
        with django_assert_num_queries(3):
            assert len(vacancies(staff)) >= 5 * count
