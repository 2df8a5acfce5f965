from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from governance.accounts.models import AccessLog, User
from governance.periods import today
from tests.answers import the
from tests.builders import (
    FOUNDED,
    make_cast,
    make_household,
    make_resident,
    make_township,
    make_unit,
    make_village,
    settlement_of,
)
from tests.sheets.messy import make_id
from villages.households.services import (
    HouseholdError,
    household_create,
    household_end,
    household_move,
    household_update,
    resident_add,
    resident_leave,
    resident_reveal,
    resident_update,
)
from villages.models import Household, Placement, Post, Resident, Unit

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 1)
BIRTH = date(1985, 3, 4)


@pytest.fixture
def village() -> Unit:
    return make_village(make_township())


@pytest.fixture
def cast(village: Unit) -> dict[str, User]:
    assert village.parent
    return make_cast(village.parent, village)


def create(village: Unit, by: User, **fields: str) -> Household:
    return household_create(
        village=village, unit=settlement_of(village), by=by, on=ON, **{"head_name": "王小明", **fields}
    )


def test_it_registers_a_household_with_key_placement_and_history(village: Unit, cast: dict[str, User]) -> None:
    household = create(village, cast["cadre"], number="12", address="柏树院 3 号")

    assert household.head_pinyin.startswith("wang xiao ming")
    assert list(household.placements.values_list("unit", "valid_from", "valid_to")) == [
        (settlement_of(village).pk, ON, None)
    ]
    assert household.history.get().history_user == cast["cadre"]


def test_it_gives_the_next_free_number(village: Unit, cast: dict[str, User]) -> None:
    make_household(village, number="0041")
    make_household(village, number="3组-99")

    assert create(village, cast["staff"]).number == "0042"


def test_it_refuses_a_number_twice_in_a_village(village: Unit, cast: dict[str, User]) -> None:
    make_household(village, number="12")

    with pytest.raises(HouseholdError, match="本村已有这个户号"):
        create(village, cast["staff"], number="12")


@pytest.mark.parametrize("duty", ["leader", "overseer", "yard_head", "system", "audit"])
def test_it_is_registered_only_by_those_who_may_maintain(village: Unit, cast: dict[str, User], duty: str) -> None:
    with pytest.raises(HouseholdError) as refused:
        create(village, cast[duty])
    assert refused.value.code == "scope"


def test_it_is_not_maintained_by_the_neighbouring_village(village: Unit, cast: dict[str, User]) -> None:
    assert village.parent
    household = make_household(make_village(village.parent, "马鞍村委会", "511923102202"))

    with pytest.raises(HouseholdError) as refused:
        household_update(
            household=household, number="1", head_name="王", kind="booklet", address="", by=cast["secretary"]
        )
    assert refused.value.code == "scope"


def test_it_moves_and_keeps_where_it_was(village: Unit, cast: dict[str, User]) -> None:
    household = make_household(village)
    before = household.unit
    group = Unit.objects.get(level="group", path__startswith=village.path)
    yard = make_unit("settlement", "桂花院", f"{group.code}002", group)

    household_move(household=household, unit=yard, by=cast["staff"], on=ON)

    placements = Placement.objects.order_by("valid_from").values_list("unit", "valid_from", "valid_to")
    assert list(placements) == [(before.pk, FOUNDED, ON), (yard.pk, ON, None)]
    assert Household.objects.get().unit == yard


def test_it_moves_twice_on_one_day_without_an_empty_placement(village: Unit, cast: dict[str, User]) -> None:
    household = make_household(village)
    group = Unit.objects.get(level="group", path__startswith=village.path)
    household_move(household=household, unit=group, by=cast["staff"], on=ON)
    household_move(household=household, unit=village, by=cast["staff"], on=ON)

    assert list(household.placements.order_by("valid_from").values_list("unit", "valid_to")) == [
        (settlement_of(village).pk, ON),
        (village.pk, None),
    ]


def test_it_does_not_move_to_another_township(village: Unit, cast: dict[str, User]) -> None:
    other = make_village(make_township("511923103"), "石门村委会", "511923103201")
    Post.objects.create(kind="staff", unit=the(other.parent), user=cast["staff"], appointed_on=FOUNDED)

    with pytest.raises(HouseholdError, match="跨乡镇"):
        household_move(household=make_household(village), unit=other, by=User.objects.get(pk=cast["staff"].pk), on=ON)


def test_it_ends_only_when_nobody_is_left(village: Unit, cast: dict[str, User]) -> None:
    household = make_household(village)
    person = make_resident(household)
    with pytest.raises(HouseholdError, match="还有 1 人在册"):
        household_end(household=household, on=ON, by=cast["staff"])

    resident_leave(resident=person, status="moved", on=ON, by=cast["staff"])
    household_end(household=household, on=ON, by=cast["staff"])

    assert Household.objects.get().ended_on == ON
    assert household.placements.get().valid_to == ON
    with pytest.raises(HouseholdError, match="已经销户"):
        resident_add(household=household, name="王大明", by=cast["staff"])


