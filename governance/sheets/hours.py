"""Read a ledger of volunteers' hours as villages keep it, and judge what the sheet itself says (plan §三.2; mission M39)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID, uuid5

from governance.sheets.cells import (
    CLEAN,
    EMPTY,
    LOOK,
    REFUSE,
    Cleaned,
    clean_phone,
    clean_text,
    raw_text,
    tidy,
)
from governance.sheets.dates import clean_date
from governance.sheets.headings import Field
from governance.sheets.limits import Limits
from governance.sheets.persons import clean_id_number, clean_name
from governance.sheets.reader import Cell, read_workbook
from governance.sheets.rows import ReadSheets, RowResult, clean_row
from governance.sheets.tables import Table, read_tables
from governance.sheets.villagenames import VillageNames

KEYS = UUID("3f0b6a52-6a0e-5d0c-9a77-1f4f2f6a9b10")  # the namespace of row keys
HOUR, DAY, WORKDAY = 60, 1440, 480
SERVICE = "志愿服务"
TEXT_LENGTH = 100

_FIGURES = {char: value for value, chars in enumerate(("〇零○", "一", "二两", "三", "四", "五", "六", "七", "八", "九")) for char in chars}
_CHINESE = re.compile("[〇零○一二两三四五六七八九十百]+")
_SIGNS = str.maketrans("：～—–－，．", ":~---,.")
_NUMBER = r"\d{1,4}(?:\.\d+)?"
_BARE = re.compile(_NUMBER)
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::[0-5]\d)?")
_POINT = r"(\d{1,2})[:点时]([0-5]\d|半)?分?"
_SPAN = re.compile(f"{_POINT}[-~至到]{_POINT}")
_DAYS = re.compile(r"(半|全|整|\d+(?:\.\d+)?个?)[天日](半)?")
_HOURS = re.compile(rf"({_NUMBER})?个?(半)?(?:小时|小時|钟头|钟|工时|h|hr|hrs)(?:(半)|(\d{{1,2}})(?:分钟?|m|min)?)?")
_MINUTES = re.compile(rf"({_NUMBER})(?:分钟|分|min|mins|m)")
_AROUND = re.compile(r"^(?:大?约|共计?|合计|计|服务|每次)+|(?:左右|多|整)$")
_SEVERAL = re.compile(r"[、，,；;/\n]")
_SHORT_YEAR = re.compile(r"(\d{2})([-/.年]\d{1,2}[-/.月]\d{1,2}[日号]?)")
_NO_YEAR = re.compile(r"(\d{1,2})月(\d{1,2})[日号]?")
_YEAR = re.compile(r"(20\d{2})\s*(?:年|年度)")


def arabic(text: str) -> str:
    """Chinese figures as Arabic ones: 二〇二五年三月十二日 → 2025年3月12日, 两个半小时 → 2个半小时."""
    return _CHINESE.sub(lambda found: _figure(found.group()), text)


def _figure(word: str) -> str:
    if not re.search("[十百]", word):
        return "".join(str(_FIGURES[char]) for char in word)
    total, digit = 0, 0
    for char in word:
        if char in "十百":
            total, digit = total + (digit or 1) * (10 if char == "十" else 100), 0
        else:
            digit = _FIGURES[char]
    return str(total + digit)


def clean_minutes(cell: Cell) -> Cleaned:
    """Minutes as text. A bare number is hours; 半天 and days are for a second look: four and eight hours by custom."""
    text = "".join(tidy(raw_text(cell)).split()).translate(_SIGNS).lower()
    if not text:
        return EMPTY
    plain = _AROUND.sub("", _AROUND.sub("", arabic(text)))
    minutes = _minutes(plain)
    if minutes is None:
        return Cleaned(None, REFUSE, f"“{text}”看不出是多长时间")
    if not 1 <= minutes <= DAY:
        return Cleaned(None, REFUSE, f"“{text}”不在 1 分钟到 24 小时之间")
    if _DAYS.fullmatch(plain):
        return Cleaned(str(minutes), LOOK, f"“{text}”按 {minutes // HOUR} 小时计，请核对")
    return Cleaned(str(minutes)) if _BARE.fullmatch(text) else Cleaned(str(minutes), CLEAN, f"“{text}”按 {minutes} 分钟计")


def _minutes(text: str) -> int | None:
    """Of 2, 2小时, 2h30, 2个半小时, 90分钟, 2:30, 8:30-11:00, 半天; None where it says no length."""
    if _BARE.fullmatch(text):
        return round(float(text) * HOUR)
    if found := _CLOCK.fullmatch(text):
        return int(found[1]) * HOUR + int(found[2])
    if found := _SPAN.fullmatch(text):
        return _moment(found[3], found[4]) - _moment(found[1], found[2])
    if found := _DAYS.fullmatch(text):
        days = {"半": 0.5, "全": 1.0, "整": 1.0}.get(found[1]) or float(found[1].removesuffix("个"))
        return round((days + 0.5 * bool(found[2])) * WORKDAY)
    if found := _MINUTES.fullmatch(text):
        return round(float(found[1]))
    if (found := _HOURS.fullmatch(text)) and (found[1] or found[2]):
        half = 30 * (bool(found[2]) + bool(found[3]))
        return round(float(found[1] or 0) * HOUR) + half + int(found[4] or 0)
    return None


def _moment(hour: str, minute: str | None) -> int:
    return int(hour) * HOUR + (30 if minute == "半" else int(minute or 0))


def clean_day(cell: Cell) -> Cleaned:
    """As `clean_date`, and Chinese figures, years of two digits; 3月5日 stays text until the sheet's year is known."""
    cleaned = clean_date(cell)
    if cleaned.level != REFUSE or not isinstance(cell, str):
        return cleaned
    text = arabic("".join(tidy(cell).split()))
    if _NO_YEAR.fullmatch(text):
        return Cleaned(text, REFUSE, f"“{text}”没有年份")
    if found := _SHORT_YEAR.fullmatch(text):
        text = f"20{found[1]}{found[2]}"
    again = clean_date(text)
    if again.level == REFUSE or not isinstance(again.value, dt.date):
        return cleaned
    return Cleaned(again.value, again.level if again.level == LOOK else CLEAN, again.reason or f"日期统一写成 {again.value}")


