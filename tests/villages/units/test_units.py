from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.accounts.models import User
from governance.periods import today
from tests.builders import (
    FOUNDED,
    make_household,
    make_resident,
    make_township,
    make_unit,
    make_user,
    make_village,
    settlement_of,
)
from villages.models import Household, Overlay, OverlayMember, Placement, Post, Succession, Unit
from villages.units.lineage import successor_map
from villages.units.loading import unit_draft
from villages.units.services import NewUnit, Part, UnitError, unit_create, unit_split, units_merge

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 1)


@pytest.fixture
def township() -> Unit:
    return make_township()


@pytest.fixture
def staff(township: Unit) -> User:
    return make_user("staff", "staff", township)


@pytest.fixture
def pair(township: Unit) -> tuple[Unit, Unit]:
    return make_village(township), make_village(township, "马鞍村委会", "511923102202")


def merge(pair: tuple[Unit, Unit], staff: User, on: date = ON) -> Unit:
    return units_merge(sources=pair, into=NewUnit("兴隆村委会", "511923102210"), on=on, by=staff)


def test_it_founds_a_unit_below_its_parent(township: Unit, staff: User) -> None:
    village = make_village(township)
    group = unit_create(level="group", name="第二村民小组", parent=village, valid_from=ON, by=staff)

    assert group.code == f"{village.code}002"
    assert group.path == f"{village.path}{group.code}/"
    assert group.history.get().history_user == staff


@pytest.mark.parametrize(
    ("level", "code", "error"),
    [
        ("village", "", "code"),
        ("village", "12345", "code"),
        ("group", "511923102250", "level"),
        ("settlement", "", "level"),
    ],
)
def test_it_refuses_a_wrong_unit(township: Unit, staff: User, level: str, code: str, error: str) -> None:
    with pytest.raises(UnitError) as refused:
        unit_create(level=level, name="新单位", code=code, parent=township, valid_from=ON, by=staff)
    assert refused.value.code == error


def test_it_refuses_a_code_twice_and_a_foreign_place(township: Unit, staff: User) -> None:
    village = make_village(township)
    with pytest.raises(UnitError, match="代码"):
        unit_create(level="village", name="新村委会", code=village.code, parent=township, valid_from=ON, by=staff)
    far = make_township("511923103")
    with pytest.raises(UnitError) as refused:
        unit_create(level="village", name="新村委会", code="511923103299", parent=far, valid_from=ON, by=staff)
    assert refused.value.code == "scope"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("八一村委会", "八一村"),
        ("八一村民委员会", "八一村"),
        ("八一村村委会", "八一村"),
        ("八一村村民委员会", "八一村"),
        ("新农村委会", "新农村"),
        ("西兴社区居民委员会", "西兴社区"),
        ("西兴社区居委会", "西兴社区"),
        ("西兴居委会", "西兴社区"),
        ("八一村", "八一村"),
        ("柏树院", "柏树院"),
        ("石桥镇", "石桥镇"),
    ],
)
def test_it_is_called_as_people_say(name: str, short: str) -> None:
    assert unit_draft(level="village", name=name, parent=None).short_name == short


def test_it_merges_two_villages_into_a_new_one(pair: tuple[Unit, Unit], staff: User) -> None:
    homes = [make_household(village, number="0001") for village in pair]
    new = merge(pair, staff)

    for village in pair:
        village.refresh_from_db()
        assert village.valid_to == ON
    assert (new.valid_from, new.key_area) == (ON, "merged")
    moved = [Household.objects.get(pk=home.pk) for home in homes]
    assert {home.village for home in moved} == {new}
    assert all(home.unit.path.startswith(new.path) and home.unit.level == "settlement" for home in moved)
    assert [home.number for home in moved] == ["0001", "202-0001"]
    assert moved[1].history.first().history_user == staff


