"""The child process that opens one stranger's file: `python -m governance.sheets.worker`, bytes in, JSON out.

It limits its own memory and processor time before it touches the file, so that whatever happens here ends here.
Standard output is one JSON object: {"sheets": [{"name", "merged", "rows", "hidden", …}]} or {"error", "code"}.
"""

import csv
import datetime as dt
import gc
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import python_calamine as calamine

from governance.children import confine
from governance.sheets.containers import CSV, ENCRYPTED, HTML, XLSX, XML, check_ole, check_zip, sniff, straight_zip
from governance.sheets.limits import Limits, SheetError
from governance.sheets.marks import Marks, read_marks
from governance.sheets.oldmarks import read_old_marks
from governance.sheets.webtables import html_pages, xml_pages

_GUARDED = re.compile(r'^="([^"]*)"$')  # as programs write text that Excel must not take for a number


def main() -> None:
    """Read the file from standard input; the first line holds {"name", "limits"} as JSON."""
    gc.disable()  # rows hold no cycles, and the process ends with them
    order = json.loads(sys.stdin.buffer.readline())
    limits = Limits(**order["limits"])
    confine(limits.memory_bytes, limits.cpu_seconds)
    try:
        sheets = parse(sys.stdin.buffer.read(), order["name"], limits)
        if any(len(sheet["name"]) > limits.name_chars for sheet in sheets):
            raise SheetError(f"文件无法读取：有工作表的名称超过 {limits.name_chars} 字，请改短后再上传", "size")
        answer: dict[str, Any] = {"sheets": sheets}
    except SheetError as error:
        answer = {"error": error.message, "code": error.code}
    except MemoryError:
        answer = {"error": "文件无法读取：表格占用内存过大，请删除多余的空白行列后再上传", "code": "size"}
    except calamine.PasswordError:
        answer = {"error": ENCRYPTED, "code": "encrypted"}
    except (calamine.CalamineError, csv.Error, ValueError, OSError):
        message = "文件无法读取：文件已损坏、设有密码或格式不对，请用 Excel 或 WPS 另存为 .xlsx 再上传"
        answer = {"error": message, "code": "damaged"}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())


def parse(data: bytes, name: str, limits: Limits) -> list[dict[str, Any]]:
    """Sheets as plain JSON data; `name` names the only sheet of a CSV. Raises SheetError."""
    kind = sniff(data)
    budget = _Budget(limits)
    marks: dict[str, Marks] = {}
    if kind == CSV:
        text = _decode(data)
        lines = csv.reader(_lines(text, limits), delimiter=_delimiter(text))
        rows = budget.take([_GUARDED.sub(r"\1", cell) for cell in line] for line in lines)
        return [{"name": name, "merged": [], "rows": rows}]
    if kind in (HTML, XML):
        pages = html_pages(data, name, limits) if kind == HTML else xml_pages(data, limits)
        return [{**vars(page), "rows": budget.take(page.rows)} for page in pages]
    if kind == XLSX:
        check_zip(data, limits)
        data = straight_zip(data)
        marks = read_marks(data, limits.columns)
    else:
        check_ole(data)
        marks = read_old_marks(data, limits.columns)
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    found = [meta for meta in book.sheets_metadata if meta.typ == calamine.SheetTypeEnum.WorkSheet]
    if len(found) > limits.sheets:
        raise SheetError(f"文件无法读取：工作表超过 {limits.sheets} 个，请拆分后再上传", "size")
    return [
        {
            **_sheet(book.get_sheet_by_name(meta.name), budget, marks.get(meta.name, Marks())),
            "hidden": meta.visible != calamine.SheetVisibleEnum.Visible,
        }
        for meta in found
    ]


