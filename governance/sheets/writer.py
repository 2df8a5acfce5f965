"""Write official ledgers as .xlsx, row by row, so that no cell can ever act as a formula."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

import xlsxwriter

Value = str | int | float | bool | Decimal | dt.date | dt.datetime | None

_ZONE = ZoneInfo("Asia/Shanghai")
_SHEET_NAME_BANNED = re.compile(r"[\[\]:*?/\\]")
_CELL_CHARS = 32_767
_EXACT_DIGITS = 10**15
_A4 = 9


@dataclass(frozen=True)
class Column:
    """A column of an official ledger; `width` in characters of the default font (a Chinese character takes two)."""

    heading: str
    width: float = 12


@dataclass(frozen=True)
class LedgerSheet:
    """One worksheet: `title` over the heading row ('' for none), `rows` in the order of `columns`, `notes` below."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    notes: Sequence[str] = ()


def write_table(
    stream: IO[bytes],
    *,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Value]],
    sheet_name: str = "Sheet1",
    notes: Sequence[str] = (),
) -> None:
    """Write one ledger as .xlsx: merged title, styled and frozen heading, A4 landscape fitted to the page's width."""
    write_sheets(stream, [LedgerSheet(sheet_name, title, columns, rows, notes)])


def write_sheets(stream: IO[bytes], sheets: Iterable[LedgerSheet]) -> None:
    """Write several worksheets to one .xlsx, streaming `rows`. Texts stay text, aware moments become Shanghai time."""
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(stream, options) as book:
        styles = _Styles(book)
        taken: set[str] = set()
        for sheet in sheets:
            _write_sheet(book.add_worksheet(_sheet_name(sheet.name, taken)), sheet, styles)


class _Styles:
    """The few formats of an official ledger."""

    def __init__(self, book: Any) -> None:
        cell = {"border": 1, "valign": "vcenter", "font_name": "宋体", "font_size": 10}
        self.title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        self.heading = book.add_format(
            {**cell, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#F2F2F2"}
        )
        self.text = book.add_format({**cell, "text_wrap": True, "num_format": "@"})
        self.number = book.add_format(cell)
        self.date = book.add_format({**cell, "num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({**cell, "num_format": "yyyy-mm-dd hh:mm"})
        self.note = book.add_format({"font_name": "宋体", "font_size": 10})


def _write_sheet(page: Any, sheet: LedgerSheet, styles: _Styles) -> None:
    last = len(sheet.columns) - 1
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, column.width)
    line = 0
    if sheet.title:
        page.set_row(0, 30)
        if last:
            page.merge_range(0, 0, 0, last, sheet.title, styles.title)
        else:
            page.write_string(0, 0, sheet.title, styles.title)
        line = 1
    for index, column in enumerate(sheet.columns):
        page.write_string(line, index, column.heading, styles.heading)
    page.freeze_panes(line + 1, 0)
    page.repeat_rows(0, line)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.set_footer("&C第 &P 页，共 &N 页")
    for row in sheet.rows:
        line += 1
        for index, value in enumerate(row):
            _write_cell(page, line, index, value, styles)
    for note in sheet.notes:
        line += 1
        page.write_string(line, 0, note[:_CELL_CHARS], styles.note)


def _write_cell(page: Any, line: int, index: int, value: Value, styles: _Styles) -> None:
    if value is None or value == "":
        page.write_blank(line, index, None, styles.text)
    elif isinstance(value, bool):
        page.write_string(line, index, "是" if value else "否", styles.text)
    elif isinstance(value, int | float | Decimal):
        if -_EXACT_DIGITS < value < _EXACT_DIGITS:
            page.write_number(line, index, value, styles.number)
        else:
            page.write_string(line, index, str(value), styles.text)
    elif isinstance(value, dt.datetime):
        page.write_datetime(line, index, _local(value), styles.moment)
    elif isinstance(value, dt.date):
        page.write_datetime(line, index, value, styles.date)
    else:
        page.write_string(line, index, value[:_CELL_CHARS], styles.text)


def _local(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(_ZONE).replace(tzinfo=None) if moment.tzinfo else moment


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that Excel accepts (31 characters, no []:*?/\\, no apostrophe at an end) and that no other sheet has."""
    base = _SHEET_NAME_BANNED.sub("_", name)[:31].strip("'") or "Sheet"
    result, number = base, 1
    while result.lower() in taken:
        number += 1
        result = f"{base[: 31 - len(str(number)) - 1]}_{number}"
    taken.add(result.lower())
    return result
