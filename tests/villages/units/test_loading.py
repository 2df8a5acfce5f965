"""A list of units goes into the register: once, with history and lineage, and only where one may."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.builders import make_township, make_user, make_village
from villages.models import Succession, Unit
from villages.units.loading import UnitError, unit_draft, units_insert, units_load, units_plan, units_write
from villages.units.planning import NEW, SINCE, UnitRow

pytestmark = pytest.mark.django_db
ROWS = [
    UnitRow("511929000000", "柳河县"),
    UnitRow("511929101000", "石桥镇"),
    UnitRow("511929101201", "青杠村委会", valid_from=date(2020, 6, 1)),
    UnitRow("511929101202", "黄桷村委会", ended=True, valid_to=date(2020, 6, 1), successor="青杠村委会"),
    UnitRow("511929101201001", "1组"),
]
AT = datetime(2026, 1, 5, 2, tzinfo=UTC)


def test_it_makes_all_levels_with_history_and_lineage() -> None:
    made = units_write(units_plan(ROWS), SINCE, None, AT)

    assert list(Unit.objects.order_by("path").values_list("name", "level", "path", "valid_from")) == [
        ("柳河县", "county", "/511929000000/", SINCE),
        ("石桥镇", "township", "/511929000000/511929101000/", SINCE),
        ("青杠村委会", "village", "/511929000000/511929101000/511929101201/", date(2020, 6, 1)),
        ("1组", "group", "/511929000000/511929101000/511929101201/511929101201001/", SINCE),
        ("黄桷村委会", "village", "/511929000000/511929101000/511929101202/", SINCE),
    ]
    assert made["511929101201"].parent == made["511929101000"]
    assert set(Unit.history.values_list("history_date", "history_type")) == {(AT, "+")}
    succession = Succession.objects.get()
    assert (str(succession), succession.on) == ("黄桷村 → 青杠村", date(2020, 6, 1))


def test_the_same_list_again_changes_nothing_and_a_new_name_is_an_update() -> None:
    units_write(units_plan(ROWS), SINCE, None)
    again = units_plan(ROWS)
    assert again.changes == []
    units_write(again, SINCE, None)
    assert (Unit.objects.count(), Unit.history.count(), Succession.objects.count()) == (5, 5, 1)

    units_write(units_plan([UnitRow("511929101201", "青杠树村委会")]), SINCE, None)
    village = Unit.objects.get(code="511929101201")
    assert village.name == "青杠树村委会" and [row.name for row in village.history.all()] == ["青杠树村委会", "青杠村委会"]


def test_staff_load_their_own_villages_only() -> None:
    township = make_township()
    staff = make_user("staff", "staff", township)
    rows = [
        UnitRow("511923000000", "平昌县"),
        UnitRow("511923103000", "邻镇"),
        UnitRow("511923103201", "邻村委会"),
        UnitRow("511923102201", "八一村委会"),
    ]
    plan = units_load(rows=rows, by=staff)
    assert [line.row.name for line in plan.of(NEW)] == ["八一村委会"]
    assert set(Unit.objects.values_list("name", flat=True)) == {"平昌县", "西兴镇", "八一村委会"}
    assert Unit.objects.get(code="511923102201").history.get().history_user == staff
    with pytest.raises(UnitError) as refused:
        units_load(rows=rows, by=staff)
    assert refused.value.code == "none"


def test_whoever_holds_the_county_loads_another_township() -> None:
    county = make_township().parent
    clerk = make_user("clerk", "staff", county)
    units_load(rows=[UnitRow("511923103000", "邻镇"), UnitRow("511923103201", "邻村委会")], by=clerk)
    assert Unit.objects.get(code="511923103201").path == "/511923000000/511923103000/511923103201/"


def test_it_says_in_words_what_the_database_refuses() -> None:
    village = make_village(make_township())
    draft = unit_draft(level="village", name="又一村委会", code=village.code, parent=village.parent, valid_from=SINCE)
    with pytest.raises(UnitError, match="代码"):
        units_insert([draft], None)
