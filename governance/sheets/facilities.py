"""Read a register of facilities and points, a place a row (missions M08–M10)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from governance.sheets.cells import EMPTY, REFUSE, Cleaned, clean_text, raw_text, tidy
from governance.sheets.dates import arabic, clean_day
from governance.sheets.headings import Field
from governance.sheets.ledger_rows import settle_village
from governance.sheets.limits import Limits
from governance.sheets.reader import Cell, read_workbook
from governance.sheets.rows import ReadSheets, RowResult, clean_row
from governance.sheets.tables import read_tables
from governance.sheets.villagenames import VillageNames

_HOMES = re.compile(r"(\d{1,6})(?:\.0+)?户?")
_DEGREES = re.compile(r"(\d{1,3})(?:\.(\d{1,5})\d*)?[°度]?")


def clean_homes(cell: Cell) -> Cleaned:
    """How many households."""
    text = arabic("".join(tidy(raw_text(cell)).split()))
    found = _HOMES.fullmatch(text)
    return EMPTY if not text else Cleaned(found[1]) if found else Cleaned(None, REFUSE, f"“{text}”不是户数")


def clean_degrees(cell: Cell) -> Cleaned:
    """Decimal degrees, cut to five places: a metre."""
    text = "".join(tidy(raw_text(cell)).split())
    found = _DEGREES.fullmatch(text)
    return EMPTY if not text else Cleaned(f"{found[1]}.{found[2] or '0'}") if found else Cleaned(None, REFUSE, f"“{text}”不是度数")


FACILITY_FIELDS = (
    Field("village", "村（社区）", "村 村名 村社区 所属村 行政村 社区 村居", clean_text, required=True),
    Field("kind", "类型", "类型 设施类型 类别 点位类型 设施类别", clean_text, required=True),
    Field("name", "名称", "名称 设施名称 点位名称 点位", clean_text, required=True),
    Field("unit", "所在地", "所在地 聚居点 院落 组", clean_text),
    Field("address", "位置", "位置 地址 详细地址 具体位置 安装位置", clean_text),
    Field("keeper", "管护岗位", "管护岗位 管护人岗位", clean_text),
    Field("owner", "权属或运维单位", "权属或运维单位 权属单位 运维单位 产权单位", clean_text),
    Field("hours", "开放时间", "开放时间", clean_text),
    Field("amount", "数量", "数量 规模", clean_text),
    Field("served", "服务户数", "服务户数 覆盖户数", clean_homes),
    Field("connected", "接入户数", "接入户数 已接入户数", clean_homes),
    Field("latitude", "纬度", "纬度", clean_degrees),
    Field("longitude", "经度", "经度", clean_degrees),
    Field("since", "启用日期", "启用日期 建成日期 建成时间 投用时间 启用时间", clean_day),
)


def read_facilities(
    source: str | Path | bytes,
    filename: str,
    villages: Iterable[tuple[str, str]],
    today: dt.date,
    overrides: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    towns: Sequence[str] = (),
) -> ReadSheets:
    """Read the register row by row: `values` hold every key of FACILITY_FIELDS and `village_code`; `villages`, `towns` as in
    `read_decisions`. Raises SheetError."""
    names, result = VillageNames(villages, towns), ReadSheets()
    result.tables, result.problems = read_tables(read_workbook(source, filename, limits), FACILITY_FIELDS, overrides)
    for table in result.tables:
        for number, cells in table.rows.items():
            row, _ = clean_row(table, number, cells, FACILITY_FIELDS)
            settle_village(row, table, names)
            _settle_since(row, today)
            result.rows.append(row)
    return result


def _settle_since(row: RowResult, today: dt.date) -> None:
    """A blank day is left to whoever compares; a day without a year or one that is yet to come is none."""
    day = row.values["since"]
    if isinstance(day, str):
        row.settle("since", None, REFUSE, f"启用日期“{day}”没有写年份")
    elif isinstance(day, dt.date) and day > today:
        row.settle("since", day, REFUSE, "启用日期晚于今天")
