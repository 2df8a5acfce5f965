"""The ledgers of 整改通知书 and 督办单, in the headings of domain.md §12."""

from __future__ import annotations

from governance.cases.engine.exports import moment_text
from governance.frame.columns import Col, day_of
from governance.frame.exports import Ledger
from inspections.models import Order


def _problems(order: Order) -> str:
    texts = [finding.text for finding in sorted(order.findings.all(), key=lambda finding: finding.pk)]
    return texts[0] if len(texts) == 1 else "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))


NOTICES = Ledger.of(
    "整改通知书台账",
    [
        Col("编号", "number", width=16),
        Col("被通知单位", "village", width=18),
        Col("检查时间", "found_on"),
        Col("存在问题", _problems, width=36),
        Col("整改要求", "requirement", width=36),
        Col("整改期限", "fix_due_on"),
        Col("签收人", "signed_by.name", width=10),
        Col("签收时间", lambda order: moment_text(order.signed_at), width=18),
        Col("状态", "get_state_display"),
    ],
    related=("village", "signed_by"),
    prefetch=("findings",),
    state="状态",
)
OVERSIGHTS = Ledger.of(
    "督办单台账",
    [
        Col("编号", "number", width=16),
        Col("签发日期", day_of("issued_at")),
        Col("承办单位", "village", width=18),
        Col("督办事项", _problems, width=36),
        Col("整改要求", "requirement", width=36),
        Col("完成时限", "fix_due_on"),
        Col("办理情况", "report", width=36),
        Col("承办人", "reported_by.name", width=10),
        Col("复核意见", "opinion", width=24),
        Col("销号日期", "closed_on"),
        Col("状态", "get_state_display"),
    ],
    related=("village", "reported_by"),
    prefetch=("findings",),
    state="状态",
)
LEDGERS = {Order.Kind.NOTICE.value: NOTICES, Order.Kind.OVERSIGHT.value: OVERSIGHTS}
