"""How a superior's template is laid out: where each sheet's heading stands and what follows below it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from governance.errors import DomainError
from governance.sheets.cells import raw_text
from governance.sheets.containers import XLS, XLSX, check_ole, sniff
from governance.sheets.headings import Field, heading_key, map_headings
from governance.sheets.limits import Limits, SheetError
from governance.sheets.reader import Sheet, read_workbook
from governance.sheets.villagenames import VillageNames

UNITS, RECORDS, CELLS, NOTHING = "units", "records", "cells", ""
MISSING = "未能填写"
LIMITS = Limits(file_bytes=2 * 1024 * 1024, inflated_bytes=12 * 1024 * 1024, cells=200_000, merges=10_000)
MERGED = 200_000
DEEPEST = 4
SEARCHED = 30
LEAST = 3
PLACE_HEADINGS = frozenset(
    ("村", "村社区", "村名", "村名称", "村社区名称", "单位", "单位名称", "填报单位", "行政村", "社区", "所在村", "村居")
)
_NUMBERING = re.compile(r"\d{1,3}|[甲乙丙丁戊己庚辛壬癸]|栏次")
_TOTAL = re.compile(r".{0,6}(合计|总计|共计|小计).{0,4}")


class SuperiorError(DomainError):
    """A superior's form cannot be kept or filled: `type`, `empty`, `scope`, `name`, `state`."""


@dataclass
class Part:
    """One sheet. `first` to `last`: rows of its heading; `body`: the first row below, a row of column numbers left out.
    `headings`: column letter → heading, its levels joined by `/`; of single cells, the cell to be filled → the label before it."""

    sheet: str
    kind: str = NOTHING
    ledger: str = ""
    first: int = 0
    last: int = 0
    body: int = 0
    place: str = ""
    headings: dict[str, str] = field(default_factory=dict)


def read_parts(data: bytes, filename: str, villages: VillageNames, ledgers: Mapping[str, Sequence[Field]]) -> list[Part]:
    """The sheets of a template, each with the kind that it looks like. Raises SuperiorError or SheetError."""
    parts = [part_of(sheet, villages, ledgers) for sheet in template_sheets(data, filename) if sheet.name != MISSING]
    if not any(part.headings for part in parts):
        raise SuperiorError("没有找到表头，也没有找到可以填的格子。请核对是不是空表。", "empty", "file")
    return parts


def template_sheets(data: bytes, filename: str) -> list[Sheet]:
    """The visible sheets as they are read elsewhere; only .xlsx can be given back as it is."""
    kind = sniff(data)
    if kind == XLS:
        check_ole(data)
    if kind != XLSX:
        raise SuperiorError("只有 .xlsx 能按原样填好还给您。请用 Excel 或 WPS 打开这张表，另存为 .xlsx 再上传。", "type", "file")
    sheets = read_workbook(data, filename, LIMITS)
    merged = (area for sheet in sheets for area in sheet.merged)
    if sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in merged) > MERGED:
        raise SheetError("文件无法读取：合并单元格范围过大，请取消合并后再上传", "size")
    return [sheet for sheet in sheets if sheet.rows]


def part_of(
    sheet: Sheet, villages: VillageNames, ledgers: Mapping[str, Sequence[Field]], rows: tuple[int, int] | None = None
) -> Part:
    """A sheet whose heading stands in `rows`, or where it seems to stand."""
    grid = Grid(sheet)
    first, last = rows or grid.heading()
    headings = grid.headings(first, last) if first else {}
    if len(headings) < LEAST and rows is None:
        labels = grid.labels()
        return Part(sheet.name, CELLS if labels else NOTHING, headings=labels)
    part = Part(sheet.name, first=first, last=last, body=grid.body(last), headings=headings)
    part.place = grid.place(part, villages)
    ledger, known = max(((name, _known(headings, fields)) for name, fields in ledgers.items()), key=lambda pair: pair[1])
    if part.place and grid.text(part.body, column_number(part.place)):
        part.kind = UNITS
    elif known >= 2:
        part.kind, part.ledger = RECORDS, ledger
    else:
        part.kind = UNITS
    return part


def cells_of(sheet: Sheet) -> Part:
    """A sheet read as single cells behind their labels."""
    return Part(sheet.name, CELLS, headings=Grid(sheet).labels())


def is_total(text: str) -> bool:
    return bool(_TOTAL.fullmatch(text))


