"""Dates as villages write them: 2024-3-1, 24.3.1, 二〇二四年三月一日, 20240301, 1985.3, 民国53年3月5日, Excel serials."""

import datetime as dt
import re

from governance.sheets.cells import CLEAN, EMPTY, LOOK, OK, REFUSE, Cleaned, raw_text, tidy
from governance.sheets.reader import Cell
from governance.sheets.tables import Table

MONTH_ONLY = "只有年月，没有日"

_EXCEL_EPOCH = dt.date(1899, 12, 30)
_SERIALS = range(3_654, 73_051)
_YEARS = range(1900, 2101)
_LIVING = 30  # a birth in a year of two digits: from 30 on it is 19.., below it may be either
_CLOCK = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?:\.0+)?Z?)?"
_GAP, _TAIL = r"\s*(?:[-/.年、,\\]+|\s)\s*", r"\s*(?:[-/.月、,\\]+|\s)\s*"
_DAY = re.compile(rf"(\d{{4}}){_GAP}(\d{{1,2}}){_TAIL}(\d{{1,2}})\s*[日号]?{_CLOCK}")
_MONTH = re.compile(r"(\d{4})\s*[-/.年、]\s*(\d{1,2})\s*月?")
_SHORT = re.compile(rf"'?(\d{{2}})年?{_GAP}(\d{{1,2}}){_TAIL}(\d{{1,2}})\s*[日号]?")
_SHORT_MONTH = re.compile(r"'?(\d{2})\s*年\s*(\d{1,2})\s*月份?")
_SEVERAL_DAYS = re.compile(r"'?(?:\d{4}|\d{2})\s*[./年]\s*\d{1,2}\s*-\s*\d{1,2}\s*[日号]?")  # 10.5-12 is no day of 2010
_DAY_FIRST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
_REPUBLIC = re.compile(r"民国\s*(\d{1,3})\s*年(.*)")
_LUNAR = re.compile(r"农历|阴历|旧历|古历|初[一二三四五六七八九十]|正月|腊月|冬月|廿|闰")
_AGE = re.compile(r"\d{1,3}\s*周?岁")
_DASHES = str.maketrans("－﹣—–―‐．／：。，＼", "------./:.,\\")
_NO_YEAR = re.compile(r"(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*[日号]?")
_FIGURES = {char: value for value, chars in enumerate(("〇零○", "一", "二两", "三", "四", "五", "六", "七", "八", "九")) for char in chars}
_CHINESE = re.compile("[〇零○一二两三四五六七八九十百]+")
_FILLED_IN = re.compile(r"(?:填[表报]|制表|上报|打印|导出|更新)(?:日期|时间)?[:：]?\s*\d{4}\s*[-/.年]\s*\d{1,2}")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年")
_YEAR_ALONE = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")


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


def clean_date(cell: Cell) -> Cleaned:
    """A date of the years 1900–2100, years of two digits being 20... Month only → its first day with LOOK and MONTH_ONLY;
    农历 and 62岁 → LOOK without a value; no date at all → REFUSE."""
    if isinstance(cell, dt.date):
        return _day(cell.year, cell.month, cell.day)
    text = tidy(raw_text(cell)).translate(_DASHES).rstrip(".")
    if not text:
        return EMPTY
    if _LUNAR.search(text):
        return Cleaned(None, LOOK, f"“{text}”是农历，没有换成公历，未采用")
    if _AGE.fullmatch(text):
        return Cleaned(None, LOOK, f"“{text}”只有年龄，未采用")
    if isinstance(cell, str):
        text = arabic(text)
    if isinstance(cell, float) and not cell.is_integer() and 1900 <= cell < 2101:
        return _decimal(text)
    return _spelled(text)


