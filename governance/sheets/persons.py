"""Clean the cells that identify a person: names as people bear them, and the 18-digit number (GB 11643-1999)."""

import datetime as dt
import re
import unicodedata
from operator import mul

from governance.sheets.cells import CLEAN, EMPTY, LOOK, REFUSE, Cleaned, raw_text, tidy
from governance.sheets.reader import Cell

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_OLD, _WHOLE = re.compile(r"\d{15}"), re.compile(r"\d{17}[\dX]")
_PARTING, _ROUNDED = re.compile(r"[\s-]"), re.compile(r"\d(\.\d+)?E\+?\d{2}|\d{16,}\.0+")
_DOTS = str.maketrans({dot: "·" for dot in "•‧・･∙⋅●．"})
_BRACKETS = re.compile(r"[（(【\[〔]([^（(【\[〔）)】\]〕]*)[）)】\]〕]")
_PLACEHOLDERS = re.compile(r".?某+.?|.*某某.*|.*[*＊×?？□○].*|(新生儿|无名氏?|不详|待定|待补|婴儿)")
_PLAIN_NAME = re.compile("[\u4e00-\u9fff]{2,4}")  # too short for two people
_NOTHING = frozenset({"无", "/", "-", "—", "空", "空户"})
_SEVERAL = re.compile(r"[/、，,；;&]")
_JOINED = re.compile(r"[^\x00-\x7f]{2,4}[和与及][^\x00-\x7f]{2,4}")
_COMPOUND = re.compile(
    "欧阳|司马|上官|诸葛|尉迟|东方|令狐|皇甫|公孙|慕容|司徒|夏侯|长孙|宇文|端木|南宫|单于|钟离|呼延|司空|澹台|淳于"
)
_NOT_BETWEEN_LATIN = re.compile(r"(?<![A-Za-z.]) | (?![A-Za-z])")


def clean_name(cell: Cell) -> Cleaned:
    """A personal name. Blanks inside go, middle dots become ·, a note in brackets moves to `aside`; rare characters
    stay as they are. Placeholders and characters that can be no name are for a second look."""
    raw = raw_text(cell)
    if _PLAIN_NAME.fullmatch(raw) and raw not in _NOTHING and not _PLACEHOLDERS.fullmatch(raw):
        return Cleaned(raw)
    text = tidy(raw).translate(_DOTS)
    notes = [note for found in _BRACKETS.findall(text) if (note := found.strip())]
    name = _NOT_BETWEEN_LATIN.sub("", " ".join(_BRACKETS.sub("", text).split()))
    name = re.sub(r"(?<=[^\x00-\x7f])\.(?=[^\x00-\x7f])", "·", name)
    aside = "、".join(notes)
    if not name or name in _NOTHING:
        return Cleaned(None, CLEAN, f"“{text}”不是姓名，按没有姓名处理", aside) if text else EMPTY
    name = name.rstrip("、，,；;。") or name
    if doubt := _two_people(text) or _doubt(name):
        return Cleaned(name, LOOK, doubt, aside)
    if name == raw:
        return Cleaned(name)
    reason = f"括号里的“{aside}”移出姓名" if aside else "去掉空格或统一符号"
    return Cleaned(name, CLEAN, reason, aside)


def _two_people(text: str) -> str:
    """秦五/尤六, 秦五 尤六 and 秦五和尤六 are two; 张 三, 欧阳 志远 and 欧阳和平 are one."""
    text = _BRACKETS.sub("", text).strip(" 、，,；;。")
    words = text.split()
    apart = len(words) == 2 and all(len(word) > 1 and not word.isascii() and "·" not in word for word in words)
    joined = "·" not in text and _JOINED.fullmatch("".join(words))
    if _SEVERAL.search(text) or joined or (apart and not _COMPOUND.fullmatch(words[0])):
        return "一格里像是几个人的姓名，请一人一行"
    return ""


