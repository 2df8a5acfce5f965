"""A line of a card in the words of a 考核计分表. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from governance.sheets.card_wording import Rule, Unreadable, read_rule
from inspections.scorecards.checks import figure
from inspections.scorecards.scoring import Kind


def bands_words(bands: Sequence[Sequence[Any]]) -> str:
    """95%得5分，85%得4分 of [[95, 5], [85, 4]]."""
    return "，".join(f"{_short(least)}%得{_short(points)}分" for least, points in bands)


def bands_kept(bands: Sequence[tuple[Decimal, Decimal]]) -> list[list[int | float]]:
    """As the database keeps them; two decimals at most, so that a float reads back as the same figure."""
    return [[int(one) if one == one.to_integral_value() else float(one) for one in pair] for pair in bands]


def rule_words(kind: str, per_case: Decimal, unit: str, bands: Sequence[Sequence[Any]], points: Decimal | None = None) -> str:
    """How a line is scored; `points` are a bonus line's own ceiling."""
    if kind == Kind.EACH:
        return f"每{unit or '处'}扣{figure(per_case)}分，扣完为止"
    if kind == Kind.BONUS:
        most = f"，最多{figure(points)}分" if points is not None else ""
        return f"每{unit or '项'}加{figure(per_case)}分{most}"
    plain = {Kind.WHOLE: "不达标不得分", Kind.NOTE: "只记录，不计分", Kind.VETO: "一票否决"}
    return bands_words(bands) if kind == Kind.BAND else plain[Kind(kind)]


def rule_text(item: Any) -> str:
    """The words that a row (`ChecklistItem`) was read from, where they still say what it does; else what it does."""
    return item.basis if item.basis and _agrees(item) else rule_words(
        item.kind, item.per_case, item.case_unit, item.bands, item.points
    )


def _agrees(item: Any) -> bool:
    try:
        rule = read_rule(item.basis)
    except Unreadable:
        return False
    return rule.kind == item.kind and rule.per_case in (None, item.per_case) and _same_bands(rule, item.bands)


def _same_bands(rule: Rule, bands: Sequence[Sequence[Any]]) -> bool:
    return not rule.bands or [list(pair) for pair in rule.bands] == [[Decimal(str(figure)) for figure in pair] for pair in bands]


def _short(value: Any) -> str:
    return figure(Decimal(str(value)))
