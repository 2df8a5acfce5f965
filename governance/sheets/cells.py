"""Clean single cells of messy ledgers: each function takes what stands in a cell and says what it became and why."""

import datetime as dt
import math
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from governance.sheets.reader import Cell

OK, CLEAN, LOOK, REFUSE = "take", "clean", "look", "refuse"
LEVELS = (OK, CLEAN, LOOK, REFUSE)
_GRAVITY = {level: gravity for gravity, level in enumerate(LEVELS)}

_FULL_WIDTH = {code: code - 0xFEE0 for code in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]}
_SPACES = {code: " " for code in (0x3000, 0xA0, 0x2002, 0x2003, 0x2009, 0x202F)}
_INVISIBLE: dict[int, str | None] = {code: None for code in (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(9), 0x7F)}
# Second code points of common characters (U+F9E1 for 李) and radicals that a scanner writes for whole characters.
_DOUBLES = {
    code: plain
    for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFB00), *range(0x2F800, 0x2FA20))
    if (plain := unicodedata.normalize("NFKC", chr(code))) != chr(code) and len(plain) == 1
}
_TABLE = _INVISIBLE | _SPACES | {code: chr(plain) for code, plain in _FULL_WIDTH.items()} | _DOUBLES
_PUNCTUATION = str.maketrans("－﹣—–―‐．／：（）＋", "------./:()+")
_PLAIN = re.compile("[ -~\u4e00-\u9fff]*")  # nothing that _TABLE holds
_ERRORS = frozenset({"#REF!", "#VALUE!", "#N/A", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA", "#####"})
_DITTO = frozenset({"同上", "同前", "同左", "〃", "″", "''", '"', "”", "“", "″″", "〃〃", "々"})
_DITTO_BEGINS = frozenset(mark[0] for mark in _DITTO)
NONE_WORDS = frozenset({"无", "没有", "暂无", "/", "-", "--", "—", "——"})


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A value with its verdict and the reason for it in Chinese; `aside` is text that was cut out of the cell."""

    value: str | dt.date | None
    level: str = OK
    reason: str = ""
    aside: str = ""


EMPTY = Cleaned(None)


def worst(levels: list[str]) -> str:
    """The gravest of some levels; OK for none."""
    return max(levels, key=_GRAVITY.__getitem__, default=OK)


def is_error(cell: Cell) -> bool:
    """A formula that failed, or a number that is none: #REF!, #N/A, NaN."""
    if isinstance(cell, float):
        return not math.isfinite(cell)
    return isinstance(cell, str) and "#" in cell and cell.strip().upper() in _ERRORS


def is_ditto(cell: Cell) -> bool:
    """A mark that repeats the cell above: 同上, 〃, ″."""
    return isinstance(cell, str) and cell.lstrip()[:1] in _DITTO_BEGINS and "".join(cell.split()) in _DITTO


def raw_text(cell: Cell) -> str:
    """What staff see in the cell: 12.0 is 12, a date is 2024-03-01, nothing is ''."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.strftime("%Y-%m-%d") if cell.time() == dt.time() else cell.strftime("%Y-%m-%d %H:%M:%S")
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


@cache
def column_letter(column: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def tidy(text: str) -> str:
    """Half-width digits and letters, plain spaces, nothing invisible, one code point for a character, no apostrophe that
    guards text against Excel. Chinese punctuation stays."""
    text = (text if _PLAIN.fullmatch(text) else text.translate(_TABLE)).strip()
    return text[1:].lstrip() if text[:1] in ("'", "‘") else text


def clean_text(cell: Cell) -> Cleaned:
    """Free text: runs of blanks become one."""
    raw = raw_text(cell)
    return _judge(raw, " ".join(tidy(raw).split()))


def clean_compact(cell: Cell) -> Cleaned:
    """A number-like label (户号, 组别): no blanks at all."""
    raw = raw_text(cell)
    return _judge(raw, "".join(tidy(raw).split()))


def clean_choice(cell: Cell, choices: dict[str, str], what: str) -> Cleaned:
    """A word from a list. `choices`: spelling → the word of the house; an unknown word is kept for a second look."""
    text = "".join(tidy(raw_text(cell)).split())
    if not text:
        return EMPTY
    if text not in choices:
        return Cleaned(text, LOOK, f"不认识的{what}“{text}”")
    word = choices[text]
    return Cleaned(word) if word == raw_text(cell) else Cleaned(word, CLEAN, f"统一写成“{word}”")


SEXES = dict.fromkeys(("男", "男性", "M", "1", "♂"), "男") | dict.fromkeys(("女", "女性", "F", "2", "♀"), "女")


def clean_sex(cell: Cell) -> Cleaned:
    """男 or 女."""
    cleaned = clean_choice(cell, SEXES, "性别")
    return Cleaned(None, LOOK, cleaned.reason) if cleaned.level == LOOK else cleaned


_CANDIDATE = re.compile(r"[+(]?\d[\d\s()+-]*\d")
_MOBILE = re.compile(r"(?:\+|00)?(?:86)?(1[3-9]\d{9})")
_LAND = re.compile(r"(?:\+|00)?(?:86)?(0[12]\d|0[3-9]\d\d)(\d{7,8})")
_PLAIN_MOBILE = re.compile("1[3-9][0-9]{9}")
_EDGES = " \t\n、，,;；/。.:：\"'“”()-"


def clean_phone(cell: Cell) -> Cleaned:
    """A mobile or land line number; of several the first. `aside`: the other numbers and the words of the cell."""
    raw = raw_text(cell)
    if _PLAIN_MOBILE.fullmatch(raw):
        return Cleaned(raw)
    text = tidy(raw).translate(_PUNCTUATION)
    if not text:
        return EMPTY
    if text in NONE_WORDS:
        return Cleaned(None, CLEAN, f"“{text}”按没有电话处理")
    phones, rest = _phones(text)
    if not phones:
        return Cleaned(None, LOOK, "不是11位手机号，也不是带区号的座机号，未采用")
    aside = "、".join([*phones[1:], *rest])
    if len(phones) > 1:
        return Cleaned(phones[0], LOOK, "有多个号码，采用第一个", aside)
    if rest:
        return Cleaned(phones[0], CLEAN, f"“{aside}”移到备注", aside)
    return _judge(raw, phones[0])


def _phones(text: str) -> tuple[list[str], list[str]]:
    """The numbers that can be called, and the words around them."""
    phones: list[str] = []
    words, last = [], 0
    for found in _CANDIDATE.finditer(text):
        pieces = found.group().split() if sum(map(str.isdigit, found.group())) > 15 else [found.group()]
        called = [phone for piece in pieces if (phone := _phone(piece))]
        if len(called) == len(pieces):
            phones += called
            words.append(text[last : found.start()])
            last = found.end()
    words.append(text[last:])
    return phones, [word for part in words if (word := part.strip(_EDGES))]


def _phone(text: str) -> str:
    digits = re.sub(r"[\s()-]", "", text)
    if found := _MOBILE.fullmatch(digits):
        return found.group(1)
    return "-".join(found.groups()) if (found := _LAND.fullmatch(digits)) else ""


def _judge(raw: str, value: str) -> Cleaned:
    """OK when the cell said so already, CLEAN with a list of what was done to it otherwise."""
    if not value:
        return EMPTY
    if value == raw:
        return Cleaned(value)
    done = []
    if any(code in _FULL_WIDTH for code in map(ord, raw)):
        done.append("全角改半角")
    if any(char.isspace() for char in raw):
        done.append("去掉多余空格")
    if any(code in _DOUBLES for code in map(ord, raw)):
        done.append("换成通用的字")
    return Cleaned(value, CLEAN, "，".join(done) or "去掉多余符号")