def test_it_rewrites_nothing_that_was_before(pair: tuple[Unit, Unit], staff: User) -> None:
    homes = [make_household(village) for village in pair]
    kept = list(Placement.objects.order_by("pk").values_list("pk", "household", "village", "unit", "valid_from"))
    paths = set(Unit.objects.values_list("pk", "path", "name", "code"))

    new = merge(pair, staff)

    assert list(Placement.objects.filter(valid_to=ON).order_by("pk").values_list(
        "pk", "household", "village", "unit", "valid_from"
    )) == kept  # fmt: skip
    assert set(Unit.objects.filter(valid_from=FOUNDED).values_list("pk", "path", "name", "code")) == paths
    opened = Placement.objects.filter(valid_to=None).values_list("household", "village", "valid_from")
    assert sorted(opened) == [(home.pk, new.pk, ON) for home in homes]


def test_it_refounds_groups_and_settlements_with_lineage(pair: tuple[Unit, Unit], staff: User) -> None:
    new = merge(pair, staff)

    below = Unit.objects.within(new).exclude(pk=new.pk).order_by("path")
    assert list(below.values_list("code", "name")) == [
        ("511923102210001", "第一村民小组"),
        ("511923102210001001", "柏树院"),
        ("511923102210002", "马鞍村第一村民小组"),
        ("511923102210002001", "柏树院"),
    ]
    assert Succession.objects.filter(on=ON).count() == 6
    old = settlement_of(pair[1])
    assert successor_map(ON)[old.pk] == Unit.objects.get(code="511923102210002001").pk
    assert successor_map(ON - timedelta(days=1)) == {}


def test_it_ends_the_posts_and_shows_the_new_village_what_was(pair: tuple[Unit, Unit], staff: User) -> None:
    person = make_resident(make_household(pair[0]))
    posts = [
        Post.objects.create(kind="secretary", unit=pair[0], resident=person, appointed_on=FOUNDED),
        Post.objects.create(kind="yard_head", unit=settlement_of(pair[1]), resident=person, appointed_on=FOUNDED),
        Post.objects.create(kind="cadre", unit=pair[1], resident=person, appointed_on=date(2026, 3, 9)),
    ]
    new = merge(pair, staff)

    for post in posts:
        post.refresh_from_db()
    assert [(post.ended_on, post.end_reason) for post in posts] == [
        (ON, "单位撤并"),
        (ON, "单位撤并"),
        (date(2026, 3, 9), "单位撤并"),
    ]
    secretary = make_user("new", "secretary", new)
    assert set(Unit.objects.visible_to(secretary).villages()) == {*pair, new}


def test_it_merges_into_a_standing_village(pair: tuple[Unit, Unit], staff: User) -> None:
    stays, ends = make_household(pair[0], number="7"), make_household(pair[1], number="7")

    assert units_merge(sources=[pair[1]], into=pair[0], on=ON, by=staff) == pair[0]

    numbers = Household.objects.filter(village=pair[0]).order_by("pk").values_list("pk", "number")
    assert list(numbers) == [(stays.pk, "7"), (ends.pk, "202-7")]
    assert stays.placements.get().valid_to is None
    assert successor_map(ON)[pair[1].pk] == pair[0].pk


def test_it_follows_a_chain_of_mergers(pair: tuple[Unit, Unit], staff: User, township: Unit) -> None:
    first = merge(pair, staff)
    third = make_village(township, "石门村委会", "511923102203")
    units_merge(sources=[first], into=third, on=date(2026, 6, 1), by=staff)

    assert successor_map(date(2026, 5, 31))[pair[0].pk] == first.pk
    assert successor_map(date(2026, 6, 1))[pair[0].pk] == third.pk


def test_it_corrects_a_placement_that_began_after_the_merger(pair: tuple[Unit, Unit], staff: User) -> None:
    late = make_household(pair[0])
    late.placements.update(valid_from=date(2026, 3, 20))
    new = merge(pair, staff)

    placement = late.placements.get()
    assert (placement.village, placement.valid_from, placement.valid_to) == (new, date(2026, 3, 20), None)


def test_it_moves_grids_with_their_households(pair: tuple[Unit, Unit], staff: User) -> None:
    grids = [Overlay.objects.create(kind="grid", name="第一网格", village=village) for village in pair]
    OverlayMember.objects.create(overlay=grids[0], household=make_household(pair[0]), kind="grid")
    new = merge(pair, staff)

    assert list(Overlay.objects.order_by("pk").values_list("village", "name")) == [
        (new.pk, "第一网格"),
        (new.pk, "马鞍村第一网格"),
    ]