def _doubt(name: str) -> str:
    """Why a name needs a second look, or ''."""
    if "\ufffd" in name or any(unicodedata.category(char) == "Co" for char in name):
        return "姓名里有无法显示的字，请核对身份证"
    if _PLACEHOLDERS.fullmatch(name):
        return "像是代称，不是真实姓名"
    if not all(unicodedata.category(char) in ("Lo", "Mn") or char in "·〇" or char.isascii() for char in name):
        return "姓名里有符号，请核对"
    if any(char.isdigit() for char in name):
        return "姓名里有数字，请核对"
    if not name.isascii() and any(char.isascii() for char in name):
        return "姓名里夹有字母或符号，请核对"
    if not 2 <= len(name) <= (30 if "·" in name or name.isascii() else 8):
        return "姓名字数不正常，请核对"
    return ""


def clean_id_number(cell: Cell) -> Cleaned:
    """An 18-digit identity number with the right checksum, X upper case. A number cell has lost digits and is refused;
    an old 15-digit number becomes the 18 digits of the same person, for a second look."""
    raw = raw_text(cell)
    text = _PARTING.sub("", tidy(raw)).upper()
    if not text:
        return EMPTY
    if _is_rounded(cell, text):
        return Cleaned(None, REFUSE, "身份证号被存成了数字，Excel 只保留15位，后几位已丢失，请把该列设为文本后重新录入")
    if _OLD.fullmatch(text) and birth_of(text):
        return Cleaned(whole_number(text), LOOK, "15位旧身份证号，已按规则补成18位，请核对")
    if len(text) != 18:
        return Cleaned(None, REFUSE, f"身份证号应为18位，这里是{len(text)}位")
    if not _WHOLE.fullmatch(text):
        return Cleaned(None, REFUSE, "身份证号含有不该有的字符")
    tail = "，末三位为000，可能被 Excel 截断" if text.endswith("000") else ""
    if text[17] != check_digit(text[:17]):
        return Cleaned(None, REFUSE, f"身份证号校验码不对，请核对{tail}")
    if birth_of(text) is None:
        return Cleaned(None, REFUSE, "身份证号里的出生日期不存在，请核对")
    if tail:
        return Cleaned(text, LOOK, f"请核对身份证号{tail}")
    return Cleaned(text) if text == raw else Cleaned(text, CLEAN, _id_change(raw))


def _is_rounded(cell: Cell, text: str) -> bool:
    """A number of more than 15 digits, whether Excel holds it or a program printed it (5.11929E+17, ….0)."""
    if isinstance(cell, int | float):
        return abs(cell) >= 1e15
    return bool(_ROUNDED.fullmatch(text))


def _id_change(raw: str) -> str:
    done = ["x 改为大写"] if raw.strip()[-1] in "xｘ" else []
    if any("\uff10" <= char <= "\uff5a" for char in raw):
        done.append("全角改半角")
    return "，".join(done) or "去掉空格或符号"


def whole_number(number: str) -> str:
    """The 18 digits of a person whose old number has 15; any other text as it is. One person is one key."""
    if not _OLD.fullmatch(number):
        return number
    first17 = f"{number[:6]}19{number[6:]}"
    return first17 + check_digit(first17)


def check_digit(first17: str) -> str:
    """The 18th character of an identity number for its first 17 digits (ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(map(mul, map(int, first17), _WEIGHTS)) % 11]


def birth_of(number: str) -> dt.date | None:
    """The birth date within an 18- or 15-digit number, or None when there is no such day."""
    digits = number[6:14] if len(number) == 18 else "19" + number[6:12]
    try:
        birth = dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return birth if birth.year >= 1900 else None


def sex_of(number: str) -> str:
    """男 or 女 by the odd or even sequence digit of an 18- or 15-digit number."""
    return "男" if int(number[16] if len(number) == 18 else number[14]) % 2 else "女"
