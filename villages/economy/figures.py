"""经营收益 and its band from a year's amounts: whole fen in and out, nothing is ever rounded (plan §三.3; mission M07).

Bands by 经营收益 of a year: none where it is 0 or a loss; below 5 where it is above 0 and less than 50,000.00 元; 5–10 from 50,000.00 to
100,000.00 元, both of them included; above 10 from 100,000.01 元 on.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from villages.economy.heads import Head, scheme_of

FIVE, TEN = 5 * 10_000 * 100, 10 * 10_000 * 100  # fen


class Band(StrEnum):
    NONE = "none"
    BELOW_FIVE = "below5"
    FIVE_TO_TEN = "5to10"
    ABOVE_TEN = "above10"

    @property
    def label(self) -> str:
        return BAND_LABELS[self]


BAND_LABELS = {
    Band.NONE: "无收益", Band.BELOW_FIVE: "5 万元以下", Band.FIVE_TO_TEN: "5 万至 10 万元", Band.ABOVE_TEN: "10 万元以上",
}  # fmt: skip


class Line(NamedTuple):
    """A head of a statement with its fen, and what it puts into 经营收益."""

    head: Head
    fen: int

    @property
    def counted(self) -> int:
        return self.head.sign * self.fen


def lines_of(year: int, amounts: Mapping[str, int]) -> list[Line]:
    """Every head of the year in its order; one that has no amount has 0."""
    return [Line(head, amounts.get(head.key, 0)) for head in scheme_of(year).heads]


def gain_of(year: int, amounts: Mapping[str, int]) -> int:
    """经营收益 in fen."""
    return sum(line.counted for line in lines_of(year, amounts))


def band_of(fen: int) -> Band:
    """Edges as the module says."""
    if fen <= 0:
        return Band.NONE
    if fen < FIVE:
        return Band.BELOW_FIVE
    return Band.FIVE_TO_TEN if fen <= TEN else Band.ABOVE_TEN


def formula_of(year: int) -> str:
    """经营收入 + … − … in words, as it holds for the year."""
    heads = scheme_of(year).heads
    plus = " + ".join(head.name for head in heads if head.sign > 0)
    return " − ".join([plus, *(head.name for head in heads if head.sign < 0)])
