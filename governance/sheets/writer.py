"""Write official ledgers as .xlsx, row by row, so that no cell can ever act as a formula.

XlsxWriter makes the frame (styles, title, heading, print, filter); the rows are written into it here, at a tenth of its cost:
docs/decisions/0023-outward.md.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import IO, Any, NamedTuple
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

Value = str | int | float | bool | Decimal | dt.date | dt.datetime | None

_ZONE = ZoneInfo("Asia/Shanghai")
_SHEET_NAME_BANNED = re.compile(r"[\[\]:*?/\\]")
_CELL_CHARS = 32_767
_EXACT_DIGITS = 10**15
_A4 = 9
_LEVEL = 1  # of compression: half the time of the usual 6 for a third more bytes
_ROWS_AT_ONCE = 500
_EPOCH = dt.date(1899, 12, 30).toordinal()
_FIRST_DAY = dt.date(1900, 3, 1)  # Excel counts a 29 February 1900 that never was
_DIMENSION = re.compile(r"<dimension [^>]*/>")
_MARK = re.compile(r' s="(\d+)"')
_FILTER = re.compile(r'(<autoFilter ref="[A-Z]+\d+:[A-Z]+)\d+')
_FILTER_NAME = re.compile(r'(localSheetId="(\d+)" hidden="1">[^<]*\$)\d+(?=</definedName>)')
_SPECIAL = re.compile(r"[\x00-\x1f&<>_\ud800-\udfff\ufffe\uffff]|^\s|\s$")
_UNFIT = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True)
class Column:
    """A column of an official ledger; `width` in characters of the default font (a Chinese character takes two)."""

    heading: str
    width: float = 12


@dataclass(frozen=True)
class LedgerSheet:
    """One worksheet: `title` over the heading row ('' for none), `mark` on a line between, `rows` in the order of `columns`, `notes`
    below."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    notes: Sequence[str] = ()
    mark: str = ""


def write_table(
    stream: IO[bytes],
    *,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Value]],
    sheet_name: str = "Sheet1",
    notes: Sequence[str] = (),
    mark: str = "",
) -> None:
    """Write one ledger as .xlsx: merged title, styled and frozen heading, A4 landscape fitted to the page's width."""
    write_sheets(stream, [LedgerSheet(sheet_name, title, columns, rows, notes, mark)])


def write_sheets(stream: IO[bytes], sheets: Iterable[LedgerSheet]) -> None:
    """Write several worksheets to one .xlsx, streaming `rows`. Texts stay text, aware moments become Shanghai time."""
    ledgers = list(sheets)
    last_lines: list[int] = []
    with zipfile.ZipFile(_frame(ledgers)) as frame, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as book:
        names = [f"xl/worksheets/sheet{number}.xml" for number in range(1, len(ledgers) + 1)]
        for name, ledger in zip(names, ledgers, strict=True):
            with book.open(name, "w", force_zip64=True) as part:
                last_lines.append(_fill(part, frame.read(name).decode(), ledger))
        for name in frame.namelist():
            if name == "xl/workbook.xml":
                book.writestr(name, _with_filters(frame.read(name).decode(), last_lines))
            elif name not in names:
                book.writestr(name, frame.read(name))


def _frame(ledgers: Sequence[LedgerSheet]) -> BytesIO:
    """The file without its rows; below each heading stands one row with a blank cell of each style."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        styles = _Styles(book)
        taken: set[str] = set()
        for ledger in ledgers:
            _frame_sheet(book.add_worksheet(_sheet_name(ledger.name, taken)), ledger, styles)
    return stream


class _Styles:
    """The few formats of an official ledger."""

    def __init__(self, book: Any) -> None:
        cell = {"border": 1, "valign": "vcenter", "font_name": "宋体", "font_size": 10}
        self.title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        self.heading = book.add_format(
            {**cell, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#F2F2F2"}
        )
        self.mark = book.add_format({"font_name": "宋体", "font_size": 10, "font_color": "#C00000", "valign": "vcenter"})
        self.cells = (
            book.add_format({**cell, "text_wrap": True, "num_format": "@"}),
            book.add_format(cell),
            book.add_format({**cell, "num_format": "yyyy-mm-dd"}),
            book.add_format({**cell, "num_format": "yyyy-mm-dd hh:mm"}),
            book.add_format({"font_name": "宋体", "font_size": 10}),
        )


class _Marks(NamedTuple):
    """The numbers that the file gives to `_Styles.cells`."""

    text: str
    number: str
    date: str
    moment: str
    note: str


def _heading_line(ledger: LedgerSheet) -> int:
    return bool(ledger.title) + bool(ledger.mark)


def _lines_above(ledger: LedgerSheet, styles: _Styles) -> list[tuple[str, Any, int]]:
    """Text, style and height of the lines over the heading."""
    lines = [(ledger.title, styles.title, 30), (ledger.mark, styles.mark, 20)]
    return [line for line in lines if line[0]]


def _frame_sheet(page: Any, ledger: LedgerSheet, styles: _Styles) -> None:
    last, line = len(ledger.columns) - 1, _heading_line(ledger)
    for row, (text, style, height) in enumerate(_lines_above(ledger, styles)):
        page.set_row(row, height)
        if last:
            page.merge_range(row, 0, row, last, text, style)
        else:
            page.write_string(row, 0, text, style)
    for index, column in enumerate(ledger.columns):
        page.set_column(index, index, column.width)
        page.write_string(line, index, column.heading, styles.heading)
    page.autofilter(line, 0, line, last)
    page.freeze_panes(line + 1, 0)
    page.repeat_rows(0, line)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.set_footer("&C第 &P 页，共 &N 页")
    for index, style in enumerate(styles.cells):
        page.write_blank(line + 1, index, None, style)


def _fill(part: IO[bytes], frame: str, ledger: LedgerSheet) -> int:
    """Write the sheet with its rows; returns the line of the last one, as Excel counts."""
    line = _heading_line(ledger) + 1
    top, below = frame.split(f'<row r="{line + 1}"', 1)
    samples, bottom = below.split("</row>", 1)
    marks = _Marks(*_MARK.findall(samples))
    part.write(_DIMENSION.sub("", top).encode())
    last = line
    for reached, text in _rows(ledger.rows, marks, line, len(ledger.columns)):
        part.write(text.encode())
        last = reached
    for number, note in enumerate(ledger.notes, start=last + 1):
        cell = _text(f'<c r="A{number}', marks.note, note)
        part.write(f'<row r="{number}">{cell}</row>'.encode())
    part.write(_FILTER.sub(rf"\g<1>{last}", bottom).encode())
    return last


def _with_filters(workbook: str, last_lines: Sequence[int]) -> str:
    """Excel keeps the range of a filter also as a hidden name: each down to its sheet's last row."""

    def stretched(found: re.Match[str]) -> str:
        return f"{found[1]}{last_lines[int(found[2])]}"

    return _FILTER_NAME.sub(stretched, workbook)


