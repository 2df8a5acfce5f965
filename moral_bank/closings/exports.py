"""The official columns of closings (domain.md §12)."""

from __future__ import annotations

from governance.frame.columns import Col
from governance.frame.exports import Ledger
from moral_bank.models import Closing


def _shown(closing: Closing) -> str:
    notice = closing.notice
    return f"{notice.opens_on:%Y-%m-%d} 至 {notice.closes_on:%Y-%m-%d}" if notice else ""


CLOSINGS = Ledger.of(
    "结算台账",
    [
        Col("期间", "period.label", width=14),
        Col("村（社区）", "village.name", width=18),
        Col("状态", "get_state_display", width=10),
        Col("细则版本", "rule_set", width=26),
        Col("户数", "household_count", width=8),
        Col("记录数", "entry_count", width=8),
        Col("计算时间", "computed_at", width=18),
        Col("公示起止", _shown, width=24),
        Col("锁定时间", "locked_at", width=18),
    ],
    related=("village", "rule_set", "notice"),
    defer=("notice__rows",),
    order=("-start", "kind", "village__path"),
    state="状态",
)
