"""Pages of a ledger with what is right about each of their lines, and files of every kind that offices send."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import xlsxwriter
import xlwt

Cell = str | int | float | dt.date | None

GOOD, LOOK, REFUSE, SKIPPED = "good", "look", "refuse", "skipped"
VILLAGES = {"511923102201": "八一村委会", "511923102202": "马鞍村委会", "511923102001": "西兴社区居民委员会"}
SPOKEN = {"511923102201": "八一村", "511923102202": "马鞍村", "511923102001": "西兴社区"}
ERRORS = ("#REF!", "#VALUE!", "#N/A", "#DIV/0!")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DOUBLES = {"李": "\uf9e1", "林": "\uf9f4", "金": "\uf90a", "梁": "\uf97a", "老": "\uf934", "更": "\uf901"}
_FIGURES = "〇一二三四五六七八九"


@dataclass(frozen=True)
class Right:
    """What is right about one record of a line. `ident`: how the register is asked for it; `values`: what it must hold of the record
    (of GOOD ones); `how`: what is ugly about it."""

    fate: str
    ident: tuple[Any, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    how: str = ""


@dataclass
class Page:
    """A worksheet. `key`: 1-based line → its records in order; a blank line has none. `merged`: (top, left, bottom, right), 0-based."""

    name: str
    lines: list[list[Cell]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: bool = False
    hidden_lines: list[int] = field(default_factory=list)
    key: dict[int, list[Right]] = field(default_factory=dict)

    def put(self, cells: Sequence[Cell], *rights: Right) -> int:
        """Add a line; returns its 0-based number."""
        self.lines.append(list(cells))
        if rights:
            self.key[len(self.lines)] = list(rights)
        return len(self.lines) - 1

    def noise(self, *cells: Cell, how: str = "") -> int:
        """A line that is no record."""
        written = any(str(cell or "").strip() for cell in cells)
        return self.put(cells, *([Right(SKIPPED, how=how)] if written else []))

    def title(self, text: str, width: int) -> None:
        """A merged line above the heading."""
        line = self.put([text])
        self.merged.append((line, 0, line, width - 1))

    def join(self, first: int, column: int) -> None:
        """Merge a column from a line to the last one, unless that is one cell."""
        if len(self.lines) - 1 > first:
            self.merged.append((first, column, len(self.lines) - 1, column))


@dataclass
class Ledger:
    """A file with its key. `about`: what its upload says beside the file."""

    filename: str
    data: bytes
    pages: list[Page]
    about: dict[str, Any] = field(default_factory=dict)


def pick(rng: random.Random, *cells: Cell) -> Cell:
    """One of several ways to write a cell."""
    return rng.choice(cells)


def words(text: str) -> list[str]:
    return text.split()


def number_of(born: dt.date, serial: int) -> str:
    """A valid number of the invented region 511929; an odd serial is a man."""
    first = f"511929{born:%Y%m%d}{serial:03}"
    return first + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11]


def wide(text: str) -> str:
    """１２３ for 123."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def doubled(text: str) -> str:
    """With the second code points that some characters have."""
    return "".join(_DOUBLES.get(char, char) for char in text)


def chinese(number: int) -> str:
    """12 as 十二."""
    tens, ones = divmod(number, 10)
    head = {0: "", 1: "十"}.get(tens, f"{_FIGURES[tens]}十")
    return head + (_FIGURES[ones] if ones or not tens else "")


def day_words(day: dt.date, rng: random.Random, year_above: bool) -> Cell:
    """A day of these years as somebody writes it; without its year only where the title says it."""
    year, month, date = day.year, day.month, day.day
    said = "".join(_FIGURES[int(figure)] for figure in str(year))
    ways: list[Cell] = [
        day, day.isoformat(), f"{year}/{month}/{date}", f"{year}.{month}.{date}", f"{year}年{month}月{date}日",
        f"{year % 100}.{month}.{date}",
        f"{year % 100}年{month}月{date}日", f"{day:%Y%m%d}", wide(f"{year}-{month}-{date}"), f"{said}年{chinese(month)}月{chinese(date)}日",
        f"{year} 年 {month} 月 {date} 日", f"{year}-{month:02}-{date:02} 00:00:00", f"{year}年{month}月{date}号",
        f" {year}.{month:02}.{date:02} ",
        f"{year % 100}-{month}-{date}", f"{year}、{month}、{date}", float((day - dt.date(1899, 12, 30)).days), f"{year}.{month}.{date}.",
    ]  # fmt: skip
    if year_above:
        ways += [f"{month}月{date}日", f"{month}月{date}号", f"{chinese(month)}月{chinese(date)}日", f"{month}/{date}",
            f"{month} 月 {date} 日"]
        ways += [f"{month}.{date}日"] if date < 4 else [f"{month}.{date}"]
    return rng.choice(ways)


def village_words(code: str, rng: random.Random) -> str:
    """A village as somebody writes it."""
    spoken = SPOKEN[code]
    return rng.choice([spoken, VILLAGES[code], f"西兴镇{spoken}", f"平昌县西兴镇{spoken}", f" {spoken}", code,
        spoken[0] + "　" + spoken[1:]])


