"""A free table of the village as it is pasted from Excel or WPS, or sent as a file: headings in the first line, rows below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from governance.sheets.cards import sheet_of_text, text_of_rows
from governance.sheets.limits import Limits, SheetError
from governance.sheets.reader import read_workbook

Table = tuple[list[str], list[list[str]]]


def table_text(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as it would be pasted."""
    return text_of_rows(dict(enumerate([columns, *rows], 1))) if columns else ""


def table_of_file(*, file: IO[bytes], filename: str) -> str:
    """The first filled sheet of a workbook as it would be pasted. Raises SheetError."""
    sheets = read_workbook(file.read(Limits().file_bytes + 1), filename, hidden=False)
    sheet = next((sheet for sheet in sheets if sheet.rows), None)
    if sheet is None:
        raise SheetError("文件里没有内容", "no_table")
    return text_of_rows(sheet.rows)


def table_read(text: str) -> Table:
    """(headings, rows); a title above the headings and empty columns are left out, short rows filled up. ([], []) of no rows: a line
    of headings alone is what the form began with. Raises SheetError."""
    lines = [[str(cell or "") for cell in row] for row in sheet_of_text(text).rows.values()]
    width = max((sum(1 for cell in line if cell) for line in lines), default=0)
    while len(lines) > 2 and width > 1 and sum(1 for cell in lines[0] if cell) == 1:
        lines.pop(0)
    if len(lines) < 2:
        return [], []
    length = max(len(line) for line in lines)
    full = [line + [""] * (length - len(line)) for line in lines]
    used = [place for place in range(length) if any(line[place] for line in full)]
    columns, *rows = [[line[place] for place in used] for line in full]
    if "" in columns:
        raise SheetError(f"表头第 {columns.index('') + 1} 栏没有名称，请补上", "heading")
    return columns, rows
