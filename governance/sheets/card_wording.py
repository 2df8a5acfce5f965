"""What the 评分办法 of a published scorecard say, where they say it without doubt; the rest is handed back with the reason.

Wordings were collected from published cards of townships (`tests/inspections/longmen.csv` is one of them).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from governance.sheets.cells import tidy

EACH, WHOLE, BAND, NOTE, BONUS, VETO = "each", "whole", "band", "note", "bonus", "veto"
KIND_WORDS = {
    EACH: ("each", "逐处扣分，扣完为止", "逐处扣分", "扣分", "按处扣分"),
    WHOLE: ("whole", "不达标不得分", "全有或全无"),
    BAND: ("band", "按比例分档", "分档", "比例"),
    NOTE: ("note", "只记录，不计分", "只记录"),
    BONUS: ("bonus", "加分", "加分项"),
    VETO: ("veto", "一票否决", "否决"),
}

_PLAIN = str.maketrans("，；。、;（）－−–～", ",,,,,()---~")
_N = r"(\d+(?:\.\d+)?)"
_UNIT = (
    "(个百分点|百分点|人次|户次|车次|处|次|户|人|项|件|起|例|卷|种|个|份|天|条|宗|本|辆|车|栋|间|盏|月|期|场|名|家|堆|块|口|篇|张|组|村|店|只|头|株|棵|桶|类)"
)
_ONE = "(?:少|缺|差|漏|有|出现|发现|发生|超|低|晚|迟)?(?:一|1)?"
_TAKE = "(?:扣减|扣|减|-)"
_AFTER = "[^0-9扣减加每一各少缺]{0,12}"
_OFTEN = "(?:[^0-9每各]|每(?:季度|半年|[季月年周天日]))*?"

_UNTIL_EMPTY = re.compile("(?:直至)?[扣减]完(?:该项|此项|本项)?(?:分值?)?为止")
_LIMIT = re.compile(f"(?:累计)?(?:最高|最多|不超过|上限)为?[扣减加]?{_N}分?|[扣减加]完{_N}分为止")
_ALLOWANCE = re.compile("[^0-9]*扣[^0-9,]*(?:补贴|补助|报酬|工资|奖金|经费)")
_ONLY_NOTED = re.compile("[^0-9]*(?:只|仅)作?记录[^0-9]*")
_VETO = re.compile("[^0-9,]{0,30}(?:一票)?否决[^0-9,]{0,4}")
_WHOLE = re.compile("[^0-9每各]*(?:不得分|不计分|不记分|不给分|[得记为]0分|全部扣完|全部扣除|全扣)")
_EACH = [
    re.compile(f"[^0-9]*?每{_ONE}{_UNIT}{_AFTER}{_TAKE}{_N}分?"),
    re.compile(f"[^0-9]*?按{_UNIT}{_TAKE}{_N}分?"),
    re.compile(f"{_OFTEN}(?:一|1){_UNIT}{_AFTER}{_TAKE}{_N}分?"),
]
_TAKE_BY = re.compile(f"[^0-9每各]*?{_TAKE}{_N}分?[/每]{_UNIT}")
_ALL_ALIKE = re.compile(f"[^0-9每]*?各{_TAKE}{_N}分?")
_ONCE = re.compile(f"[^0-9每各按]*?{_TAKE}{_N}分?")
_BONUS_EACH = re.compile(f"[^0-9]*?每{_ONE}{_UNIT}{_AFTER}加{_N}分?")
_BONUS = re.compile(f"[^0-9每]*?加{_N}分?(?:[/每]{_UNIT})?")
_BAND = re.compile(f"[^0-9%]*?{_N}%(?:及以上|以上|\\(含\\))?的?得{_N}分?")
_BAND_REST = re.compile(f"(?:其余|其它|其他|否则|低于{_N}%|不足{_N}%|{_N}%以下)的?(?:不得分|[得记]?0分)")
_RANGE = re.compile(f"[扣减加]{_N}分?[-~至到]{_N}")
_DEED = re.compile("[扣减]|加[0-9]|得[0-9]|不得|不计|不记|否决")


class Unreadable(ValueError):
    """A wording whose meaning is in doubt; the text says why, in Chinese."""


@dataclass(frozen=True)
class Rule:
    """A wording understood. `per_case` and `unit` are None and '' where it does not name them; `bands` are (least per cent,
    points), from the best down; `limit` is 最多 or 最高; `once`: 扣1 without saying for each of what."""

    kind: str
    per_case: Decimal | None = None
    unit: str = ""
    bands: tuple[tuple[Decimal, Decimal], ...] = ()
    limit: Decimal | None = None
    once: bool = False


def read_kind(text: str) -> str | None:
    """The kind that a cell names in so many words, as this portal prints them."""
    said = _plain(text)
    return next((kind for kind, words in KIND_WORDS.items() if said in map(_plain, words)), None)


def read_rule(text: str) -> Rule:
    """What a 评分办法 means, such as `每处扣5,扣完为止`. Raises Unreadable."""
    named = read_kind(text)
    if named is not None:
        return Rule(named)
    clauses, limit = _clauses(_plain(text))
    said = ",".join(clauses)
    if _ONLY_NOTED.fullmatch(said) or _ALLOWANCE.fullmatch(said):
        return Rule(NOTE)
    if _VETO.fullmatch(said):
        return Rule(VETO)
    if any(_BAND.fullmatch(clause) for clause in clauses):
        return Rule(BAND, bands=_bands(clauses))
    if "酌情" in said:
        raise Unreadable("“酌情”没有写定扣多少分")
    if _RANGE.search(said):
        raise Unreadable("扣（加）分是一个范围，请写定一个数")
    if not clauses:
        raise Unreadable("没有写每处扣多少分")
    if said in ("不计分", "不记分"):
        raise Unreadable("“不计分”看不出是只作记录还是不得分，请写明")
    if any(_DEED.search(clause) for clause in clauses[:-1]):
        raise Unreadable("一格里写了几种办法，请分成几行")
    return _deduction(clauses[-1], limit)


def _deduction(clause: str, limit: Decimal | None) -> Rule:
    """One clause that takes or adds points."""
    if _WHOLE.fullmatch(clause):
        return Rule(WHOLE)
    for pattern in _EACH:
        if found := pattern.fullmatch(clause):
            return Rule(EACH, Decimal(found[2]), found[1], limit=limit)
    if found := _TAKE_BY.fullmatch(clause):
        return Rule(EACH, Decimal(found[1]), found[2], limit=limit)
    if found := _ALL_ALIKE.fullmatch(clause):
        return Rule(EACH, Decimal(found[1]), "项", limit=limit)
    if found := _ONCE.fullmatch(clause):
        return Rule(EACH, Decimal(found[1]), limit=limit, once=True)
    if found := _BONUS_EACH.fullmatch(clause):
        return Rule(BONUS, Decimal(found[2]), found[1], limit=limit)
    if found := _BONUS.fullmatch(clause):
        return Rule(BONUS, Decimal(found[1]), found[2] or "", limit=limit)
    raise Unreadable("看不懂这种写法，请写成“每处扣1分”“未开展不得分”“95%得10分，90%得8分”“每项加1分，最多5分”之类")


def _clauses(said: str) -> tuple[list[str], Decimal | None]:
    """The clauses without 扣完为止, which goes without saying, and the most that they take or add."""
    clauses, limit = [], None
    for clause in filter(None, said.split(",")):
        if found := _LIMIT.fullmatch(clause):
            limit = Decimal(found[1] or found[2])
        elif not _UNTIL_EMPTY.fullmatch(clause):
            clauses.append(clause)
    return clauses, limit


def _bands(clauses: Sequence[str]) -> tuple[tuple[Decimal, Decimal], ...]:
    bands: list[tuple[Decimal, Decimal]] = []
    for number, clause in enumerate(clauses):
        if found := _BAND.fullmatch(clause):
            bands.append((Decimal(found[1]), Decimal(found[2])))
            continue
        rest = _BAND_REST.fullmatch(clause)
        least = next((Decimal(figure) for figure in rest.groups() if figure), bands[-1][0]) if rest and bands else None
        if number != len(clauses) - 1 or not bands or least != bands[-1][0]:
            raise Unreadable(f"分档里的“{clause}”看不懂，请写成“95%得10分，90%得8分”")
    if any(below[0] >= above[0] or below[1] >= above[1] for above, below in zip(bands, bands[1:], strict=False)):
        raise Unreadable("分档须从高到低，比例和得分都依次降低")
    return tuple(bands)


def _plain(text: str) -> str:
    """Without blanks, with one kind of comma, bracket and minus."""
    return "".join(tidy(text).split()).translate(_PLAIN).strip(",")
