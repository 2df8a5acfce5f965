"""Write into a template as it is: values into its cells, rows added in its style, what could not be filled marked. Pure."""

from __future__ import annotations

import datetime as dt
import re
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, MergedCell
from openpyxl.formula.translate import Translator
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet
from PIL.Image import DecompressionBombError

from governance.desk.superior.layout import MISSING, SuperiorError
from governance.sheets.writer import Value

YELLOW = PatternFill("solid", fgColor="FFFFFF00")
LISTED = 500
ROOM, MOST_CELLS, MOST_PIXELS = (300, 30), 300_000, 20_000_000  # ROOM: rows and columns
TOO_BIG = "这张表的范围太大，请删除用不到的行和列再上传。"
_CELL = re.compile(rb"<(?:\w+:)?c[ />]")
UNREADABLE = (
    InvalidFileException, BadZipFile, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError,
    DecompressionBombError,
)  # fmt: skip
_REFERENCE = re.compile(r"(?<![A-Za-z0-9_!'.])(\$?[A-Z]{1,3}\$?)(\d{1,7})(?![\d(A-Za-z_!])")


@dataclass
class Sheets:
    """A template that is being filled. `missed`: (sheet, place, heading, reason) of cells that stay empty."""

    book: Workbook
    filled: int = 0
    kept: int = 0
    missed: int = 0
    reasons: list[tuple[str, str, str, str]] = field(default_factory=list)

    @classmethod
    def open(cls, data: bytes) -> Sheets:
        """Raises SuperiorError where the file cannot be opened."""
        try:
            if _cells_in(data) > MOST_CELLS:
                raise SuperiorError(TOO_BIG, "size", "file")
            book = load_workbook(BytesIO(data))
        except UNREADABLE as error:
            raise SuperiorError("这张表打不开，请用 Excel 或 WPS 另存为 .xlsx 再上传。", "type", "file") from error
        if MISSING in book.sheetnames:
            del book[MISSING]
        for sheet in book.worksheets:
            _trim(sheet)
        if sum(sheet.max_row * sheet.max_column for sheet in book.worksheets) > MOST_CELLS:
            raise SuperiorError(TOO_BIG, "size", "file")
        for image in (image for sheet in book.worksheets for image in sheet._images):
            if image.width * image.height > MOST_PIXELS:
                raise SuperiorError("这张表里有尺寸太大的图片，请删除图片再上传。", "size", "file")
        return cls(book)

    @classmethod
    def prove(cls, data: bytes) -> None:
        """Raises SuperiorError where the file cannot be written back."""
        try:
            cls.open(data).saved()
        except UNREADABLE as error:
            raise SuperiorError("这张表不能原样写回，请用 Excel 或 WPS 另存为 .xlsx 再上传。", "type", "file") from error

    def put(self, sheet: Worksheet, place: str, heading: str, value: Value, reason: str) -> None:
        """One cell: a formula of the template stays, nothing to say is marked with `reason`."""
        cell = sheet[place]
        if isinstance(cell, MergedCell) or cell.data_type == "f":
            self.kept += 1
        elif value is None or value == "":
            if cell.value is None:
                self.mark(sheet, [place])
                self.note(sheet.title, place, heading, reason)
        else:
            write(cell, value)
            self.filled += 1

    def mark(self, sheet: Worksheet, places: list[str]) -> None:
        """Yellow, each counted as a cell that could not be filled."""
        for place in places:
            cell = sheet[place]
            if not isinstance(cell, MergedCell):
                cell.fill = YELLOW
                self.missed += 1

    def note(self, sheet: str, place: str, heading: str, reason: str) -> None:
        self.reasons.append((sheet, place, heading, reason))

    def saved(self) -> bytes:
        """The file, with a sheet that says what could not be filled and why."""
        if self.reasons:
            sheet = self.book.create_sheet(MISSING)
            sheet.append(["工作表", "位置", "栏目", "原因"])
            for line in self.reasons[:LISTED]:
                sheet.append([plain(text) for text in line])
            if len(self.reasons) > LISTED:
                sheet.append(["", "", "", f"另有 {len(self.reasons) - LISTED} 处，见各表的黄色格子。"])
            for letter, width in zip("ABCD", (18, 12, 30, 60), strict=True):
                sheet.column_dimensions[letter].width = width
            for cell in sheet[1]:
                cell.font = Font(bold=True)
            for row in sheet.iter_rows(min_row=2):
                for cell in row:
                    cell.data_type, cell.alignment = "s", Alignment(wrap_text=True, vertical="top")
        stream = BytesIO()
        self.book.save(stream)
        return stream.getvalue()


