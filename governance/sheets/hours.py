"""Read a ledger of volunteers' hours as villages keep it, and judge what the sheet itself says (plan §三.2; mission M39)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
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
from governance.sheets.dates import arabic, clean_date, clean_day, year_of
from governance.sheets.headings import Field
from governance.sheets.ledger_rows import clean_helping_id, settle_day, settle_village
from governance.sheets.limits import Limits
from governance.sheets.persons import clean_name
from governance.sheets.reader import Cell, read_workbook
from governance.sheets.remarks import flag_gone
from governance.sheets.rows import ReadSheets, RowResult, clean_row
from governance.sheets.tables import Table, read_tables
from governance.sheets.villagenames import VillageNames

KEYS = UUID("3f0b6a52-6a0e-5d0c-9a77-1f4f2f6a9b10")  # the namespace of row keys
HOUR, DAY, WORKDAY = 60, 1440, 480
SERVICE = "志愿服务"
LENGTHS = (("text", "服务内容", 100), ("team", "服务队", 40))

_SIGNS = str.maketrans("：～—–－，．", ":~---,.")
_NUMBER = r"\d{1,4}(?:\.\d+)?"
_BARE = re.compile(_NUMBER)
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::[0-5]\d)?")
_POINT = r"(\d{1,2})[:点时]([0-5]\d|半)?分?"
_SPAN = re.compile(f"(?:[上下]午|早上|晚上)?{_POINT}[-~至到]{_POINT}")
_DAYS = re.compile(r"(半|全|整|\d+(?:\.\d+)?个?)[天日](半)?")
_HOURS = re.compile(rf"({_NUMBER})?个?(半)?个?(?:小时|小時|钟头|钟|工时|h|hr|hrs)(?:(半)|(\d{{1,2}})(?:分钟?|m|min)?)?")
_MINUTES = re.compile(rf"({_NUMBER})(?:分钟|分|min|mins|m)")
_AROUND = re.compile(r"^(?:大?约|共计?|合计|计|服务|每次)+|(?:左右|多|整)?[。.]*$")
_SEVERAL = re.compile(r"[、，,；;/\n]")

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


def clean_own_phone(cell: Cell) -> Cleaned:
    """As `clean_phone`; hours have no place for the words beside a number, which is said."""
    cleaned = clean_phone(cell)
    if cleaned.aside and cleaned.level == CLEAN:
        return Cleaned(cleaned.value, CLEAN, f"“{cleaned.aside}”未采用")
    return cleaned


HOURS_FIELDS = (
    Field("village", "村（社区）", "村 村名 村社区 所属村 行政村 社区 村居", clean_text, carries=True),
    Field("name", "姓名", "姓名 志愿者姓名 志愿者 服务人员 参加人员 参与人员 名字", clean_name, required=True),
    Field("id_number", "身份证号", "身份证号 身份证号码 身份证 证件号码", clean_helping_id),
    Field("phone", "联系电话", "联系电话 电话 手机 手机号 手机号码 联系方式", clean_own_phone),
    Field("team", "服务队", "服务队 志愿服务队 服务队伍 队伍 所属队伍 团队 志愿队", clean_text),
    Field("served_on", "服务日期", "服务日期 活动日期 日期 年月日 服务时间 活动时间 时间", clean_day, required=True),
    Field(
        "minutes",
        "时长（分钟）",
        "服务时长 时长 小时 小时数 服务小时数 服务小时 志愿时长 时数 服务时数 工时 分钟 分钟数",
        clean_minutes,
        required=True,
    ),
    Field("agreed_on", "同意日期", "同意日期 书面同意日期 本人同意日期 同意参加日期 签署日期 承诺书日期", clean_date),
    Field("text", "服务内容", "服务内容 活动内容 服务项目 活动名称 项目 内容 活动 事项", clean_text),
)


def read_hours(
    source: str | Path | bytes,
    filename: str,
    villages: Iterable[tuple[str, str]],
    today: dt.date,
    overrides: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    towns: Sequence[str] = (),
) -> ReadSheets:
    """Read a ledger row by row: `values` hold every key of HOURS_FIELDS (`minutes` as text of a whole number) and `village_code`.
    `villages`: (12-digit code, official name); with a single one the sheet need not name it; `towns` as in `VillageNames`.
    Raises SheetError when the file cannot be read or holds no ledger."""
    names, result = VillageNames(villages, towns), ReadSheets()
    result.tables, result.problems = read_tables(read_workbook(source, filename, limits), HOURS_FIELDS, overrides)
    for table in result.tables:
        year = year_of(table)
        for number, cells in table.rows.items():
            row, _ = clean_row(table, number, cells, HOURS_FIELDS)
            settle_village(row, table, names)
            _settle_name(row)
            _settle_minutes(row, table)
            settle_day(row, "served_on", "服务日期", year, today)
            _settle_agreed(row, today)
            _settle_words(row)
            flag_gone(row, table, ())
            result.rows.append(row)
    return result


def row_key(row: RowResult, person: str) -> UUID:
    """By what the same service is known again: village, person, day, minutes, what was done. `person` is one string for one
    person in every file."""
    return uuid5(KEYS, "|".join((person, *(str(row.values[key]) for key in ("village_code", "served_on", "minutes", "text")))))


def _settle_name(row: RowResult) -> None:
    if _SEVERAL.search(tidy(row.before("name"))):
        row.settle("name", row.values["name"], REFUSE, "一格里写了几个人，请一人一行")
    elif not row.values["name"]:
        row.settle("name", None, REFUSE, "没有姓名")


def _settle_agreed(row: RowResult, today: dt.date) -> None:
    day = row.values["agreed_on"]
    if isinstance(day, dt.date) and day > today:
        row.settle("agreed_on", None, REFUSE, "同意日期晚于今天")


def _settle_words(row: RowResult) -> None:
    row.values["text"] = row.values["text"] or SERVICE
    for key, label, length in LENGTHS:
        if len(str(row.values[key] or "")) > length:
            row.flag(key, CLEAN, f"{label}超过 {length} 个字，只保留前 {length} 个字")
            row.values[key] = str(row.values[key])[:length]


def _settle_minutes(row: RowResult, table: Table) -> None:
    """A bare number below a heading of minutes is minutes."""
    heading = table.headings[row.columns["minutes"]]
    text = "".join(tidy(row.before("minutes")).split())
    if "分" in heading and _BARE.fullmatch(text):
        minutes = round(float(text))
        inside = 1 <= minutes <= DAY
        row.settle("minutes", str(minutes) if inside else None, CLEAN if inside else REFUSE, f"“{text}”按 {minutes} 分钟计")
    elif row.values["minutes"] is None and not any(issue.level == REFUSE for issue in row.issues if issue.field == "minutes"):
        row.settle("minutes", None, REFUSE, f"“{text}”看不出是多长时间" if text else "没有时长")
