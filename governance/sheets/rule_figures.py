"""Points and caps as printed rules write them (积分细则), read into figures (plan §三.1; mission M22). Pure; nothing is guessed."""

from __future__ import annotations

import re
from decimal import Decimal

from governance.sheets.cells import tidy

MOST = 9999

_DASHES = str.maketrans("－﹣—–―‐~～＋﹢", "--------++")
_SIGNS = {"+": 1, "加": 1, "奖": 1, "-": -1, "扣": -1, "减": -1, "罚": -1}
_SIGN = "([+加奖扣减罚-]?)"
_FIGURE = r"(\d+(?:\.\d+)?)分?"
_UNIT = r"[^\d+/-]{1,3}"
_PER = rf"(?:每({_UNIT}?))?"
_ONE = re.compile(rf"{_PER}{_SIGN}{_FIGURE}(?:/({_UNIT}))?")
_RANGE = re.compile(rf"{_PER}{_SIGN}{_FIGURE}(?:至|到|-){_SIGN}{_FIGURE}(?:/({_UNIT}))?")
_GRADE = re.compile(r"[升降][A-E]\+*级")
_BOUND = re.compile(r"最|限|封|(?<![每/])起|不超|不低|至多|至少|以内|以下|以上")
_SPAN, _MOST_WORDS = "(月|季度|季|年)度?", "(?:最多|不超过|最高|上限|封顶|限)"
_CAP = re.compile(rf"每{_SPAN}(?:累计)?{_MOST_WORDS}(?:为|加|奖|得|计|记|扣)?(\d+)分")
# A cell of a 上限 column may say no more than “每月10分”.
_BARE_CAP = re.compile(rf"每?{_SPAN}{_MOST_WORDS}?[:：]?(\d+)分?")
_CAP_KINDS = {"月": "month", "季": "quarter", "季度": "quarter", "年": "year"}
_PERSON = re.compile(r"每个?人|每[名位]|人均|个人")


class Unreadable(ValueError):
    """A figure of points that cannot be taken over; says why in Chinese."""


def read_points(text: str) -> tuple[int, int | None, str]:
    """What a cell of points says: lower figure, upper figure of a range else None, and the unit it names ("" for none).

    “+5”, “加5分”, “扣10分”, “+1至+10”, “加1—20分”, “-10至-50”, “每小时5分”, “5分/小时”. Raises Unreadable.
    """
    plain = _plain(text).translate(_DASHES)
    if _GRADE.fullmatch(plain):
        raise Unreadable(f"“{text}”是等级升降，不是分值")
    if _BOUND.search(plain):
        raise Unreadable(f"“{text}”写的是上限或起点，不是分值")
    if match := _RANGE.fullmatch(plain):
        return _range(match, text)
    if match := _ONE.fullmatch(plain):
        per, sign, figure, unit = match.groups()
        score = _figure(sign, figure, text)
        if score == 0:
            raise Unreadable("分值为 0")
        return score, None, per or unit or ""
    raise Unreadable(f"看不懂的分值“{text}”" if text else "没有写分值")


def read_caps(note: str) -> dict[str, int]:
    """Caps of a household that a note states in points: “每年最多加40分” → {"year": 40}; none where they count by person."""
    plain = _plain(note)
    if match := _BARE_CAP.fullmatch(plain):
        return {_CAP_KINDS[match[1]]: int(match[2])}
    return {} if _PERSON.search(plain) else {_CAP_KINDS[span]: int(figure) for span, figure in _CAP.findall(plain)}


def caps_by_person(note: str) -> bool:
    """Whether a note states caps that count by person, not by household."""
    plain = _plain(note)
    return _PERSON.search(plain) is not None and _CAP.search(plain) is not None


def whole(text: str) -> int | None:
    """A whole figure from 0 to MOST, else None."""
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else None


def _plain(text: str) -> str:
    return "".join(tidy(text).split())


def _range(match: re.Match[str], text: str) -> tuple[int, int | None, str]:
    per, sign, low, other, high, unit = match.groups()
    if sign == "-" and not other:
        raise Unreadable(f"“{text}”看不出第二个数是加还是扣，请写作 -5至+10 或 扣5至10分")
    first, second = _figure(sign, low, text), _figure(other or sign, high, text)
    if first == second:
        return first, None, per or unit or ""
    return min(first, second), max(first, second), per or unit or ""


def _figure(sign: str, figure: str, text: str) -> int:
    value = Decimal(figure)
    if value != value.to_integral_value():
        raise Unreadable(f"“{text}”不是整数")
    if value > MOST:
        raise Unreadable(f"“{text}”超过 {MOST} 分")
    return int(value) * _SIGNS.get(sign, 1)