def _rows(rows: Iterable[Sequence[Any]], marks: _Marks, heading: int, width: int) -> Iterator[tuple[int, str]]:
    """Some rows at once as the file has them, below the line `heading`, each with the line of the last. What most cells are is
    written here, in the loop: a call for each cell would double the time."""
    cells = [f'<c r="{xl_col_to_name(index)}' for index in range(width)]
    empty, text = f'" s="{marks.text}"/>', f'" s="{marks.text}" t="inlineStr"><is><t>'
    number, date = f'" s="{marks.number}"><v>', f'" s="{marks.date}"><v>'
    out: list[str] = []
    add, special = out.append, _SPECIAL.search
    line = heading
    for line, row in enumerate(rows, start=heading + 1):
        add(f'<row r="{line}">')
        for cell, value in zip(cells, row, strict=True):
            kind = type(value)
            if value is None or value == "":
                add(f"{cell}{line}{empty}")
            elif kind is str and len(value) <= _CELL_CHARS and not special(value):
                add(f"{cell}{line}{text}{value}</t></is></c>")
            elif kind is int and -_EXACT_DIGITS < value < _EXACT_DIGITS:
                add(f"{cell}{line}{number}{value}</v></c>")
            elif kind is dt.date and value >= _FIRST_DAY:
                add(f"{cell}{line}{date}{value.toordinal() - _EPOCH}</v></c>")
            else:
                add(_cell(f"{cell}{line}", value, marks))
        add("</row>")
        if line % _ROWS_AT_ONCE == 0:
            yield line, "".join(out)
            out.clear()
    yield line, "".join(out)


def _cell(begun: str, value: str | float | Decimal | dt.date, marks: _Marks) -> str:
    """The rarer kinds; `begun`: `<c r="B7`, as the row has it."""
    if isinstance(value, bool):
        return _text(begun, marks.text, "是" if value else "否")
    if isinstance(value, int | float | Decimal):
        exact = -_EXACT_DIGITS < value < _EXACT_DIGITS
        return f'{begun}" s="{marks.number}"><v>{value}</v></c>' if exact else _text(begun, marks.text, str(value))
    if isinstance(value, dt.date):
        moment = isinstance(value, dt.datetime)
        local = _local(value) if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())
        if local.date() < _FIRST_DAY:
            return _text(begun, marks.text, f"{local:%Y-%m-%d %H:%M}" if moment else f"{local:%Y-%m-%d}")
        return f'{begun}" s="{marks.moment if moment else marks.date}"><v>{_serial(local)}</v></c>'
    return _text(begun, marks.text, value)


def _text(begun: str, mark: str, text: str) -> str:
    """A cell that is text whatever it begins with. What XML cannot hold is left out, hidden characters are written as Excel does."""
    fit = escape(_HIDDEN.sub(lambda found: f"_x{ord(found[0]):04X}_", _UNFIT.sub("", text[:_CELL_CHARS])))
    return f'{begun}" s="{mark}" t="inlineStr"><is><t xml:space="preserve">{fit}</t></is></c>'


def _serial(moment: dt.datetime) -> int | float:
    """Days since Excel's epoch."""
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1_000_000
    days = moment.toordinal() - _EPOCH
    return days + seconds / 86_400 if seconds else days


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
