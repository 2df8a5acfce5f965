"""Read the yearly table of villages' collective income and cost, a village a row (plan §三.3; mission M07)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from governance.sheets.cells import CLEAN, EMPTY, REFUSE, Cleaned, clean_text, is_error, raw_text, tidy
from governance.sheets.dates import arabic, year_of
from governance.sheets.headings import Field
from governance.sheets.ledger_rows import settle_village
from governance.sheets.limits import Limits
from governance.sheets.money import clean_in, clean_money
from governance.sheets.reader import Cell, read_workbook
from governance.sheets.rows import ReadSheets, RowResult, clean_row
from governance.sheets.tables import Table, read_tables
from governance.sheets.villagenames import VillageNames

WAN = 10_000
_YEAR = re.compile(r"((?:19|20)\d{2})(?:\.0+)?(?:年度?)?")

SYNONYMS = {
    "operating": "经营收入 经营性收入",
    "contracting": "发包及上交收入 发包上交收入 发包收入 发包及上缴收入",
    "investment": "投资收益 投资收入",
    "subsidy": "补助收入 补助",
    "other_income": "其他收入",
    "operating_cost": "经营支出 经营性支出",
    "tax": "税金及附加 税金",
    "management": "管理费用 管理费",
    "public_good": "公益支出 公益性支出",
    "other_cost": "其他支出",
    "gain": "经营收益 村集体经营收益 经营性收益",
}


def clean_year(cell: Cell) -> Cleaned:
    text = arabic("".join(tidy(raw_text(cell)).split()))
    if not text:
        return EMPTY
    found = _YEAR.fullmatch(text)
    return Cleaned(found[1]) if found else Cleaned(None, REFUSE, f"“{text}”不是年度")


ECONOMY_FIELDS = (
    Field("village", "村（社区）", "村 村名 村社区 所属村 行政村 社区 村居", clean_text, required=True),
    Field("year", "年度", "年度 年份 年 统计年度 所属年度", clean_year, carries=True),
    *(Field(key, names.split()[0], names, clean_money) for key, names in SYNONYMS.items()),
)
MONEY = tuple(SYNONYMS)


def read_economy(
    source: str | Path | bytes,
    filename: str,
    villages: Iterable[tuple[str, str]],
    today: dt.date,
    overrides: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    towns: Sequence[str] = (),
) -> ReadSheets:
    """Read the table row by row: `values` hold every key of ECONOMY_FIELDS (money as text in 元, `year` as text) and `village_code`. The
    year may stand in the title, and so may 万元; `villages`, `towns` as in `read_decisions`. Raises SheetError."""
    names, result = VillageNames(villages, towns), ReadSheets()
    result.tables, result.problems = read_tables(read_workbook(source, filename, limits), ECONOMY_FIELDS, overrides)
    for table in result.tables:
        year = year_of(table)
        for number, cells in table.rows.items():
            row, _ = clean_row(table, number, cells, ECONOMY_FIELDS)
            settle_village(row, table, names)
            _settle_year(row, year, today)
            _settle_money(row, table)
            result.rows.append(row)
    return result


def _settle_year(row: RowResult, year: int | None, today: dt.date) -> None:
    if row.values["year"] is None and not any(issue.field == "year" and issue.level == REFUSE for issue in row.issues):
        row.values["year"] = None if year is None else str(year)
    written = row.values["year"]
    if written is None:
        row.settle("year", None, REFUSE, "没有写是哪一年，表题里也没有")
    elif int(str(written)) > today.year:
        row.settle("year", written, REFUSE, f"{written}年还没有到")


def _settle_money(row: RowResult, table: Table) -> None:
    """万元 in a column's heading, or in the titles where the heading names no unit; a cell that is no number stays refused."""
    titled = any("万元" in title for title in table.titles)
    for key in MONEY:
        if key not in row.columns:
            continue
        heading, cell = table.headings[row.columns[key]], row.source[row.columns[key]]
        if ("万元" in heading or (titled and "元" not in heading)) and not is_error(cell):
            cleaned = clean_in(cell, WAN)
            row.settle(key, cleaned.value, cleaned.level or CLEAN, cleaned.reason)
