"""The official columns of the points rules (domain.md §12)."""

from __future__ import annotations

from collections.abc import Callable

from governance.frame.columns import Col
from governance.frame.exports import Ledger
from moral_bank.rules.models import Deed


def _yes(name: str) -> Callable[[Deed], str]:
    return lambda deed: "是" if getattr(deed, name) else ""


DEEDS = Ledger.of(
    "积分事项表",
    [
        Col("细则版本", "rule_set", width=26),
        Col("施行日期", "rule_set.valid_from"),
        Col("五类", "get_head_display", width=16),
        Col("编号", "code", width=10),
        Col("事项", "name", width=36),
        Col("计分单位", "unit", width=10),
        Col("评分", "score", width=8),
        Col("评分上限", "score_high", width=10),
        Col("可兑积分", "points", width=10),
        Col("核实人", "get_verifier_display", width=18),
        Col("一票否决", _yes("is_veto"), width=10),
        Col("按数量计分", _yes("by_quantity"), width=10),
        Col("每户每月上限", "cap_month"),
        Col("每户每季上限", "cap_quarter"),
        Col("每户每年上限", "cap_year"),
        Col("原类别", "category", width=20),
        Col("适用对象", "audience", width=14),
        Col("上限或说明", "note", width=20),
        Col("出处", "source", width=24),
        Col("细则状态", "rule_set.get_state_display", width=10),
    ],
    related=("rule_set",),
    order=("rule_set__township__path", "-rule_set__version", "code"),
    state="细则状态",
    notes=["有评分上限的事项在评分与上限之间评定，可兑积分等于评定的正分。"],
)