def test_the_database_allows_one_open_placement_and_no_empty_one(village: Unit) -> None:
    household = make_household(village)
    row = f"{household.pk}, {village.pk}, {village.pk}"
    for days in ("'2026-01-01', NULL", "'2026-01-01', '2026-01-01'", "'2026-01-02', '2026-01-01'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO villages_placement (household_id, village_id, unit_id, valid_from, valid_to) "
                f"VALUES ({row}, {days})"
            )


def test_it_completes_a_person_from_the_number(village: Unit, cast: dict[str, User]) -> None:
    number = make_id(BIRTH, 241)
    person = resident_add(
        household=make_household(village), name="王小明", id_number=f" {number.lower()} ", by=cast["cadre"]
    )

    assert (person.id_number, person.birth_date, person.sex) == (number, BIRTH, "M")
    assert person.name_pinyin.endswith("wxm")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"id_number": "511929198503042412"}, "校验码"),
        ({"id_number": "511929850304241"}, "15位"),
        ({"id_number": make_id(BIRTH, 241), "sex": "F"}, "不一致"),
        ({"id_number": make_id(BIRTH, 241), "birth_date": date(1985, 3, 5)}, "不一致"),
        ({"name": ""}, "姓名"),
    ],
)
def test_it_refuses_a_wrong_person(village: Unit, cast: dict[str, User], fields: dict[str, Any], message: str) -> None:
    with pytest.raises(HouseholdError, match=message):
        resident_add(household=make_household(village), by=cast["staff"], **{"name": "王小明", **fields})
    assert not Resident.objects.exists()


def test_it_tells_of_a_double_registration_no_more_than_the_village(village: Unit, cast: dict[str, User]) -> None:
    far = make_village(make_township("511923103"), "石门村委会", "511923103201")
    make_resident(make_household(far, "赵四海"), "赵四海", make_id(BIRTH, 241), phone="15400000001")

    with pytest.raises(HouseholdError) as refused:
        resident_add(household=make_household(village), name="王小明", id_number=make_id(BIRTH, 241), by=cast["staff"])
    assert refused.value.message == "这个身份证号的人已在石门村在册。"


def test_it_keeps_the_number_unless_another_is_given(village: Unit, cast: dict[str, User]) -> None:
    person = make_resident(make_household(village), id_number=make_id(BIRTH, 241), birth_date=BIRTH, sex="M")
    fields: dict[str, Any] = {"name": "王晓明", "sex": "M", "birth_date": BIRTH, "phone": "", "relation": "", "by": cast["staff"]}
    cipher = bytes(person.id_cipher)

    resident_update(resident=person, **fields)
    person.refresh_from_db()
    assert (person.name, bytes(person.id_cipher)) == ("王晓明", cipher)
    resident_update(resident=person, **fields, id_number="")
    person.refresh_from_db()
    assert (person.id_number, person.id_hash) == ("", "")


@pytest.mark.parametrize("status", ["died", "moved"])
def test_it_ends_the_posts_of_who_leaves(village: Unit, cast: dict[str, User], status: str) -> None:
    person = make_resident(make_household(village))
    post = Post.objects.create(kind="cadre", unit=village, resident=person, appointed_on=date(2026, 1, 1))

    resident_leave(resident=person, status=status, on=ON, by=cast["cadre"])

    post.refresh_from_db()
    assert (post.ended_on, post.end_reason) == (ON, Resident.Status(status).label)
    assert post.history.first().history_user == cast["cadre"]
    with pytest.raises(HouseholdError, match="已登记为"):
        resident_leave(resident=person, status=status, on=ON, by=cast["cadre"])


def test_it_leaves_no_later_than_today(village: Unit, cast: dict[str, User]) -> None:
    with pytest.raises(HouseholdError, match="不能晚于今天"):
        resident_leave(
            resident=make_resident(make_household(village)),
            status="died",
            on=today() + timedelta(days=1),
            by=cast["cadre"],
        )


def test_it_reveals_a_number_only_with_a_trace(village: Unit, cast: dict[str, User]) -> None:
    person = make_resident(make_household(village), id_number=make_id(BIRTH, 241))

    assert resident_reveal(resident=person, by=cast["cadre"]) == make_id(BIRTH, 241)
    log = AccessLog.objects.get(kind="reveal")
    assert log.user == cast["cadre"] and str(person.pk) in log.detail and make_id(BIRTH, 241) not in log.detail
    for duty in ("leader", "yard_head", "audit"):
        with pytest.raises(HouseholdError):
            resident_reveal(resident=person, by=cast[duty])
    assert AccessLog.objects.filter(kind="reveal").count() == 1
