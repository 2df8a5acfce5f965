"""Lists of units as they are published, pasted or kept; and of groups and settlements."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
from django.conf import settings

from governance.sheets.limits import SheetError
from governance.sheets.units import ListedPlaces, ListedUnit, is_group, places_text, read_places, read_units, units_text


def listed(text: str) -> list[tuple[str, str]]:
    return [(unit.code, unit.name) for unit in read_units(text).units]


def workbook(*sheets: list[list[object]]) -> io.BytesIO:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"表{number + 1}")
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


@pytest.mark.parametrize(
    "text",
    [
        "511929101001 石桥社区居委会\n511929101201 青杠村委会\n",
        "５１１９２９１０１００１　石桥社区居委会\n\n511929101201\t青杠村委会",
        "511929101001，石桥社区居委会\n511929101201,青杠村委会",
        "511929101001：石桥社区居委会\n511929101201| 青杠村委会",
        "511929101001石桥社区居委会\n511929101201青杠村委会",
        "石桥镇村级区划\n511929101001 111 石桥社区居委会\n511929101201 220 青杠村委会",
        "统计用区划代码\t城乡分类代码\t名称\n511929101001\t111\t石桥社区居委会\n511929101201\t220\t青杠村委会",
        "1\t511929101001\t石桥社区居委会\n2\t511929101201\t青杠村委会",
    ],
)
def test_it_reads_codes_and_names_however_they_are_pasted(text: str) -> None:
    assert listed(text) == [("511929101001", "石桥社区居委会"), ("511929101201", "青杠村委会")]


def test_it_reads_the_published_list_of_a_township() -> None:
    text = (settings.BASE_DIR / "data/divisions/town_511923102_xixing.csv").read_text(encoding="utf-8")
    found = read_units(text)
    assert len(found.units) == 18 and found.unknown == []
    assert (found.units[-1].code, found.units[-1].name) == ("511923102218", "南斯村委会")


def test_it_reads_a_workbook_with_numbers_and_remarks() -> None:
    file = workbook(
        [
            ["石桥镇行政区划一览表"],
            ["序号", "代码", "名称", "备注", "面积"],
            [1, 511929101201, "青杠村委会", None, 3],
            [2, 511929101202, "黄桷村委会", "2020年6月撤销，并入青杠村", 2],
            [3, 511929101203.0, "水井村委会（已撤销）", None, 1],
            ["备注：以民政部门公布为准", None, None, None, None],
        ],
        [["说明"]],
    )
    found = read_units(units_text(file=file, filename="区划.xlsx"))
    assert found.units == [
        ListedUnit(3, "511929101201", "青杠村委会"),
        ListedUnit(4, "511929101202", "黄桷村委会", None, date(2020, 6, 1), True, "511929101201"),
        ListedUnit(5, "511929101203", "水井村委会", ended=True),
    ]
    assert found.unknown == ["面积"] and found.skipped == ["第 6 行（说明）"]


def test_it_reads_days_and_successors_of_their_own_columns() -> None:
    heading = "代码\t名称\t设立日期\t撤销日期\t并入单位"
    lines = "511929101202\t黄桷村委会\t1999-1-1\t2020.6.1\t外村\n511929101203\t水井村委会\t不详\t\t"
    first, second = read_units(f"{heading}\n{lines}").units
    assert (first.valid_from, first.valid_to, first.ended, first.successor) == (date(1999, 1, 1), date(2020, 6, 1), True, "外村")
    assert "设立日期" in second.fault and not second.ended


def test_it_names_what_stands_above_the_first_code() -> None:
    assert read_units("石桥镇村级区划\n511929101201 青杠村委会").skipped == ["第 1 行（标题）"]


def test_it_keeps_a_line_without_a_code_and_refuses_a_text_without_any() -> None:
    assert listed("511929101201 青杠村委会\n黄桷村委会") == [("511929101201", "青杠村委会"), ("", "黄桷村委会")]
    for text in ("黄桷村委会", "你好，世界", "代码\t名称\n"):
        with pytest.raises(SheetError):
            read_units(text)
    with pytest.raises(SheetError, match="2 张这样的表"):
        units_text(file=workbook(*[[[511929101201, "青杠村委会"]]] * 2), filename="区划.xlsx")


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("八一村: 柏树院, 王家院", ListedPlaces(1, "八一村", "", ("柏树院", "王家院"))),
        ("八一村 一组：柏树院、王家院", ListedPlaces(1, "八一村", "1组", ("柏树院", "王家院"))),
        ("八一村第三村民小组：柏树院", ListedPlaces(1, "八一村", "3组", ("柏树院",))),
        ("石桥社区 第十二居民小组：柏树院", ListedPlaces(1, "石桥社区", "12组", ("柏树院",))),
        ("八一村：1组、2组、柏树院", ListedPlaces(1, "八一村", "", ("1组", "2组", "柏树院"))),
        ("八一村 2社 柏树院 王家院", ListedPlaces(1, "八一村", "2组", ("柏树院", "王家院"))),
        ("八一村 2组", ListedPlaces(1, "八一村", "2组", ())),
        ("八一村", ListedPlaces(1, "八一村", "", ())),
    ],
)
def test_it_reads_groups_and_settlements_as_they_are_written(line: str, places: ListedPlaces) -> None:
    assert read_places(line).places == [places]


def test_it_reads_a_sheet_of_places_with_blanks_below_the_first_row() -> None:
    heading: list[object] = ["村", "村民小组", "聚居点", "户数"]
    rows: list[list[object]] = [["八一村", "一组", "柏树院", 3], [None, None, "王家院"], [None, "二组", "李家湾"]]
    rows.append(["马鞍村", None, "老屋湾"])
    file = workbook([heading, *rows, ["合计", None, None, 3]])
    found = read_places(places_text(file=file, filename="院落.xlsx"))
    assert (found.unknown, found.skipped) == (["户数"], ["第 6 行（小计合计）"])
    assert [(place.line, place.village, place.group, place.yards) for place in found.places] == [
        (2, "八一村", "1组", ("柏树院",)),
        (3, "八一村", "1组", ("王家院",)),
        (4, "八一村", "2组", ("李家湾",)),
        (5, "马鞍村", "", ("老屋湾",)),
    ]
    with pytest.raises(SheetError):
        places_text(file=workbook([["甲", "乙"], ["丙", "丁"]]), filename="院落.xlsx")
    with pytest.raises(SheetError):
        read_places(" \n")


def test_it_tells_groups_from_settlements() -> None:
    assert [is_group(name) for name in ("1组", "第三村民小组", "十二社", "柏树院", "三组院子")] == [True, True, True, False, False]
