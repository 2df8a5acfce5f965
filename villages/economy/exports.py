"""村集体经济收支台账 in the usual headings."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from governance.frame.columns import Col, day_of
from governance.frame.exports import Ledger
from villages.economy.heads import all_heads
from villages.economy.models import EconomyStatement


def _written(fen: int | None) -> Decimal | None:
    return None if fen is None else Decimal(fen).scaleb(-2)


def _head(key: str) -> Callable[[EconomyStatement], Any]:
    """The amount; nothing where the year has no such head."""
    return lambda statement: _written(statement.fens.get(key))


STATEMENTS = Ledger.of(
    "村集体经济收支台账",
    [
        Col("村（社区）", "village.name", width=18),
        Col("年度", "year", width=8),
        *(Col(head.name, _head(head.key), heading=f"{head.name}（元）", width=16) for head in all_heads()),
        Col("经营收益", lambda statement: _written(statement.gain), heading="经营收益（元）", width=16),
        Col("档次", "band.label", width=14),
        Col("状态", "get_state_display", width=10),
        Col("版次", "version", width=8),
        Col("更正原因", "reason", width=24),
        Col("核定日期", day_of("confirmed_at")),
    ],
    related=("village",), prefetch=("amounts",), order=("-year", "village__path", "version"), numbered=True, state="状态",
)  # fmt: skip
