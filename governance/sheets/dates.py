"""Dates as villages write them: 2024-3-1, 2024/03/01, 2024.3.1, 20240301, 2024年3月1日, 1985.3, Excel serials."""

import datetime as dt
import re

from governance.sheets.cells import CLEAN, EMPTY, LOOK, REFUSE, Cleaned, raw_text, tidy
from governance.sheets.reader import Cell

MONTH_ONLY = "只有年月，没有日"

_EXCEL_EPOCH = dt.date(1899, 12, 30)
_SERIALS = range(3_654, 73_051)
_YEARS = range(1900, 2101)
_CLOCK = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?:\.0+)?)?"
_DAY = re.compile(r"(\d{4})\s*[-/.年、]\s*(\d{1,2})\s*[-/.月、]\s*(\d{1,2})\s*[日号]?" + _CLOCK)
_MONTH = re.compile(r"(\d{4})\s*[-/.年、]\s*(\d{1,2})\s*月?")
_DASHES = str.maketrans("－﹣—–―‐．／：。", "------./:.")


def clean_date(cell: Cell) -> Cleaned:
    """A date of the years 1900–2100. Month only → its first day with LOOK and MONTH_ONLY; no date at all → REFUSE."""
    if isinstance(cell, dt.datetime):
        return _day(cell.year, cell.month, cell.day)
    if isinstance(cell, dt.date):
        return _day(cell.year, cell.month, cell.day)
    text = tidy(raw_text(cell)).translate(_DASHES)
    if not text:
        return EMPTY
    if match := _DAY.fullmatch(text):
        year, month, day = map(int, match.groups())
        return _day(year, month, day, changed=match.group(0) != "{}-{:0>2}-{:0>2}".format(*match.groups()))
    if isinstance(cell, float) and not cell.is_integer() and int(cell) in _YEARS:
        return _decimal(text)
    if match := _MONTH.fullmatch(text):
        year, month = map(int, match.groups())
        return _month(year, month)
    return _digits(text)


def _digits(text: str) -> Cleaned:
    """Bare digits: 20240301, 198503, an Excel serial, or a year alone, which is no date."""
    text = re.sub(r"\.0+$", "", text)
    if not re.fullmatch(r"\d{4,8}", text):
        serial = re.fullmatch(r"(\d{4,5})\.\d+", text)
        if serial is None:
            return Cleaned(None, REFUSE, f"“{text}”不是日期")
        text = serial.group(1)
    if len(text) == 8:
        return _day(int(text[:4]), int(text[4:6]), int(text[6:]), changed=True)
    if len(text) == 6:
        return _month(int(text[:4]), int(text[4:]))
    if int(text) in _YEARS:
        return Cleaned(None, LOOK, "只有年份，没有月日，未采用")
    if int(text) in _SERIALS:
        day = _EXCEL_EPOCH + dt.timedelta(days=int(text))
        return Cleaned(day, CLEAN, f"Excel 日期序号换成 {day}")
    return Cleaned(None, REFUSE, f"“{text}”不是日期")


def _decimal(text: str) -> Cleaned:
    """1985.3 kept by Excel as a number: 1985.1 may have been 1985.10."""
    year, month = text.split(".")
    if month == "1":
        return Cleaned(None, LOOK, "“1”月可能是10月（Excel 去掉了末尾的0），未采用")
    return _month(int(year), int(month))


def _month(year: int, month: int) -> Cleaned:
    if year in _YEARS and 1 <= month <= 12:
        return Cleaned(dt.date(year, month, 1), LOOK, MONTH_ONLY)
    return Cleaned(None, REFUSE, f"{year}年{month}月不存在")


def _day(year: int, month: int, day: int, changed: bool = False) -> Cleaned:
    try:
        value = dt.date(year, month, day)
    except ValueError:
        return Cleaned(None, REFUSE, f"{year}年{month}月{day}日不存在")
    if year not in _YEARS:
        return Cleaned(None, REFUSE, f"{year}年不在合理范围内")
    return Cleaned(value, CLEAN, f"日期统一写成 {value}") if changed else Cleaned(value)