def column_number(letters: str) -> int:
    """0-based."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _known(headings: Mapping[str, str], fields: Sequence[Field]) -> int:
    return len(map_headings(list(headings.values()), fields).columns)


class Grid:
    """The texts of a sheet, each merged range saying the same in all its cells. Rows 1-based, columns 0-based."""

    def __init__(self, sheet: Sheet) -> None:
        self.merged = [area for area in sheet.merged if area[0] <= SEARCHED + DEEPEST]
        self.corners = {(area[0], area[1]): area for area in self.merged}
        self.texts = {
            (row, column): "".join(raw_text(cell).split())
            for row, cells in sheet.rows.items()
            for column, cell in enumerate(cells)
            if raw_text(cell).strip()
        }
        for top, left, bottom, right in self.merged:
            if text := self.texts.get((top, left)):
                inside = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
                self.texts.update(dict.fromkeys(inside, text))
        self.rows = sorted(sheet.rows)
        self.width = max((column for _, column in self.texts), default=-1) + 1

    def text(self, row: int, column: int) -> str:
        return self.texts.get((row, column), "")

    def row_texts(self, row: int) -> list[str]:
        """Different neighbours of a row, from the left."""
        found: list[str] = []
        for column in range(self.width):
            text = self.text(row, column)
            if text and (not found or found[-1] != text):
                found.append(text)
        return found

    def heading(self) -> tuple[int, int]:
        """First and last row of the heading, (0, 0) for none: a row of several texts, with what merged cells bind to it."""
        for first in self.rows[:SEARCHED]:
            texts = self.row_texts(first)
            lines = sum(text.endswith(("：", ":")) or "：" in text for text in texts)
            if len(texts) >= 2 and lines * 2 < len(texts) and not all(_NUMBERING.fullmatch(text) for text in texts):
                return first, self._last(first)
        return 0, 0

    def _last(self, first: int) -> int:
        last = first
        while True:
            areas = [area for area in self.merged if first <= area[0] <= last]
            below = max((bottom for _, _, bottom, _ in areas), default=last)
            split = any(bottom == last and left < right for _, left, bottom, right in areas)
            grown = min(max(below, last + 1 if split and self.row_texts(last + 1) else last), first + DEEPEST - 1)
            if grown == last:
                return last
            last = grown

    def body(self, last: int) -> int:
        texts = self.row_texts(last + 1)
        numbered = len(texts) >= LEAST and all(_NUMBERING.fullmatch(text) for text in texts)
        return last + (2 if numbered and len(set(texts)) == len(texts) else 1)

    def headings(self, first: int, last: int) -> dict[str, str]:
        """Column letter → path; a heading merged over several columns down to the last row counts once, at the left."""
        found: dict[str, str] = {}
        for column in range(self.width):
            inner = any(top <= last <= bottom and left < column <= right for top, left, bottom, right in self.merged)
            levels = dict.fromkeys(text for row in range(first, last + 1) if (text := self.text(row, column)))
            if levels and not inner:
                found[get_column_letter(column + 1)] = "/".join(text.replace("/", "或") for text in levels)
        return found

    def place(self, part: Part, villages: VillageNames) -> str:
        """The column whose cells name villages, else the one whose heading asks for them, "" for none."""
        scores: dict[str, int] = {}
        for letters in part.headings:
            texts = [self.text(row, column_number(letters)) for row in self.rows if row >= part.body]
            named = [text for text in texts if text and not is_total(text)]
            known = sum(villages.find(text) is not None for text in named)
            if known and known * 2 >= len(named):
                scores[letters] = known
        asked = [letters for letters, path in part.headings.items() if heading_key(path.split("/")[-1]) in PLACE_HEADINGS]
        return max(scores, key=lambda letters: scores[letters]) if scores else next(iter(asked), "")

    def labels(self) -> dict[str, str]:
        """Empty cell → the label before it."""
        return dict(self._labels())

    def _labels(self) -> Iterator[tuple[str, str]]:
        for row, column in sorted(self.texts):
            text, after = self.text(row, column), column + 1
            wide = self.corners.get((row, column))
            if self.text(row, column - 1) == text or (wide and wide[3] - wide[1] > LEAST):
                continue
            after = wide[3] + 1 if wide else after
            if not self.text(row, after) and heading_key(text) and not text[0].isdecimal() and len(text) <= 30:
                yield f"{get_column_letter(after + 1)}{row}", text
