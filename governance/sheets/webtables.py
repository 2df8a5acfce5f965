"""Tables that programs save as .xls and that are none: a web page, or the XML of Excel 2003 (SpreadsheetML)."""

import codecs
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from governance.sheets.limits import Limits, SheetError
from governance.sheets.marks import local, parse_xml

_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\n]+")


@dataclass
class Page:
    """One table as it is drawn: rows from the top, merged ranges as in `Sheet`, and what is hidden."""

    name: str
    rows: list[list[Any]] = field(default_factory=list)
    merged: list[list[int]] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)


class _Grid:
    """Puts cells side by side, past the places that ranges from above or from the left take."""

    def __init__(self, page: Page, limits: Limits) -> None:
        self.page, self.limits = page, limits
        self.taken: set[tuple[int, int]] = set()
        self.column = 0

    def open_row(self, number: int = 0) -> None:
        """Row `number` (1-based), the next one for 0."""
        number = number or len(self.page.rows) + 1
        if number > self.limits.rows * 2:
            raise SheetError(f"文件无法读取：超过 {self.limits.rows} 行，请拆分后再上传", "size")
        self.page.rows += [[] for _ in range(number - len(self.page.rows))]
        self.column = 0

    def put(self, value: Any, across: int = 1, down: int = 1, column: int | None = None) -> None:
        top = len(self.page.rows)
        self.column = self.column if column is None else column
        while (top, self.column) in self.taken:
            self.column += 1
        if self.column + across > self.limits.columns or down > self.limits.rows:
            raise SheetError(f"文件无法读取：超过 {self.limits.columns} 列，请删除多余的列后再上传", "size")
        row = self.page.rows[-1]
        row.extend([None] * (self.column + 1 - len(row)))
        row[self.column] = value
        if across > 1 or down > 1:
            self.page.merged.append([top, self.column, top + down - 1, self.column + across - 1])
            self.taken |= {(top + line, self.column + step) for line in range(1, down) for step in range(across)}
            if len(self.page.merged) > self.limits.merges or len(self.taken) > self.limits.cells:
                raise SheetError("文件无法读取：合并单元格过多，请取消合并后再上传", "size")
        self.column += across


class _Tables(HTMLParser):
    """Every table of a page that holds no other table; hidden text is left out."""

    def __init__(self, name: str, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.name, self.limits = name, limits
        self.pages: list[Page] = []
        self.open: list[_Grid] = []
        self.text: list[str] | None = None
        self.span = (1, 1)
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag in ("style", "script", "title"):
            self.silent += 1
        elif tag == "table":
            self._close_cell()
            self.open.append(_Grid(Page(self.name), self.limits))
            self.pages.append(self.open[-1].page)
        elif tag == "tr" and self.open:
            self._close_cell()
            self.open[-1].open_row()
            if _is_hidden(said):
                self.open[-1].page.hidden_rows.append(len(self.open[-1].page.rows))
        elif tag in ("td", "th") and self.open and self.open[-1].page.rows:
            self._close_cell()
            self.text, self.span = [], (_count(said.get("colspan")), _count(said.get("rowspan")))
        elif tag in ("br", "p", "div") and self.text:
            self.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "title"):
            self.silent = max(0, self.silent - 1)
        elif tag in ("td", "th", "tr"):
            self._close_cell()
        elif tag == "table" and self.open:
            self._close_cell()
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.text is not None and not self.silent:
            self.text.append(data)

    def _close_cell(self) -> None:
        if self.text is not None and self.open:
            self.open[-1].put(_BLANKS.sub(" ", "".join(self.text)).strip() or None, *self.span)
        self.text = None


def _count(text: str | None) -> int:
    return max(1, int(text)) if text and text.strip().isdecimal() and len(text) < 7 else 1


def _is_hidden(said: dict[str, str | None]) -> bool:
    return "display:none" in (said.get("style") or "").replace(" ", "").lower() or "hidden" in said


def html_pages(data: bytes, name: str, limits: Limits) -> list[Page]:
    """The tables of a web page, all named `name` and numbered from the second on. Raises SheetError."""
    parser = _Tables(name, limits)
    parser.feed(_page_text(data))
    parser.close()
    pages = [page for page in parser.pages if any(any(row) for row in page.rows)]
    if not pages:
        raise SheetError("文件无法读取：这是网页，里面没有表格", "type")
    for number, page in enumerate(pages[1:], 2):
        page.name = f"{name}{number}"
    return pages


def _page_text(data: bytes) -> str:
    """By its mark or what it says of itself, else UTF-8, else GB18030; gbk and gb2312 are parts of GB18030."""
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    named = _CHARSET.search(data[:2048])
    codec = next((codec for mark, codec in marks.items() if data.startswith(mark)), "")
    codec = codec or (named[1].decode().lower() if named else "utf-8")
    for one in ("gb18030" if codec.startswith("gb") else codec, "utf-8", "gb18030"):
        try:
            return data.decode(one)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("gb18030", "replace")


def xml_pages(data: bytes, limits: Limits) -> list[Page]:
    """The worksheets of a SpreadsheetML workbook. Raises SheetError."""
    root = parse_xml(data)
    pages = [_worksheet(sheet, limits) for sheet in root if local(sheet.tag) == "Worksheet"]
    if not pages:
        raise SheetError("文件无法读取：这不是 Excel 表格，请用 Excel 或 WPS 打开后另存为 .xlsx", "type")
    return pages


def _worksheet(sheet: Any, limits: Limits) -> Page:
    page = Page(_said(sheet, "Name"))
    page.hidden = any(local(one.tag) == "Visible" and "Hidden" in (one.text or "") for one in sheet.iter())
    grid, column = _Grid(page, limits), 0
    for part in (part for table in sheet if local(table.tag) == "Table" for part in table):
        if local(part.tag) == "Column":
            column = int(_said(part, "Index") or column + 1)
            last = min(column + int(_said(part, "Span") or 0), limits.columns)
            page.hidden_columns += range(column - 1, last) if _said(part, "Hidden") == "1" else ()
            column = last
        elif local(part.tag) == "Row":
            grid.open_row(int(_said(part, "Index") or 0))
            if _said(part, "Hidden") == "1":
                page.hidden_rows.append(len(page.rows))
            for cell in (cell for cell in part if local(cell.tag) == "Cell"):
                index = _said(cell, "Index")
                across, down = (int(_said(cell, key) or 0) + 1 for key in ("MergeAcross", "MergeDown"))
                grid.put(next(_data(cell), None), across, down, int(index) - 1 if index else None)
    return page


def _data(cell: Any) -> Iterator[Any]:
    for data in cell:
        if local(data.tag) == "Data":
            text, kind = "".join(data.itertext()), _said(data, "Type")
            if kind == "Number":
                yield float(text)
            elif kind == "DateTime":
                moment = dt.datetime.fromisoformat(text)
                yield moment.date() if moment.time() == dt.time() else moment
            else:
                yield text == "1" if kind == "Boolean" else text or None


def _said(element: Any, name: str) -> str:
    """An attribute, whatever its namespace."""
    return next((str(value) for key, value in element.attrib.items() if local(key) == name), "")
