"""Read lists of 评议小组 as villages write them: 八一村：王小明、李秀英（12）, or a table of 村, 姓名 and 户号 (mission M23)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from governance.sheets.cards import sheet_of_text, text_of_rows
from governance.sheets.cells import clean_compact, clean_text, raw_text, tidy
from governance.sheets.headings import Field
from governance.sheets.limits import Limits, SheetError
from governance.sheets.persons import clean_name
from governance.sheets.reader import Sheet, read_workbook
from governance.sheets.tables import Table, fill_merged, find_table

MEMBER_FIELDS = (
    Field("village", "村（社区）", "村 村名 村社区 所属村 行政村 社区 村居", clean_text, carries=True),
    Field("name", "姓名", "姓名 名字 成员 成员姓名 组员 评议员 评议小组成员", clean_text, required=True),
    Field("number", "户号", "户号 户编号 家庭编号", clean_compact),
)
NO_MEMBERS = "没有找到成员：每行写“八一村：王小明、李秀英”，或者用带“村”“姓名”两列的表"
_PARTS = re.compile(r"[、，,;；/\n]+")
_NUMBERED = re.compile(r"(.+?)[（(]([\w-]{1,30})[)）]")


@dataclass(frozen=True)
class ListedMember:
    """A person of a list: as it names the village, the person's name, the household's number or ""."""

    line: int
    village: str
    name: str
    number: str = ""


def members_text(*, file: IO[bytes], filename: str) -> str:
    """The list of an uploaded file as it would be pasted, row numbers kept. Raises SheetError."""
    sheets = read_workbook(file.read(Limits().file_bytes + 1), filename, hidden=False)
    sheet = next((sheet for sheet in sheets if _table(sheet)), None)
    if sheet is None:
        raise SheetError(NO_MEMBERS, "no_table")
    return text_of_rows(fill_merged(sheet))


def read_members(text: str) -> list[ListedMember]:
    """Every person of a pasted list. Raises SheetError."""
    table = _table(sheet_of_text(text))
    found = list(_of_table(table) if table else _of_lines(text))
    if not found:
        raise SheetError(NO_MEMBERS, "no_table")
    return found


def _table(sheet: Sheet) -> Table | None:
    table = find_table(sheet, MEMBER_FIELDS) if sheet.rows else None
    return table if table is not None and {"village", "name"} <= table.mapping.columns.keys() else None


def _of_table(table: Table) -> Iterator[ListedMember]:
    """The village stands in its first row alone, or in every one."""
    village = ""
    for number, row in table.rows.items():
        cells = {key: tidy(raw_text(row[column])) for key, column in table.mapping.columns.items()}
        village = cells["village"] or village
        for member in _members(number, village, cells["name"]):
            yield member if member.number else ListedMember(number, village, member.name, cells.get("number", ""))


def _of_lines(text: str) -> Iterator[ListedMember]:
    for number, line in enumerate(text.splitlines(), 1):
        village, mark, names = tidy(line).replace(":", "：").partition("：")
        if not mark:
            village, _, names = village.partition(" ")
        yield from _members(number, village.strip(), names)


def _members(line: int, village: str, names: str) -> Iterator[ListedMember]:
    for text in map(str.strip, _PARTS.split(names)):
        numbered = _NUMBERED.fullmatch(text)
        name, number = numbered.groups() if numbered else (text, "")
        if name:
            yield ListedMember(line, village, str(clean_name(name).value or name), number)
