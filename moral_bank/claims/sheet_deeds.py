"""Which deed of the rules a row of a past 积分台账 means, and with what figures. Pure but for the issues that it sets on the row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from governance.sheets.cells import CLEAN, LOOK, REFUSE
from governance.sheets.rows import RowResult
from moral_bank.rules.models import Deed

NEAR = 0.5  # how much of two names must be alike, of 1
_MARKS = re.compile(r"[\s，。、；：,.;:（）()“”\"'《》+\-]")

Figures = tuple[int, int]


def deed_of(row: RowResult, deeds: Sequence[Deed]) -> Deed | None:
    """By its code, by its name; else by the only name that the words hold, the only one of these whose figures fit, or the
    nearest name: all three are to be looked at. None with what is wrong."""
    words = str(row.values["deed"])
    exact, alike = _named(deeds, words)
    code = str(row.values["code"] or "").lower()
    if coded := next((deed for deed in deeds if deed.code.lower() == code), None):
        return _agreed(row, coded, exact or alike)
    if exact:
        return exact[0]
    fitting = [deed for deed in alike if not isinstance(_figures(row, deed), str)]
    found = alike if len(alike) == 1 else fitting
    if len(found) == 1:
        row.flag("deed", LOOK, f"按“{found[0].code} {found[0].name}”记")
        return found[0]
    if alike:
        row.flag("deed", REFUSE, f"“{words}”对应 {len(alike)} 个事项，请写编号或全名")
        return None
    near, likeness = _nearest(row, deeds)
    if near is None or likeness < NEAR:
        row.flag("deed", REFUSE, f"细则里没有“{words}”，请对照细则写编号或全名")
        return None
    row.flag("deed", LOOK, f"细则里没有“{words}”，最接近的是“{near.code} {near.name}”，一起导入就按它记，请核对")
    return near


def figures_of(row: RowResult, deed: Deed) -> Figures | None:
    """Score and quantity as the deed allows them, or None with what is wrong."""
    figures = _figures(row, deed)
    if isinstance(figures, str):
        row.flag("score", REFUSE, figures)
        return None
    if row.values["score"] is None and not deed.is_judged:
        row.flag("score", CLEAN, f"按细则记 {figures[0]:+d}")
    return figures


def bare(text: object) -> str:
    """A deed's words without marks and blanks."""
    return _MARKS.sub("", str(text or ""))


def _named(deeds: Sequence[Deed], text: str) -> tuple[list[Deed], list[Deed]]:
    """The deeds whose code or name the text is, and those whose name holds it or is held by it."""
    words, code = bare(text), text.strip().lower()
    exact = [deed for deed in deeds if deed.code.lower() == code] or [deed for deed in deeds if bare(deed.name) == words]
    return exact, [deed for deed in deeds if bare(deed.name) in words or words in bare(deed.name)]


def _agreed(row: RowResult, coded: Deed, named: Sequence[Deed]) -> Deed | None:
    """The deed of the code, unless the words name another: a sheet's 编号 may be no more than a running number."""
    if named and coded not in named:
        row.flag("deed", REFUSE, f"编号 {coded.code} 是“{coded.name}”，事项写的是“{named[0].name}”，请核对")
        return None
    if not named:
        row.flag("deed", LOOK, f"按编号记作“{coded.code} {coded.name}”，请核对")
    return coded


def _nearest(row: RowResult, deeds: Sequence[Deed]) -> tuple[Deed | None, float]:
    """The deed whose name is most like the words, among those whose figures fit."""
    words = bare(row.values["deed"])
    fitting = [deed for deed in deeds if not isinstance(_figures(row, deed), str)]
    ratios = [(SequenceMatcher(None, words, bare(deed.name)).ratio(), -number) for number, deed in enumerate(fitting)]
    best, number = max(ratios, default=(0.0, 0))
    return (fitting[-number], best) if fitting else (None, 0.0)


def _figures(row: RowResult, deed: Deed) -> Figures | str:
    """Score and quantity, or what is wrong with them."""
    values: dict[str, Any] = row.values
    score = int(values["score"]) if values["score"] is not None else None
    if deed.is_judged:
        if score is None or not deed.score <= score <= (deed.score_high or 0) or not score:
            return f"“{deed.name}”的分值须在 {deed.score} 到 {deed.score_high} 之间"
        return score, 1
    quantity = int(values["quantity"] or 1) if deed.by_quantity else 1
    if deed.by_quantity and not values["quantity"] and score and score % deed.score == 0 and score // deed.score > 0:
        quantity = score // deed.score
    wanted = deed.score * quantity
    return (wanted, quantity) if score in (None, wanted) else f"“{deed.name}”按细则是 {wanted:+d}，表上写 {score:+d}"
