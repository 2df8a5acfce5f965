"""What stands in the cells of a 户月评 matrix, and what the sheet says of its own signs (plan §三.4 一月一评; domain.md §8)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal

from governance.sheets.cells import CLEAN, EMPTY, LOOK, Cleaned, raw_text, tidy
from governance.sheets.dates import arabic, year_of
from governance.sheets.reader import Cell
from governance.sheets.tables import Table
from governance.sheets.words import spellings

TICK, CROSS = "√", "×"
MET, FAILED = "合格", "不合格"
CLEAN_PLATE, FAIR_PLATE, POOR_PLATE = "清洁", "比较清洁", "不清洁"
PLATES = spellings({CLEAN_PLATE: "清洁户", FAIR_PLATE: "较清洁 较清洁户 比较清洁户", POOR_PLATE: "不清洁户"})
_MARKS = spellings({TICK: "✓ ✔ ☑", CROSS: "✗ ✘ ☒ X x", MET: "达标 规范", FAILED: "不达标 不规范"})
_SIGNS = str.maketrans("＋－﹣—–−．", "+-----.")
_FIGURE = re.compile(r"(扣|减|得)?([+-]?)(\d{1,3}(?:\.\d{1,2})?)分?")
_NOTHING = r"(?:无问题|没有问题|没问题|未发现问题|不扣分|未扣分|没有扣分|合格|达标)"
_EMPTY, _NEAR = "(?:空白|空格|空着|不填|留空|不写)", "[^。；;，,]{0,6}"
_EMPTY_IS_FINE = re.compile(f"{_EMPTY}{_NEAR}{_NOTHING}|{_NOTHING}{_NEAR}{_EMPTY}")
_FAULT = r"(?:有问题|存在问题|发现问题|不合格|不达标|扣分)"
_TICK, _CLOSE = "[打划画]?[“\"]?√[”\"]?", "[^。；;，,]{0,4}"
_TICK_IS_FAULT = re.compile(f"(?<![无没未]){_FAULT}{_CLOSE}{_TICK}|{_TICK}{_CLOSE}(?<![无没未]){_FAULT}")
_TICK_IS_FINE = re.compile(f"(?<!不){_NOTHING}{_CLOSE}{_TICK}|{_TICK}{_CLOSE}(?<!不){_NOTHING}")
_ANY_MONTH = re.compile(r"(?<!\d)(\d{1,2})\s*月")
_YEAR_MONTH = re.compile(r"((?:19|20)\d{2})\s*[年.\-/]\s*(\d{1,2})(?!\d)\s*月?(?!\s*[-—~至到、]\s*\d)")
_DAY = re.compile(r"((?:19|20)\d{2})([-/.])(\d{1,2})\2\d{1,2}(?:0?0:00:00)?")
_MONTH = re.compile(r"(?<![\d\-—~至到、])(\d{1,2})\s*月(?!\s*[-—~至到、]\s*\d)")


def clean_mark(cell: Cell) -> Cleaned:
    """√, ×, 合格, 不合格, a plate, a deduction (-5) or a bare figure (5); nothing with LOOK for what is none of them."""
    text = "".join(tidy(raw_text(cell)).split())
    if not text:
        return EMPTY
    word = PLATES.get(text) or _MARKS.get(text)
    if word is None and (found := _FIGURE.fullmatch(text.translate(_SIGNS))):
        lost = found[1] in ("扣", "减") or found[2] == "-"
        word = f"{'-' if lost and Decimal(found[3]) else ''}{Decimal(found[3]).normalize():f}"
    if word is None:
        return Cleaned(None, LOOK, f"看不懂“{text}”")
    return Cleaned(word) if word == text else Cleaned(word, CLEAN, f"“{text}”按“{word}”处理")


def clean_points(cell: Cell) -> Cleaned:
    """A figure of points, never below nought; nothing with LOOK for anything else."""
    cleaned = clean_mark(cell)
    if cleaned.value is not None and not re.fullmatch(r"\d+(?:\.\d+)?", str(cleaned.value)):
        return Cleaned(None, LOOK, f"“{raw_text(cell).strip()}”不是得分")
    return cleaned


def clean_plate(cell: Cell) -> Cleaned:
    """One of the three plates; nothing with LOOK for another word."""
    text = "".join(tidy(raw_text(cell)).split())
    if not text:
        return EMPTY
    word = PLATES.get(text)
    if word is None:
        return Cleaned(None, LOOK, f"不认识的清洁牌“{text}”")
    return Cleaned(word) if word == text else Cleaned(word, CLEAN, f"统一写成“{word}”")


def clean_month(cell: Cell) -> Cleaned:
    """The first day of a month: 2026-10, 2026年10月, a date within it. A month without a year (10月) stays text."""
    if isinstance(cell, dt.date):
        return Cleaned(dt.date(cell.year, cell.month, 1))
    text = "".join(arabic(tidy(raw_text(cell))).split())
    if not text:
        return EMPTY
    if (found := _DAY.fullmatch(text)) and (month := month_in(f"{found[1]}年{found[3]}月", None)):
        return Cleaned(month)
    if month := month_in(text, None):
        return Cleaned(month)
    if _MONTH.fullmatch(text):
        return Cleaned(text)
    return Cleaned(None, LOOK, f"看不懂的月份“{text}”")


def month_in(text: str, year: int | None) -> dt.date | None:
    """The one month that a text names, of `year` where it names none."""
    text = arabic(tidy(text))
    if len(set(_ANY_MONTH.findall(text))) > 1:
        return None
    found = {(int(year_), int(month)) for year_, month in _YEAR_MONTH.findall(text)}
    if not found and year is not None:
        found = {(year, int(month)) for month in _MONTH.findall(text)}
    if len(found) != 1:
        return None
    year_, month = found.pop()
    return dt.date(year_, month, 1) if 1 <= month <= 12 and 1900 <= year_ <= 2100 else None


def month_of(table: Table) -> dt.date | None:
    """The one month that the sheet's name says, else its titles."""
    year = year_of(table)
    return next((month for text in (table.sheet, *table.titles) if (month := month_in(text, year))), None)


class Legend:
    """What the titles and notes of a sheet say of its signs. `empty_is_fine`: nothing in a cell is nothing found; `tick`: √ is MET
    or FAILED, None where nothing is said."""

    def __init__(self, texts: Iterable[str]) -> None:
        said = "。".join("".join(tidy(text).split()) for text in texts)
        self.empty_is_fine = bool(_EMPTY_IS_FINE.search(said))
        fault, fine = bool(_TICK_IS_FAULT.search(said)), bool(_TICK_IS_FINE.search(said))
        self.tick = None if fault == fine else FAILED if fault else MET
        self.losses, self.gains = "扣分" in said, bool(re.search("得分表|评分表|打分表|计分表", said))