def _spelled(text: str) -> Cleaned:
    if _SEVERAL_DAYS.fullmatch(text):
        return Cleaned(None, REFUSE, f"“{text}”像是几天，不是一个日期")
    if match := _DAY.fullmatch(text):
        year, month, day = map(int, match.groups())
        return _day(year, month, day, changed=match.group(0) != "{}-{:0>2}-{:0>2}".format(*match.groups()))
    if match := _MONTH.fullmatch(text):
        return _month(*map(int, match.groups()))
    if match := _SHORT.fullmatch(text):
        year, month, day = map(int, match.groups())
        return _day(2000 + year, month, day, changed=True)
    if match := _SHORT_MONTH.fullmatch(text):
        year, month = map(int, match.groups())
        return _month(2000 + year, month)
    if match := _REPUBLIC.fullmatch(text):
        found = _spelled(f"{int(match[1]) + 1911}年{match[2]}")
        return Cleaned(found.value, LOOK, f"民国{match[1]}年按{int(match[1]) + 1911}年，请核对") if found.value else found
    if _DAY_FIRST.fullmatch(text):
        return Cleaned(None, LOOK, f"“{text}”分不清日和月，未采用")
    return _digits(text)


def clean_birth(cell: Cell) -> Cleaned:
    """A birth date: 64年3月5日 is 1964. What is no date is left out for a second look, for the person is still there."""
    cleaned = clean_date(cell)
    if cleaned.level == OK:
        return cleaned
    text = arabic(tidy(raw_text(cell)).translate(_DASHES)) if isinstance(cell, str) else ""
    if cleaned.value and (match := _SHORT.fullmatch(text) or _SHORT_MONTH.fullmatch(text)):
        return _birth_of_two_digits(int(match[1]), text)
    return Cleaned(None, LOOK, f"{cleaned.reason}，未采用") if cleaned.level == REFUSE else cleaned


def _birth_of_two_digits(year: int, text: str) -> Cleaned:
    """64 is 1964; 05 is more likely 2005, but may be 1905."""
    century = 1900 if year >= _LIVING else 2000
    cleaned = _spelled(f"{century // 100}{text.lstrip(chr(39))}")
    if century == 1900 or not isinstance(cleaned.value, dt.date):
        return cleaned
    return Cleaned(cleaned.value, LOOK, f"两位年份按{cleaned.value.year}年，请核对")


def clean_day(cell: Cell) -> Cleaned:
    """As `clean_date`; a day without a year (3月5日, 3.5) stays text and refused until `day_in_year` knows the year."""
    cleaned = clean_date(cell)
    text = arabic("".join(tidy(raw_text(cell)).translate(_DASHES).split()))
    if cleaned.level == REFUSE and _NO_YEAR.fullmatch(text):
        return Cleaned(text, REFUSE, f"“{text}”没有年份")
    return cleaned


def day_in_year(text: str, year: int) -> Cleaned:
    """A day without a year as one of `year`: 3月5日, 三月五日, 3.5, 3-5. Of a bare 1.1 the nought may be lost: 1.10."""
    match = _NO_YEAR.fullmatch(arabic("".join(tidy(text).translate(_DASHES).split())))
    if match is None:
        return Cleaned(None, REFUSE, f"“{text}”不是日期")
    cleaned = _day(year, int(match[1]), int(match[2]), changed=True)
    if cleaned.level == REFUSE:
        return cleaned
    if "." in text and match[2] in ("1", "2", "3") and not text.endswith(("日", "号")):
        return Cleaned(cleaned.value, LOOK, f"按{year}年写成 {cleaned.value}；“{text}”也可能是{match[1]}月{match[2]}0日，请核对")
    return Cleaned(cleaned.value, CLEAN, f"按{year}年写成 {cleaned.value}")


def year_of(table: Table) -> int | None:
    """The one year that the titles or the sheet's name say (2026年1—3月 is 2026), whenever the sheet was filled in; None where they
    say none or several."""
    texts = [_FILLED_IN.sub("", arabic(tidy(text))) for text in (table.sheet, *table.titles)]
    years = {year for text in texts for year in _YEAR.findall(text)}
    years = years or set(_YEAR_ALONE.findall(texts[0]))
    return int(years.pop()) if len(years) == 1 else None


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
