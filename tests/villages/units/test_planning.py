"""What a list of units would make of the register; pure."""

from __future__ import annotations

from datetime import date

import pytest

from villages.units.planning import LEFT, NEW, REFUSED, RENAMED, SAME, Plan, Standing, UnitRow, plan_units

COUNTY = Standing("511929000000", "柳河县", "county", "/511929000000/", None)
TOWN = Standing("511929101000", "石桥镇", "township", "/511929000000/511929101000/", None)
STANDING = {unit.code: unit for unit in (COUNTY, TOWN)}


def plan(*rows: UnitRow, standing: dict[str, Standing] = STANDING) -> Plan:
    return plan_units(rows, standing)


def test_it_makes_a_tree_of_a_list_in_any_order() -> None:
    rows = [
        UnitRow("511929101201", "青杠村委会"),
        UnitRow("510000000000", "四川省"),
        UnitRow("511929101001", "石桥社区居民委员会"),
        UnitRow("511929000000", "柳河县"),
        UnitRow("511929101000", "石桥镇"),
    ]
    lines = plan_units(rows, {}).lines
    assert [(line.row.name, line.row.level, line.depth, line.outcome) for line in lines] == [
        ("四川省", "", 0, LEFT),
        ("柳河县", "county", 0, NEW),
        ("石桥镇", "township", 1, NEW),
        ("石桥社区居民委员会", "village", 2, NEW),
        ("青杠村委会", "village", 2, NEW),
    ]
    assert lines[-1].path == "/511929000000/511929101000/511929101201/"


def test_it_takes_short_codes_of_counties_and_townships_and_those_below_villages() -> None:
    rows = [UnitRow(code, "名") for code in ("511929", "511929101", "511929101 301", "511929101301001", "511929101301001002")]
    found = [(line.row.code, line.row.level, line.row.parent) for line in plan_units(rows, {}).lines]
    assert found == [
        ("511929000000", "county", ""),
        ("511929101000", "township", "511929000000"),
        ("511929101301", "village", "511929101000"),
        ("511929101301001", "group", "511929101301"),
        ("511929101301001002", "settlement", "511929101301001"),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (UnitRow("", "青杠村委会"), "没有代码"),
        (UnitRow("51192910120", "青杠村委会"), "不是 12 位"),
        (UnitRow("5119291O1201", "青杠村委会"), "不是 12 位"),
        (UnitRow("511929101201", ""), "没有名称"),
        (UnitRow("511929101201", "村" * 61), "超过 60 字"),
        (UnitRow("511929101201", "青杠社区居民委员会"), "居委会，代码末三位应在 001–199"),
        (UnitRow("511929101002", "青杠村委会"), "村委会，代码末三位应从 200 起"),
        (UnitRow("511929109201", "青杠村委会"), "没有上级：511929109000"),
        (UnitRow("511929101201", "青杠村委会", fault="读不懂"), "读不懂"),
        (UnitRow("511929101201", "青杠村委会", ended=True, valid_to=date(2020, 1, 1), successor="旧村"), "没有并入的“旧村”"),
        (UnitRow("511929101201", "青杠村委会", ended=True, valid_to=date(1999, 1, 1)), "撤销日期须晚于"),
    ],
)
def test_it_says_what_is_wrong_with_a_line(row: UnitRow, reason: str) -> None:
    (line,) = plan(row).lines
    assert line.outcome == REFUSED and reason in line.reason


def test_it_refuses_a_code_twice_and_what_lies_below_a_refused_line() -> None:
    rows = [
        UnitRow("511929102000", "", line=1),
        UnitRow("511929102201", "上坝村委会", line=2),
        UnitRow("511929101201", "青杠村委会", line=3),
        UnitRow("511929101201", "黄桷村委会", line=4),
    ]
    found = {line.row.line: (line.outcome, line.reason) for line in plan(*rows).lines}
    assert found[2] == (REFUSED, "上级511929102000没有通过")
    assert found[3] == (NEW, "") and found[4] == (REFUSED, "和第 3 行代码相同")


def test_it_knows_what_stands_what_is_called_otherwise_and_what_has_ended() -> None:
    old = Standing("511929101202", "黄桷村委会", "village", f"{TOWN.path}511929101202/", date(2020, 6, 1))
    standing = {**STANDING, old.code: old}
    rows = [
        UnitRow("511929101000", "石桥镇"),
        UnitRow("511929000000", "新柳河县"),
        UnitRow("511929101202", "黄桷村委会", ended=True),
        UnitRow("511929101203", "水井村委会", ended=True),
    ]
    found = [(line.row.name, line.outcome) for line in plan(*rows, standing=standing).lines]
    assert found == [("新柳河县", RENAMED), ("石桥镇", SAME), ("黄桷村委会", SAME), ("水井村委会", LEFT)]
    (line,) = plan(UnitRow("511929101000", "石桥镇", ended=True)).lines
    assert line.outcome == REFUSED and "撤并" in line.reason


def test_it_links_a_merged_village_with_the_one_that_took_over() -> None:
    ended = UnitRow("511929101202", "黄桷村委会", ended=True, valid_to=date(2020, 6, 1), successor="青杠村委会")
    found = {line.row.code: line for line in plan(ended, UnitRow("511929101201", "青杠村委会")).lines}
    assert found["511929101202"].outcome == NEW and found["511929101202"].row.successor == "511929101201"


def test_nothing_new_stands_below_what_has_ended() -> None:
    gone = TOWN._replace(valid_to=date(2020, 6, 1))
    (line,) = plan(UnitRow("511929101201", "青杠村委会"), standing={**STANDING, TOWN.code: gone}).lines
    assert line.outcome == REFUSED and "已经撤销" in line.reason


def test_it_leaves_others_units_alone() -> None:
    rows = [UnitRow("511929102000", "上坝镇"), UnitRow("511929102201", "上坝村委会"), UnitRow("511929101201", "青杠村委会")]
    lines = plan_units(rows, STANDING, lambda path: path.startswith(TOWN.path)).lines
    assert [line.outcome for line in lines] == [NEW, REFUSED, REFUSED]
    assert "在县里任“镇工作人员”的人" in lines[1].reason and "没有通过" in lines[2].reason