def test_it_merges_groups_within_a_village(township: Unit, staff: User) -> None:
    village = make_village(township)
    group = Unit.objects.get(level="group", path__startswith=village.path)
    other = make_unit("group", "第二村民小组", f"{village.code}002", village)
    home = make_household(village, number="1")
    direct = make_household(village, number="2", unit=other)

    units_merge(sources=[group], into=other, on=ON, by=staff)

    home.refresh_from_db()
    assert (home.village, home.number, home.unit.parent) == (village, "1", other)
    assert direct.placements.count() == 1


def test_it_refuses_a_day_on_which_nothing_can_end(pair: tuple[Unit, Unit], staff: User) -> None:
    for on in (FOUNDED, today() + timedelta(days=1)):
        with pytest.raises(UnitError) as refused:
            merge(pair, staff, on)
        assert refused.value.code == "date"
    assert Unit.objects.filter(valid_to=None).count() == Unit.objects.count()


def test_it_refuses_what_is_no_set_of_siblings(pair: tuple[Unit, Unit], staff: User, township: Unit) -> None:
    far = make_village(make_township("511923103"), "石门村委会", "511923103201")
    for sources, into in (
        ([pair[0], settlement_of(pair[1])], NewUnit("兴隆村委会", "511923102210")),
        ([township], NewUnit("兴隆镇", "511923104000")),
        (list(pair), pair[0]),
        ([pair[0]], settlement_of(pair[1])),
        ([pair[0], far], NewUnit("兴隆村委会", "511923102210")),
    ):
        with pytest.raises(UnitError):
            units_merge(sources=sources, into=into, on=ON, by=staff)
    secretary = make_user("secretary", "secretary", pair[0])
    with pytest.raises(UnitError) as refused:
        units_merge(sources=[pair[0]], into=pair[1], on=ON, by=secretary)
    assert refused.value.code == "scope"


def test_it_refuses_a_merger_dated_before_a_move(pair: tuple[Unit, Unit], staff: User) -> None:
    home = make_household(pair[0])
    home.placements.update(valid_to=date(2026, 4, 1))
    Placement.objects.create(household=home, village=pair[0], unit=pair[0], valid_from=date(2026, 4, 1))

    with pytest.raises(UnitError, match="之后迁移过"):
        merge(pair, staff)


def test_it_splits_a_village_by_groups_and_households(township: Unit, staff: User) -> None:
    village = make_village(township)
    group = Unit.objects.get(level="group", path__startswith=village.path)
    grouped, direct = make_household(village), make_household(village, unit=village)
    upper = Part("上八一村委会", "511923102211", children=[group])
    lower = Part("下八一村委会", "511923102212", households=[direct])

    first, second = unit_split(source=village, parts=[upper, lower], on=ON, by=staff)

    grouped.refresh_from_db()
    direct.refresh_from_db()
    assert (grouped.village, grouped.unit.level, direct.village, direct.unit) == (first, "settlement", second, second)
    assert village.pk not in successor_map(ON)
    assert successor_map(ON)[group.pk] == Unit.objects.get(level="group", parent=first).pk


def test_it_splits_only_when_everything_goes_somewhere_once(township: Unit, staff: User) -> None:
    village = make_village(township)
    group = Unit.objects.get(level="group", path__startswith=village.path)
    direct = make_household(village, unit=village)
    codes = ("511923102211", "511923102212")
    tries: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"children": [group]}, {}),
        ({"households": [direct]}, {}),
        ({"children": [group], "households": [direct]}, {"children": [group]}),
    ]
    for first, second in tries:
        with pytest.raises(UnitError) as refused:
            unit_split(
                source=village, parts=[Part("甲", codes[0], **first), Part("乙", codes[1], **second)], on=ON, by=staff
            )
        assert refused.value.code == "parts"


def test_it_asks_no_more_often_for_more_households(
    pair: tuple[Unit, Unit], staff: User, township: Unit, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for serial in range(30):
        make_household(pair[serial % 2], number=f"n{serial}")
    with django_assert_max_num_queries(75):
        merge(pair, staff)
