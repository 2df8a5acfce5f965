"""Clean single cells of messy ledgers: each function takes what stands in a cell and says what it became and why."""

import datetime as dt
import re
from dataclasses import dataclass

from governance.sheets.reader import Cell

OK, CLEAN, LOOK, REFUSE = "take", "clean", "look", "refuse"
LEVELS = (OK, CLEAN, LOOK, REFUSE)

_FULL_WIDTH = {code: code - 0xFEE0 for code in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]}
_SPACES = {code: " " for code in (0x3000, 0xA0, 0x2002, 0x2003, 0x2009, 0x202F)}
_INVISIBLE: dict[int, str | None] = {code: None for code in (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(9), 0x7F)}
_TABLE = _INVISIBLE | _SPACES | {code: chr(plain) for code, plain in _FULL_WIDTH.items()}
_PUNCTUATION = str.maketrans("－﹣—–―‐．／：（）", "------./:()")


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
    return max(levels, key=LEVELS.index, default=OK)


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


def tidy(text: str) -> str:
    """Half-width digits and letters, plain spaces, nothing invisible, no apostrophe that guards text against Excel."""
    text = text.translate(_TABLE).strip()
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


def clean_phone(cell: Cell) -> Cleaned:
    """A mobile or land line number. What is no number is left out, for a second look; of several the first is kept."""
    raw = raw_text(cell)
    parts = _numbers(tidy(raw).translate(_PUNCTUATION))
    if not parts:
        return EMPTY
    digits = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", parts[0])
    if re.fullmatch(r"1[3-9]\d{9}", digits):
        phone = digits
    elif area := re.fullmatch(r"(0[12]\d|0[3-9]\d\d)(\d{7,8})", digits):
        phone = "-".join(area.groups())
    else:
        return Cleaned(None, LOOK, "不是11位手机号，也不是带区号的座机号，未采用")
    if len(parts) > 1:
        return Cleaned(phone, LOOK, "有多个号码，采用第一个", aside="、".join(parts[1:]))
    return _judge(raw, phone)


def _numbers(text: str) -> list[str]:
    """The numbers of a phone cell as bare digits; blanks part numbers only where there are too many digits for one."""
    parts = re.split(r"[、，,;；/]", text)
    if sum(char.isdigit() for char in text) > 14:
        parts = [piece for part in parts for piece in part.split()]
    return [digits for part in parts if (digits := re.sub(r"[\s()-]", "", part))]


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
    return Cleaned(value, CLEAN, "，".join(done) or "去掉多余符号")
