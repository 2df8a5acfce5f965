"""决策台账 in its headings (domain.md §12)."""

from __future__ import annotations

from governance.councils.decisions.lists import where_words
from governance.councils.decisions.words import UNCHECKED
from governance.frame.columns import Col, day_of
from governance.frame.exports import Ledger

DECISION_LEDGER = Ledger.of(
    "决策事项台账",
    [
        Col("编号", "number", width=16),
        Col("村（社区）", "village", width=16),
        Col("单位", "unit", width=16),
        Col("程序", "kind", width=20),
        Col("动议事由", "purpose", width=40),
        Col("提议事项", "title", width=36),
        Col("提议时间", "proposed_on"),
        Col("金额（元）", "money", width=14),
        Col("状态", "state.label"),
        Col("卡在哪一步", where_words, width=40),
        Col("通过日期", day_of("adopted_at")),
        Col("办结日期", day_of("finished_at")),
        Col("程序核对", lambda decision: UNCHECKED if decision.is_unchecked else "已核对", width=10),
        Col("撤回原因", "withdrawn_reason", width=24),
        Col("原台账的结果", "history_outcome", width=24),
    ],
    related=("village", "unit", "kind"),
    state="状态",
    numbered=True,
    notes=["状态为“历史”的是旧台账里的记录，没有在这里走过程序，不作为已通过的决策。"],
)
