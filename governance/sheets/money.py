"""Money as people write it, in 元 or 万元, and as the portal keeps it: whole fen (mission M07)."""

from __future__ import annotations

import re
from decimal import Decimal

from governance.sheets.cells import CLEAN, EMPTY, NONE_WORDS, REFUSE, Cleaned, raw_text, tidy
from governance.sheets.reader import Cell

MOST = 10**14  # fen: a thousand thousand million 元 is no village's
_SIGNS = str.maketrans("，．－−﹣", ",.---")
_AROUND = re.compile(r"^[¥￥]|元$")
_PLAIN = re.compile(r"-?\d{1,16}(?:\.\d{1,18})?")
_GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DUST = Decimal("0.000001")  # what a formula of Excel leaves of 0.1 + 0.2


def fen_of(text: str, unit: int = 1) -> int:
    """The fen of what is written, `unit` 元 being one: 1234.5, 1,234.50, ¥12, -3元. Raises ValueError, whose words are for people."""
    plain = _AROUND.sub("", "".join(tidy(text).split()).translate(_SIGNS))
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _PLAIN.fullmatch(plain):
        raise ValueError(f"“{text[:20]}”不是金额，请只写数字，如 1234.50")
    exact = Decimal(plain) * unit * 100
    fen = int(exact.to_integral_value())
    if abs(exact - fen) > _DUST:
        raise ValueError(f"“{text[:20]}”不到一分，请写到分为止")
    if abs(fen) >= MOST:
        raise ValueError(f"“{text[:20]}”太大了，请核对")
    return fen


def yuan(fen: int) -> str:
    """元 with two decimals: 123450 → 1234.50."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{rest:02d}"


def clean_money(cell: Cell) -> Cleaned:
    """元 with two decimals, as text; 无 and — are nothing."""
    return clean_in(cell, 1)


def clean_in(cell: Cell, unit: int) -> Cleaned:
    """As `clean_money`, in a column of so many 元."""
    raw = raw_text(cell)
    text = tidy(raw)
    if not text:
        return EMPTY
    if text in NONE_WORDS:
        return Cleaned("0.00", CLEAN, f"“{text}”按 0 元")
    try:
        value = yuan(fen_of(text, unit))
    except ValueError as error:
        return Cleaned(None, REFUSE, str(error))
    if unit != 1:
        return Cleaned(value, CLEAN, f"“{text}”万元按 {value} 元")
    bare = text.replace(",", "").removesuffix("元")
    return Cleaned(value) if bare == raw or not isinstance(cell, str) else Cleaned(value, CLEAN, f"“{text}”按 {value} 元")
