"""The official columns of claims and of appeals (domain.md §12)."""

from __future__ import annotations

from governance.frame.columns import Col
from governance.frame.exports import Ledger
from moral_bank.models import Appeal, Claim

HOME = (
    Col("村（社区）", "account.household.village.name", width=18),
    Col("户号", "account.household.number", width=10),
    Col("户主", "account.household.head_name", width=10),
)


def opinion_of(claim: Claim) -> str:
    """The panel's last word on a claim whose judgements are read; "" where it has not sat."""
    judgements = sorted(claim.judgements.all(), key=lambda judgement: judgement.round)
    if not judgements:
        return ""
    last = judgements[-1]
    outcome = f"通过，{last.score:+d}" if last.approved else "不通过"
    return f"{outcome}：{last.reason}" if last.reason else outcome


def subject_of(appeal: Appeal) -> str:
    """What is appealed against, in words."""
    if appeal.claim is not None:
        return f"退回的申报：{appeal.claim.deed.name} {appeal.claim.score:+d}（{appeal.claim.occurred_on}）"
    assert appeal.entry is not None
    veto = "一票否决" if appeal.entry.veto else "扣分"
    return f"{veto}：{appeal.entry.memo} {appeal.entry.score:+d}（{appeal.entry.occurred_on}）"


CLAIMS = Ledger.of(
    "积分申报台账",
    [
        *HOME,
        Col("申报事项", "deed.name", width=36),
        Col("发生日期", "occurred_on"),
        Col("申报人", lambda claim: claim.applicant or claim.declared_by.name, width=10),
        Col("数量", "quantity", width=6),
        Col("分值", "score", width=8),
        Col("说明", "note", width=24),
        Col("登记人", "declared_by.name", width=10),
        Col("登记时间", "declared_at", width=18),
        Col("申报方式", "get_source_display", width=14),
        Col("代录同意", "get_consent_display", width=14),
        Col("状态", "get_state_display"),
        Col("核实人", "decided_by.name", width=10),
        Col("核实时间", "decided_at", width=18),
        Col("评议意见", opinion_of, width=28),
        Col("退回原因", "reason", width=24),
    ],
    related=("account__household__village", "deed", "declared_by", "decided_by"),
    prefetch=("judgements",),
    numbered=True,
    state="状态",
)
APPEALS = Ledger.of(
    "积分申诉台账",
    [
        *HOME,
        Col("申诉事项", subject_of, width=36),
        Col("申诉人", "name", width=10),
        Col("理由", "text", width=36),
        Col("登记人", "received_by.name", width=10),
        Col("申诉时间", "received_at", width=18),
        Col("状态", "get_state_display"),
        Col("答复", "answer", width=36),
        Col("答复人", "answered_by.name", width=10),
        Col("答复时间", "answered_at", width=18),
    ],
    related=("account__household__village", "claim__deed", "entry", "received_by", "answered_by"),
    numbered=True,
    state="状态",
)
