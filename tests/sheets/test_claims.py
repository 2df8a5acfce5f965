"""Past 积分台账 as villages write them: headings, figures, days, and what a sheet alone already refuses."""

from __future__ import annotations

import io
from datetime import date

import pytest
import xlsxwriter

from governance.sheets.claims import clean_quantity, clean_score, read_claims
from tests.sheets.messy import make_id

VILLAGES = [("511923102201", "八一村委会"), ("511923102202", "马鞍村委会")]
TODAY = date(2026, 4, 2)


@pytest.mark.parametrize(
    ("cell", "score", "level"),
    [
        ("5", "5", "take"), (5.0, "5", "clean"), ("+5分", "5", "clean"), ("加５分", "5", "clean"), ("扣10分", "-10", "clean"),
        ("－10", "-10", "clean"), ("减 3", "-3", "clean"), ("奖励2", "2", "clean"), (2.5, None, "refuse"), ("很多", None, "refuse"),
        ("", None, "take"),
    ],
)  # fmt: skip
def test_it_reads_a_figure(cell: str | float, score: str | None, level: str) -> None:
    found = clean_score(cell)
    assert (found.value, found.level if cell else "take") == (score, level if cell != 5.0 else found.level)


@pytest.mark.parametrize(("cell", "quantity"), [("3小时", "3"), (2.0, "2"), ("2次", "2"), ("0", None), ("半天", None)])
def test_it_reads_a_quantity(cell: str | float, quantity: str | None) -> None:
    assert clean_quantity(cell).value == quantity


def book(name: str, headings: list[str], *rows: list[object], title: str = "") -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as file:
        page = file.add_worksheet(name)
        page.write(0, 0, title or "道德银行积分台账")
        for number, row in enumerate((headings, *rows), 1):
            page.write_row(number, 0, row)
    return stream.getvalue()


OFFICIAL = ["序号", "户主", "积分事由", "发生日期", "申报人", "分值", "评议意见", "公示起止", "累计积分"]


def test_it_reads_the_usual_ledger() -> None:
    rows: list[list[object]] = [
        [1, "王 小明", "参加志愿服务", "2026.3.2", "李四", "+5", "同意", "3.25-3.29", 35],
        [2, "张三", "参与赌博", 46083, "", "扣10分", "", "", 25],
        ["", "合计", "", "", "", "", "", "", 60],
    ]
    found = read_claims(book("八一村", OFFICIAL, *rows), "台账.xlsx", VILLAGES, TODAY)
    first, second = found.rows
    assert (first.values["head"], first.values["score"], first.values["occurred_on"]) == ("王小明", "5", date(2026, 3, 2))
    assert (first.values["village_code"], first.values["opinion"]) == ("511923102201", "同意")
    assert (second.values["score"], second.values["occurred_on"], second.verdict) == ("-10", date(2026, 3, 2), "clean")
    assert found.tables[0].mapping.unknown == ["序号", "公示起止", "累计积分"]


def test_it_reads_other_headings_and_the_village_from_its_column() -> None:
    headings = ["编号", "村名", "户主姓名", "户号", "加分事项", "时间", "加减分", "时长", "备注"]
    row: list[object] = ["S1", "马鞍村", "李四", "0012", "志愿服务", "2026年3月5日", 4, "2小时", "河道"]
    (found,) = read_claims(book("Sheet1", headings, row), "a.xlsx", VILLAGES, TODAY).rows
    said = [found.values[key] for key in ("village_code", "head", "number", "code", "deed", "score", "quantity", "opinion", "note")]
    assert said == ["511923102202", "李四", "0012", "S1", "志愿服务", "4", "2", None, "河道"]


def test_it_refuses_with_the_cell_and_the_reason() -> None:
    rows: list[list[object]] = [
        [1, "", "参加志愿服务", "2026-03-02", "", "5"],
        [2, "王小明", "", "2026-03-02", "", "5"],
        [3, "王小明", "参加志愿服务", "某天", "", "5"],
        [4, "王小明", "参加志愿服务", "2026-04-03", "", "5"],
        [5, "王小明", "参加志愿服务", "2026-03-02", "", "两分"],
    ]
    found = read_claims(book("八一村", OFFICIAL[:6], *rows), "a.xlsx", VILLAGES, TODAY).rows
    assert {row.verdict for row in found} == {"refuse"}
    for row, words in zip(found, ("B3 没有户主", "C4 没有积分事由", "D5", "D6 发生日期晚于今天", "F7"), strict=True):
        assert words in row.reason, row.reason


def test_it_takes_the_only_village_where_the_sheet_names_none() -> None:
    data = book("Sheet1", OFFICIAL, [1, "王小明", "志愿", "2026-03-02", "", 5, "", "", ""])
    assert read_claims(data, "a.xlsx", VILLAGES[:1], TODAY).rows[0].values["village_code"] == "511923102201"
    assert "看不出是哪个村" in read_claims(data, "a.xlsx", VILLAGES, TODAY).rows[0].reason


def test_it_reads_what_villages_write_for_one() -> None:
    headings = ["村", "户主", "身份证号", "积分事由", "日期", "加分", "扣分", "备注"]
    rows: list[list[object]] = [
        ["西兴镇八一村", "王小明、李四", "", "清扫", "3月2日", 5, "", ""],
        ["〃", "王小明", make_id(date(1960, 1, 1), 1)[:15], "清扫", "26.3.3", 5, "", ""],
        ["", "王小明", "5119", "打牌", 3.4, "", 10, ""],
        ["外镇八一村", "王小明", "", "清扫", "3月5日", 5, "", ""],
        ["八一村", "王小明", "", "清扫", "正月初五", 5, "", ""],
        ["八一村", "王小明", "", "清扫", "3月6日", 5, 3, "已故"],
        ["八一村", "王小明", "", "清扫", "2月30日", "#REF!", "", ""],
    ]
    data = book("台账", headings, *rows, title="道德银行积分台账（2026年1—3月）")
    found = read_claims(data, "a.xlsx", VILLAGES, TODAY, towns=["平昌县", "西兴镇"]).rows
    days = [row.values["occurred_on"] for row in found]
    assert days == [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 5), None, date(2026, 3, 6), None]
    assert [row.verdict for row in found] == ["look", "look", "look", "refuse", "refuse", "refuse", "refuse"]
    assert [row.values["score"] for row in found[:3]] == ["5", "5", "-10"]
    told = ("写了 2 户", "未采用", "应为18位", "“外镇八一村”不在", "没有看得懂的发生日期", "既有加分又有扣分", "错误值")
    assert all(words in row.reason for words, row in zip(told, found, strict=True)), [row.reason for row in found]
    assert "可能应登记为“死亡”" in found[5].reason


def test_it_asks_for_the_year_where_the_sheet_says_none_or_two() -> None:
    for title in ("积分台账", "2025年12月—2026年1月积分台账"):
        data = book("八一村", OFFICIAL[:6], [1, "王小明", "志愿", "3月2日", "", 5], title=title)
        (row,) = read_claims(data, "a.xlsx", VILLAGES, TODAY).rows
        assert row.verdict == "refuse" and "“3月2日”没有年份" in row.reason


def test_it_says_what_is_missing() -> None:
    unread = read_claims(book("八一村", ["户主", "发生日期", "分值"], ["王小明", "2026-03-02", 5]), "a.xlsx", VILLAGES, TODAY)
    assert "积分事由" in unread.missing