HOURS_FIELDS = (
    Field("village", "村（社区）", "村 村名 村社区 所属村 行政村 社区 村居", clean_text),
    Field("name", "姓名", "姓名 志愿者姓名 志愿者 服务人员 参加人员 参与人员 名字", clean_name, required=True),
    Field("id_number", "身份证号", "身份证号 身份证号码 身份证 证件号码", clean_id_number),
    Field("phone", "联系电话", "联系电话 电话 手机 手机号 手机号码 联系方式", clean_phone),
    Field("team", "服务队", "服务队 志愿服务队 服务队伍 队伍 所属队伍 团队 志愿队", clean_text),
    Field("served_on", "服务日期", "服务日期 活动日期 日期 年月日 服务时间 活动时间 时间", clean_day, required=True),
    Field(
        "minutes",
        "时长（分钟）",
        "服务时长 时长 小时 小时数 服务小时数 服务小时 志愿时长 时数 服务时数 工时 分钟 分钟数",
        clean_minutes,
        required=True,
    ),
    Field("text", "服务内容", "服务内容 活动内容 服务项目 活动名称 项目 内容 活动 事项", clean_text),
    Field("note", "备注", "备注 说明", clean_text),
)


def read_hours(
    source: str | Path | bytes,
    filename: str,
    villages: Iterable[tuple[str, str]],
    today: dt.date,
    overrides: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> ReadSheets:
    """Read a ledger row by row: `values` hold every key of HOURS_FIELDS (`minutes` as text of a whole number) and `village_code`.
    `villages`: (12-digit code, official name); with a single one the sheet need not name it. Raises SheetError when the file
    cannot be read or holds no ledger."""
    known = list(villages)
    only = known[0][0] if len(known) == 1 else None
    names, result = VillageNames(known), ReadSheets()
    result.tables, result.problems = read_tables(read_workbook(source, filename, limits), HOURS_FIELDS, overrides)
    for table in result.tables:
        result.rows += [_read_row(table, number, cells, names, only, today) for number, cells in table.rows.items()]
    return result


def row_key(row: RowResult, person: str) -> UUID:
    """By what the same service is known again: village, person, day, minutes, what was done. `person` is one string for one
    person in every file."""
    return uuid5(KEYS, "|".join((person, *(str(row.values[key]) for key in ("village_code", "served_on", "minutes", "text")))))


def _read_row(
    table: Table, number: int, cells: list[Cell], names: VillageNames, only: str | None, today: dt.date
) -> RowResult:
    row, _ = clean_row(table, number, cells, HOURS_FIELDS)
    written = row.values["village"]
    row.values["village_code"] = found = names.find(str(written)) if written else names.of_table(table) or only
    if found is None:
        reason = f"“{written}”不在本镇的村（社区）名单里" if written else "看不出是哪个村（社区），请用村名作工作表名"
        row.flag("village", REFUSE, reason)
    if _SEVERAL.search(tidy(row.before("name"))):
        row.settle("name", row.values["name"], REFUSE, "一格里写了几个人，请一人一行")
    elif not row.values["name"]:
        row.settle("name", None, REFUSE, "没有姓名")
    _settle_minutes(row, table)
    _settle_day(row, table, today)
    text = str(row.values["text"] or SERVICE)
    row.values["text"] = text[:TEXT_LENGTH]
    return row


def _settle_minutes(row: RowResult, table: Table) -> None:
    """A bare number below a heading of minutes is minutes."""
    heading = table.headings[row.columns["minutes"]]
    text = "".join(tidy(row.before("minutes")).split())
    if "分" in heading and _BARE.fullmatch(text):
        minutes = round(float(text))
        inside = 1 <= minutes <= DAY
        row.settle("minutes", str(minutes) if inside else None, CLEAN if inside else REFUSE, f"“{text}”按 {minutes} 分钟计")
    elif row.values["minutes"] is None and not text:
        row.settle("minutes", None, REFUSE, "没有时长")


def _settle_day(row: RowResult, table: Table, today: dt.date) -> None:
    """3月5日 is of the one year that the sheet's name or titles say."""
    day = row.values["served_on"]
    years = {year for text in (table.sheet, *table.titles) for year in _YEAR.findall(text)}
    if isinstance(day, str) and len(years) == 1:
        year = years.pop()
        cleaned = clean_date(f"{year}年{day}")
        day = cleaned.value
        if isinstance(day, dt.date):
            row.settle("served_on", day, CLEAN, f"按表题的{year}年写成 {day}")
    if not isinstance(day, dt.date):
        row.settle("served_on", None, REFUSE, "没有看得懂的服务日期")
    elif day > today:
        row.settle("served_on", day, REFUSE, "服务日期晚于今天")