def _cells_in(data: bytes) -> int:
    """How many cells the sheets have, blank ones too, counted without making any of them."""
    with ZipFile(BytesIO(data)) as archive:
        parts = [name for name in archive.namelist() if name.endswith(".xml")]
        return sum(1 for name in parts for _ in _CELL.finditer(archive.read(name)))


def _trim(sheet: Worksheet) -> None:
    """Blank cells far below or beside all that is said are no part of a form: whole columns were given a format."""
    said = [place for place, cell in sheet._cells.items() if cell.value is not None]
    last, width = (max((place[one] for place in said), default=0) for one in (0, 1))
    for row, column in [place for place in sheet._cells if place[0] > last + ROOM[0] or place[1] > width + ROOM[1]]:
        del sheet._cells[row, column]


def plain(value: Value) -> Any:
    """As Excel takes it: no control characters, no zone."""
    if isinstance(value, str):
        return ILLEGAL_CHARACTERS_RE.sub("", value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


def write(cell: Any, value: Value) -> None:
    """Text stays text, also where it begins like a formula. A day is one where the template gives it a form, else its text, which a
    narrow column does not turn into ###."""
    form = cell.number_format
    if isinstance(value, dt.date) and form == "General":
        value = f"{value:%Y-%m-%d %H:%M}" if isinstance(value, dt.datetime) else value.isoformat()
    cell.value = plain(value)
    if isinstance(value, str):
        cell.data_type = "s"
    cell.number_format = form


def grow(sheet: Worksheet, first: int, last: int, count: int) -> None:
    """`count` rows more below `last`, as `last` looks; what stands below moves down, and formulas around follow the rows `first`
    to `last` that have grown."""
    width = sheet.max_column
    if sheet.max_row > last:
        sheet.move_range(CellRange(min_col=1, max_col=width, min_row=last + 1, max_row=sheet.max_row), rows=count)
    areas = list(sheet.merged_cells.ranges)
    for area in areas:
        if area.min_row > last:
            area.shift(row_shift=count)
    sheet.merged_cells.ranges = set(areas)
    for row in sorted((row for row in sheet.row_dimensions if row > last), reverse=True):
        dimension = sheet.row_dimensions.pop(row)
        dimension.index = row + count
        sheet.row_dimensions[row + count] = dimension
    for cells in sheet.iter_rows():
        for cell in cells:
            if cell.data_type == "f" and isinstance(cell.value, str) and not first <= cell.row <= last:
                cell.value = _followed(cell.value, last, count)
    across = [area for area in areas if area.min_row == area.max_row == last]
    for row in range(last + 1, last + count + 1):
        _like(sheet, last, row, width)
        for area in across:
            sheet.merge_cells(start_row=row, end_row=row, start_column=area.min_col, end_column=area.max_col)


def _like(sheet: Worksheet, last: int, row: int, width: int) -> None:
    sheet.row_dimensions[row].height = sheet.row_dimensions[last].height
    for column in range(1, width + 1):
        model, cell = sheet.cell(last, column), sheet.cell(row, column)
        if isinstance(model, MergedCell):
            continue
        cell._style = copy(model._style)
        if model.data_type == "f" and isinstance(model.value, str):
            cell.value = Translator(model.value, model.coordinate).translate_formula(cell.coordinate)


def _followed(formula: str, last: int, count: int) -> str:
    """A formula outside the rows that have grown: what names `last` or a row below names it where it now stands."""
    return _REFERENCE.sub(lambda found: f"{found[1]}{int(found[2]) + (count if int(found[2]) >= last else 0)}", formula)
