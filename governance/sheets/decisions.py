"""Read an old 决策（议事）台账 and judge what the sheet itself says (missions M19, M39; domain.md §12)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from governance.sheets.cells import CLEAN, REFUSE, clean_text
from governance.sheets.dates import clean_day, year_of
from governance.sheets.headings import Field
from governance.sheets.ledger_rows import settle_day, settle_village
from governance.sheets.limits import Limits
from governance.sheets.reader import read_workbook
from governance.sheets.rows import ReadSheets, RowResult, clean_row
from governance.sheets.tables import read_tables
from governance.sheets.villagenames import VillageNames

LENGTHS = (("title", "提议事项", 120), ("purpose", "动议事由", 1000), ("outcome", "结果", 200))

DECISION_FIELDS = (
    Field("village", "村（社区）", "村 村名 村社区 所属村 行政村 社区 村居", clean_text, carries=True),
    Field(
        "title",
        "提议事项",
        "提议事项 决策事项 议事事项 决议事项 议题 事项 提议内容 会议议题 项目名称 事项名称",
        clean_text,
        required=True,
    ),
    Field("purpose", "动议事由", "动议事由 事由 原因 提议原因 理由", clean_text),
    Field(
        "proposed_on",
        "提议时间",
        "提议时间 提议日期 议事时间 议事日期 会议时间 会议日期 决议时间 决议日期 日期 时间",
        clean_day,
        required=True,
    ),
    Field("kind", "程序", "程序 决策程序 决策方式 议事方式 议事程序 工作法 类别", clean_text),
    Field("outcome", "结果", "结果 决议结果 决议情况 表决结果 议定意见 实施结果 落实情况 办理结果", clean_text),
)


def read_decisions(
    source: str | Path | bytes,
    filename: str,
    villages: Iterable[tuple[str, str]],
    today: dt.date,
    overrides: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    towns: Sequence[str] = (),
) -> ReadSheets:
    """Read a ledger row by row: `values` hold every key of DECISION_FIELDS and `village_code`. `villages`: (12-digit code, official
    name); with a single one the sheet need not name it; `towns` as in `VillageNames`. Raises SheetError."""
    names, result = VillageNames(villages, towns), ReadSheets()
    result.tables, result.problems = read_tables(read_workbook(source, filename, limits), DECISION_FIELDS, overrides)
    for table in result.tables:
        year = year_of(table)
        for number, cells in table.rows.items():
            row, _ = clean_row(table, number, cells, DECISION_FIELDS)
            settle_village(row, table, names)
            settle_day(row, "proposed_on", "提议时间", year, today)
            _settle_words(row)
            result.rows.append(row)
    return result


def _settle_words(row: RowResult) -> None:
    if not row.values["title"]:
        row.settle("title", None, REFUSE, "没有提议事项")
    for key, label, length in LENGTHS:
        if len(str(row.values[key] or "")) > length:
            row.flag(key, CLEAN, f"{label}超过 {length} 个字，只保留前 {length} 个字")
            row.values[key] = str(row.values[key])[:length]
