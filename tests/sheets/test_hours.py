"""Cells and rows of the hours that villages keep, as ugly as they are."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
import xlsxwriter

from governance.sheets.hours import clean_minutes, read_hours, row_key
from governance.sheets.rows import ReadSheets

VILLAGES = [("511923102201", "八一村委会"), ("511923102202", "马鞍村委会")]
TODAY = dt.date(2026, 6, 1)


@pytest.mark.parametrize(
    ("cell", "minutes", "level"),
    [
        (2.0, "120", "take"),
        ("1.5", "90", "take"),
        ("2小时", "120", "clean"),
        ("２小时", "120", "clean"),
        ("2.5h", "150", "clean"),
        ("2h30", "150", "clean"),
        ("2h30m", "150", "clean"),
        ("2小时30分钟", "150", "clean"),
        ("2小时半", "150", "clean"),
        ("两个半小时", "150", "clean"),
        ("一个半小时", "90", "clean"),
        ("半小时", "30", "clean"),
        ("半个小时", "30", "clean"),
        ("2小时。", "120", "clean"),
        ("上午9:00-11:00", "120", "clean"),
        ("上午", None, "refuse"),
        ("上午9:00", None, "refuse"),
        ("上午9:00-下午3:00", None, "refuse"),
        ("十二小时", "720", "clean"),
        ("约3个小时左右", "180", "clean"),
        ("90分钟", "90", "clean"),
        ("四十五分", "45", "clean"),
        ("2：30", "150", "clean"),
        (dt.time(1, 45), "105", "clean"),
        ("8:30-11:00", "150", "clean"),
        ("8点半到11点", "150", "clean"),
        ("半天", "240", "look"),
        ("一天", "480", "look"),
        ("1天半", "720", "look"),
        ("2.5+1", None, "refuse"),
        ("若干", None, "refuse"),
        ("小时", None, "refuse"),
        ("25", None, "refuse"),
        ("0", None, "refuse"),
        ("11:00-8:30", None, "refuse"),
        ("", None, "take"),
    ],
)
def test_lengths_of_time(cell: Any, minutes: str | None, level: str) -> None:
    cleaned = clean_minutes(cell)
    assert (cleaned.value, cleaned.level) == (minutes, level)


def read(rows: list[list[Any]], *, sheet: str = "八一村", title: str = "", merge: tuple[int, int, int] | None = None) -> ReadSheets:
    """A sheet with a title above; `merge`: (column, first row, last row) of the rows that share a cell."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as file:
        page = file.add_worksheet(sheet)
        page.write(0, 0, title)
        for number, row in enumerate(rows, 1):
            page.write_row(number, 0, row)
        if merge:
            column, first, last = merge
            page.merge_range(first + 1, column, last + 1, column, rows[first][column])
    return read_hours(stream.getvalue(), "台账.xlsx", VILLAGES, TODAY)


def test_rows_with_merged_names_totals_and_a_year_in_the_title() -> None:
    rows: list[list[Any]] = [
        ["序号", "姓名", "服务队", "日期", "服务时长（小时）", "服务内容"],
        [1, "王小明", "邻里守望队", "3月5日", "两小时", "看望老人"],
        [2, "", "", "3月6日", 1.5, "代购"],
        [3, "李 和", "应急队", "2026.3.7", "2h30", ""],
        ["合计", "", "", "", 6, ""],
    ]
    found = read(rows, title="八一村2026年志愿服务台账", merge=(1, 1, 2))
    assert [(row.values["name"], row.values["served_on"], row.values["minutes"], row.values["text"]) for row in found.rows] == [
        ("王小明", dt.date(2026, 3, 5), "120", "看望老人"),
        ("王小明", dt.date(2026, 3, 6), "90", "代购"),
        ("李和", dt.date(2026, 3, 7), "150", "志愿服务"),
    ]
    assert found.tables[0].skipped == {6: "小计合计"} and {row.verdict for row in found.rows} == {"clean"}


def test_what_says_nothing_is_refused_with_its_reason() -> None:
    rows: list[list[Any]] = [
        ["姓名", "日期", "时长（分钟）", "村"],
        ["王小明", "2026-03-05", 90, "八一"],
        ["王小明、李和", "2026-03-05", 90, "八一"],
        ["王小明", "3月5日", 90, "八一"],
        ["王小明", "2026-07-01", 90, "八一"],
        ["王小明", "2026-03-05", "", "八一"],
        ["", "2026-03-05", 90, "八一"],
        ["王小明", "2026-03-05", 90, "外村"],
        ["王小明", "2026-03-05", "#REF!", "八一"],
    ]
    found = read(rows, sheet="Sheet1")
    assert found.rows[0].values["minutes"] == "90" and found.rows[0].verdict == "clean"
    reasons = [row.reason for row in found.rows[1:]]
    expected = ["写了几个人", "没有看得懂的服务日期", "晚于今天", "没有时长", "没有姓名", "名单里", "看不出是多长"]
    assert all(word in reason for word, reason in zip(expected, reasons, strict=True)), reasons
    assert {row.verdict for row in found.rows[1:]} == {"refuse"}


def test_what_is_left_out_is_said_and_refuses_nothing() -> None:
    rows: list[list[Any]] = [
        ["姓名", "村", "时间", "时长", "电话", "身份证", "服务队", "活动", "备注"],
        ["王小明", "西兴镇八一村", "3月5日", 2, "15400000001（儿子）", "", "", "清扫", ""],
        ["王小明", "〃", "26.3.6", 2, "", "51192919600101", "", "清扫", ""],
        ["王小明", "", "三月七日", 2, "", "", "长" * 41, "清" * 101, "已迁出"],
    ]
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as file:
        page = file.add_worksheet("台账")
        page.write(0, 0, "志愿服务台账（2026年1—3月）")
        for number, row in enumerate(rows, 1):
            page.write_row(number, 0, row)
    found = read_hours(stream.getvalue(), "台账.xlsx", VILLAGES, TODAY, towns=["平昌县", "西兴镇"])
    assert [row.values["served_on"] for row in found.rows] == [dt.date(2026, 3, day) for day in (5, 6, 7)]
    assert [row.verdict for row in found.rows] == ["clean", "look", "look"], [row.reason for row in found.rows]
    told = ["“儿子”未采用", "应为18位", "可能应登记为“迁出”"]
    assert all(words in row.reason for words, row in zip(told, found.rows, strict=True))
    assert "服务队超过 40 个字" in found.rows[2].reason and "服务内容超过 100 个字" in found.rows[2].reason
    assert found.tables[0].mapping.unknown == ["备注"]


def test_the_same_service_has_the_same_key() -> None:
    rows: list[list[Any]] = [["王小明", "2026-03-05", 2], ["王小明", "2026.3.5", "2小时"], ["王小明", "2026.3.5", 3]]
    first, second, third = read([["姓名", "日期", "时长"], *rows]).rows
    assert row_key(first, "one") == row_key(second, "one") != row_key(third, "one")
    assert row_key(first, "one") != row_key(first, "another")
