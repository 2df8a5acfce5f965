"""Official ledgers keep their types, can be read back, and never run anything."""

import datetime as dt
import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from governance.sheets.limits import Limits
from governance.sheets.reader import Cell, Sheet, read_workbook
from governance.sheets.rejects import write_rejects
from governance.sheets.roster import read_roster
from governance.sheets.writer import Column, LedgerSheet, write_sheets, write_table
from tests.sheets.messy import VILLAGES, make_messy_roster

COLUMNS = [Column("姓名"), Column("值", 20)]
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "＝1+1"]


def table(rows: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    write_table(stream, title="台账", columns=COLUMNS, rows=rows, **options)
    return stream.getvalue()


def part(data: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(data)).read(name).decode()


def read_one(data: bytes) -> Sheet:
    (sheet,) = read_workbook(data, "a", Limits(cell_chars=40_000))
    return sheet


@pytest.mark.parametrize(
    ("value", "back"),
    [
        ("龚䶮𠅤", "龚䶮𠅤"),
        ("511929198503070027", "511929198503070027"),
        (12, 12.0),
        (1.5, 1.5),
        (Decimal("3.25"), 3.25),
        (True, "是"),
        (None, None),
        (dt.date(2024, 3, 1), dt.date(2024, 3, 1)),
        (dt.datetime(2024, 3, 1, 23, tzinfo=dt.UTC), dt.datetime.fromisoformat("2024-03-02 07:00")),
        (dt.datetime(2024, 3, 1, 8, tzinfo=ZoneInfo("Asia/Shanghai")), dt.datetime.fromisoformat("2024-03-01 08:00")),
        (511929198503070027, "511929198503070027"),
        ("长" * 40_000, "长" * 32_767),
        ("http://example.org", "http://example.org"),
    ],
)
def test_it_writes_values_that_read_back_the_same(value: Any, back: Cell) -> None:
    sheet = read_one(table([["张三", value]]))
    assert sheet.rows[2] == ["姓名", "值"]
    assert sheet.rows[3] == (["张三"] if back is None else ["张三", back])


@pytest.mark.parametrize("text", DANGEROUS)
def test_it_never_writes_a_formula(text: str) -> None:
    data = table([[text, text]], notes=[text], sheet_name=text)
    page = part(data, "xl/worksheets/sheet1.xml")
    assert "<f>" not in page and "hyperlink" not in page


def test_it_prints_a_titled_page_with_a_fixed_heading() -> None:
    data = table([["张三", 1]], sheet_name="八一村", notes=["填表人："])
    page = part(data, "xl/worksheets/sheet1.xml")
    assert '<mergeCell ref="A1:B1"/>' in page
    assert re.search(r'ySplit="2"[^>]*state="frozen"', page)
    assert re.search(r'paperSize="9"[^>]*fitToHeight="0"[^>]*orientation="landscape"', page)
    assert "$1:$2" in part(data, "xl/workbook.xml")
    sheet = read_one(data)
    assert (sheet.name, sheet.rows[1][0], sheet.rows[4][0]) == ("八一村", "台账", "填表人：")


def test_it_writes_a_ledger_of_one_column() -> None:
    stream = io.BytesIO()
    write_table(stream, title="台账", columns=COLUMNS[:1], rows=[["张三"]])
    assert read_one(stream.getvalue()).rows == {1: ["台账"], 2: ["姓名"], 3: ["张三"]}


def test_it_gives_every_sheet_a_name_that_excel_accepts() -> None:
    stream = io.BytesIO()
    names = ["八一村", "八一村", "A/B:C", "长" * 40, "长" * 41, "''", ""]
    write_sheets(stream, [LedgerSheet(name, "", COLUMNS, [["张三", 1]]) for name in names])
    found = [sheet.name for sheet in read_workbook(stream.getvalue(), "a")]
    assert found == ["八一村", "八一村_2", "A_B_C", "长" * 31, "长" * 29 + "_2", "Sheet", "Sheet_2"]


def test_it_hands_refused_rows_back_for_correction(tmp_path: Path) -> None:
    messy = make_messy_roster(tmp_path / "花名册.xlsx", people_rows=400)
    roster = read_roster(messy.path, messy.path.name, VILLAGES)
    stream = io.BytesIO()
    assert write_rejects(stream, roster.tables, roster.rows) == messy.expected["refuse"] > 0
    again = read_roster(stream.getvalue(), "退回.xlsx", VILLAGES)
    assert len(again.rows) == messy.expected["refuse"]
    assert {table.headings[-1] for table in again.tables} == {"原因"}
    assert all(row.source[-1] for row in again.rows)
    first = {(row.values["village_code"], row.values["household_no"]) for row in roster.rows if row.verdict == "refuse"}
    assert {(row.values["village_code"], row.values["household_no"]) for row in again.rows} == first


def test_it_keeps_the_title_of_a_returned_sheet_that_alone_names_the_village(tmp_path: Path) -> None:
    messy = make_messy_roster(tmp_path / "a.csv", people_rows=200)
    roster = read_roster(messy.path, "a.csv", VILLAGES)
    stream = io.BytesIO()
    write_rejects(stream, roster.tables, roster.rows)
    again = read_roster(stream.getvalue(), "退回.xlsx", VILLAGES)
    assert {row.values["village_code"] for row in again.rows} == {VILLAGES[0][0]}


@pytest.mark.parametrize(
    ("text", "back"),
    [
        *((text, text) for text in (" 前后有空格 ", "第一行\n第二行", "a\tb", "&lt; & <b>", "张_三")),
        ("\ud800坏\uffff", "坏"),
        ("\x01_x000D_", "_x0001__x005F_x000D_"),
    ],
)
def test_it_keeps_every_character_that_a_sheet_can_hold(text: str, back: str) -> None:
    """Read by a reader of another house."""
    (row,) = openpyxl.load_workbook(io.BytesIO(table([["张三", text]])))["Sheet1"].iter_rows(min_row=3, values_only=True)
    assert row == ("张三", back)


def test_it_puts_a_filter_on_the_heading_down_to_the_last_row_of_each_sheet() -> None:
    stream = io.BytesIO()
    sheets = [LedgerSheet("a", "台账", COLUMNS, [["张三", 1]] * 1200, ["注"]), LedgerSheet("b", "", COLUMNS, [])]
    write_sheets(stream, sheets)
    book = openpyxl.load_workbook(io.BytesIO(stream.getvalue()))
    assert [page.auto_filter.ref for page in book] == ["A2:B1202", "A1:B1"]
    names = re.findall(r"_FilterDatabase[^<]*", part(stream.getvalue(), "xl/workbook.xml"))
    assert [name.rpartition("!")[2] for name in names] == ["$A$2:$B$1202", "$A$1:$B$1"]
    assert (book["a"].max_row, book["a"]["A1203"].value) == (1203, "注")


def test_it_styles_each_kind_of_cell() -> None:
    moment = dt.datetime.fromisoformat("2024-03-01T08:30+08:00")
    data = table([["=1", 1], [dt.date(2024, 3, 1), moment], [None, dt.date(1899, 5, 1)]])
    page = openpyxl.load_workbook(io.BytesIO(data))["Sheet1"]
    formats = [[(cell.data_type, cell.number_format, cell.border.left.style) for cell in row] for row in page["A3:B5"]]
    assert formats == [
        [("s", "@", "thin"), ("n", "General", "thin")],
        [("d", "yyyy-mm-dd", "thin"), ("d", "yyyy-mm-dd hh:mm", "thin")],
        [("n", "@", "thin"), ("s", "@", "thin")],
    ]
    assert str(page["B4"].value) == "2024-03-01 08:30:00" and page["B5"].value == "1899-05-01"