class _Budget:
    """Counts rows, cells and text of all sheets together, since a shared string can be repeated a million times."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.rows_left = limits.rows
        self.cells_left = limits.cells
        self.chars_left = limits.text_chars

    def take(self, rows: Iterable[list[Any]]) -> list[list[Any]]:
        """Non-empty rows as [1-based row number, cells without trailing blanks]."""
        taken: list[list[Any]] = []
        for number, row in enumerate(rows, 1):
            cells = self._cells(row)
            if not cells:
                continue
            self.rows_left -= 1
            if self.rows_left < 0:
                raise SheetError(f"文件无法读取：超过 {self.limits.rows} 行，请拆分后再上传", "size")
            taken.append([number, cells])
        return taken

    def _cells(self, row: list[Any]) -> list[Any]:
        width = len(row)
        while width and row[width - 1] in ("", None):
            width -= 1
        if width > self.limits.columns:
            raise SheetError(f"文件无法读取：超过 {self.limits.columns} 列，请删除多余的列后再上传", "size")
        cells = [cell if type(cell) is str else _plain(cell) for cell in row[:width]]
        lengths = [len(cell) for cell in cells if isinstance(cell, str)]
        if max(lengths, default=0) > self.limits.cell_chars:
            raise SheetError(f"文件无法读取：有一格超过 {self.limits.cell_chars} 字，请缩短后再上传", "size")
        self.cells_left -= width
        self.chars_left -= sum(lengths)
        self._check()
        return cells

    def widen(self, cells: list[Any], width: int) -> None:
        """Blank cells at the end of a row that was taken."""
        if width > self.limits.columns:
            raise SheetError(f"文件无法读取：超过 {self.limits.columns} 列，请删除多余的列后再上传", "size")
        self.cells_left -= max(0, width - len(cells))
        self._check()
        cells += [None] * (width - len(cells))

    def _check(self) -> None:
        if self.cells_left < 0 or self.chars_left < 0:
            raise SheetError("文件无法读取：内容总量过大，请拆分后再上传", "size")


def _sheet(sheet: calamine.CalamineSheet, budget: _Budget, marks: Marks) -> dict[str, Any]:
    merged = sheet.merged_cell_ranges or []
    if len(merged) > budget.limits.merges:
        raise SheetError("文件无法读取：合并单元格过多，请取消合并后再上传", "size")
    corners = [[top + 1, left, bottom + 1, right] for (top, left), (bottom, right) in merged]
    rows = budget.take(sheet.iter_rows())
    _put_failed(rows, marks, budget)
    columns = marks.columns
    return {"name": sheet.name, "merged": corners, "rows": rows, "hidden_rows": marks.rows, "hidden_columns": columns}


def _put_failed(rows: list[list[Any]], marks: Marks, budget: _Budget) -> None:
    """Write #REF! and the like into their cells, which come empty from the reader."""
    by_number = dict(rows)
    for (number, column), error in marks.failed.items():
        if (cells := by_number.get(number)) is not None:
            budget.widen(cells, column + 1)
            cells[column] = error


def _plain(cell: Any) -> Any:
    """JSON has no dates: a date travels as ["date", ISO text], a moment as ["datetime", ISO text]."""
    if isinstance(cell, dt.datetime):
        return ["datetime", cell.isoformat()]
    if isinstance(cell, dt.date):
        return ["date", cell.isoformat()]
    if isinstance(cell, dt.time | dt.timedelta):
        return str(cell)
    return cell


def _decode(data: bytes) -> str:
    """Text of a CSV by its mark, else UTF-8, else GB18030 (what Excel and WPS in China save). Raises SheetError."""
    for codec in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    raise SheetError("文件无法读取：文字编码无法识别，请另存为 .xlsx 或 UTF-8 编码的 CSV", "encoding")


def _lines(text: str, limits: Limits) -> Iterator[str]:
    for line in io.StringIO(text, newline=""):
        if len(line) > limits.line_chars:
            raise SheetError("文件无法读取：有一行文字过长，可能不是正常的表格", "size")
        yield line


def _delimiter(text: str) -> str:
    """The commonest of comma, tab and semicolon near the top; Excel's “Unicode text” uses tabs."""
    return max(",\t;", key=text[:20_000].count)


if __name__ == "__main__":
    main()