def name_words(name: str, rng: random.Random) -> str:
    """A name as somebody writes it."""
    if "·" in name:
        return name.replace("·", rng.choice("·•．・."))
    gap = f"{name[0]}{rng.choice((' ', '　', '  '))}{name[1:]}" if len(name) == 2 else name
    return rng.choice([name, name, gap, f"{name} ", doubled(name), f"\u200b{name}", f"{name}\n"])


def phone_words(phone: str, rng: random.Random) -> Cell:
    """A number as somebody writes it, without words."""
    parts = (phone[:3], phone[3:7], phone[7:])
    return pick(rng, phone, float(phone), " ".join(parts), "-".join(parts), f"+86{phone}", wide(phone), f"'{phone}", f"{phone}、")


def id_words(number: str, rng: random.Random) -> str:
    """An ID number as somebody writes it."""
    spaced = f"{number[:6]} {number[6:14]} {number[14:]}"
    return rng.choice([number, number, number.lower(), spaced, wide(number), f"'{number}", f"{number}\t",
        f"{number[:6]}-{number[6:14]}-{number[14:]}"])


def old_number(number: str) -> str:
    """The 15 digits that somebody born before 2000 had."""
    return number[:6] + number[8:17]


def spoilt(number: str) -> str:
    """A number whose last character is not right."""
    return number[:17] + ("1" if number[17] != "1" else "2")


# --- files ----------------------------------------------------------------------------------------------------------------


def xlsx(pages: Sequence[Page]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_urls": False}) as book:
        shown, blank = book.add_format({"num_format": "yyyy/m/d", "border": 1}), book.add_format({"border": 1})
        for page in pages:
            sheet = book.add_worksheet(page.name)
            for row, cells in enumerate(page.lines):
                for column, cell in enumerate(cells):
                    _put_xlsx(sheet, row, column, cell, shown, blank)
            for top, left, bottom, right in page.merged:
                sheet.merge_range(top, left, bottom, right, "", blank)
                _put_xlsx(sheet, top, left, page.lines[top][left], shown, blank)
            for line in page.hidden_lines:
                sheet.set_row(line, None, None, {"hidden": True})
            if page.hidden:
                sheet.hide()
    return stream.getvalue()


def _put_xlsx(sheet: Any, row: int, column: int, cell: Cell, shown: Any, blank: Any) -> None:
    if isinstance(cell, dt.date):
        sheet.write_datetime(row, column, cell, shown)
    elif isinstance(cell, str) and cell in ERRORS:
        sheet.write_formula(row, column, "=A1/0", blank, cell)
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell, blank)
    elif cell is not None:
        sheet.write_number(row, column, cell, blank)


def xls(pages: Sequence[Page]) -> bytes:
    book, stream = xlwt.Workbook(encoding="utf-8"), io.BytesIO()
    shown = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for page in pages:
        sheet = book.add_sheet(page.name, cell_overwrite_ok=True)
        for row, cells in enumerate(page.lines):
            for column, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(row, column, cell, *([shown] if isinstance(cell, dt.date) else []))
        for top, left, bottom, right in page.merged:
            sheet.merge(top, bottom, left, right)
        for line in page.hidden_lines:
            sheet.row(line).hidden = True
        sheet.visibility = int(page.hidden)
    book.save(stream)
    return stream.getvalue()


def text(page: Page, encoding: str = "utf-8", delimiter: str = ",", guarded: Sequence[int] = ()) -> bytes:
    """`guarded`: columns that a program wrote as ="123", so that Excel keeps them."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    for cells in page.lines:
        said = [plain(cell) for cell in cells]
        writer.writerow([f'="{cell}"' if column in guarded and cell[:1].isdigit() else cell for column, cell in enumerate(said)])
    return stream.getvalue().encode(encoding)


def html(page: Page, encoding: str = "utf-8") -> bytes:
    """A web table as systems export it under the name .xls."""
    covered = {(row, column) for top, left, bottom, right in page.merged for row in range(top, bottom + 1) for column in range(left,
        right + 1)}
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in page.merged}
    rows = []
    for row, cells in enumerate(page.lines):
        said = []
        for column, cell in enumerate(cells):
            down, across = spans.get((row, column), (1, 1))
            if (row, column) in covered and (row, column) not in spans:
                continue
            said.append(f'<td rowspan="{down}" colspan="{across}">{escape(plain(cell))}</td>')
        rows.append(f"<tr>{''.join(said)}</tr>")
    head = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={encoding}"></head><body><table border="1">'
    return f"{head}{''.join(rows)}</table></body></html>".encode(encoding)


def spreadsheet_ml(page: Page) -> bytes:
    """Excel's own XML of 2003."""
    rows = []
    for cells in page.lines:
        said = "".join(f'<Cell><Data ss:Type="String">{escape(plain(cell))}</Data></Cell>' for cell in cells)
        rows.append(f"<Row>{said}</Row>")
    space = 'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
    sheet = f'<Worksheet ss:Name="{page.name}"><Table>{"".join(rows)}</Table></Worksheet>'
    return f'<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Excel.Sheet"?><Workbook {space}>{sheet}</Workbook>'.encode()


def plain(cell: Cell) -> str:
    """A cell as text."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    return "" if cell is None else str(cell)
