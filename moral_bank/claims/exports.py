"""The official columns of claims and of appeals (domain.md §12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from governance.frame.exports import CHUNK, Ledger
from governance.sheets.writer import Column, Value
from moral_bank.models import Appeal, Claim


def _claim_rows(queryset: QuerySet[Claim]) -> Iterator[Sequence[Value]]:
    related = ("account__household__village", "deed", "declared_by", "decided_by")
    claims = queryset.select_related(*related).prefetch_related("judgements").order_by("pk")
    for number, claim in enumerate(claims.iterator(chunk_size=CHUNK), start=1):
        household = claim.account.household
        yield [
            number,
            household.village.name,
            household.number,
            household.head_name,
            claim.deed.name,
            claim.occurred_on,
            claim.applicant or claim.declared_by.name,
            claim.quantity,
            claim.score,
            claim.note,
            claim.declared_by.name,
            claim.declared_at,
            claim.get_source_display(),
            claim.get_consent_display(),
            claim.get_state_display(),
            claim.decided_by.name if claim.decided_by else "",
            claim.decided_at,
            opinion_of(claim),
            claim.reason,
        ]


def opinion_of(claim: Claim) -> str:
    """The panel's last word on a claim whose judgements are read; "" where it has not sat."""
    judgements = sorted(claim.judgements.all(), key=lambda judgement: judgement.round)
    if not judgements:
        return ""
    last = judgements[-1]
    outcome = f"通过，{last.score:+d}" if last.approved else "不通过"
    return f"{outcome}：{last.reason}" if last.reason else outcome


CLAIMS = Ledger(
    "积分申报台账",
    [
        Column("序号", 6),
        Column("村（社区）", 18),
        Column("户号", 10),
        Column("户主", 10),
        Column("申报事项", 36),
        Column("发生日期", 12),
        Column("申报人", 10),
        Column("数量", 6),
        Column("分值", 8),
        Column("说明", 24),
        Column("登记人", 10),
        Column("登记时间", 18),
        Column("申报方式", 14),
        Column("代录同意", 14),
        Column("状态", 12),
        Column("核实人", 10),
        Column("核实时间", 18),
        Column("评议意见", 28),
        Column("退回原因", 24),
    ],
    _claim_rows,
)


def _appeal_rows(queryset: QuerySet[Appeal]) -> Iterator[Sequence[Value]]:
    related = ("account__household__village", "claim__deed", "entry", "received_by", "answered_by")
    appeals = queryset.select_related(*related).order_by("pk")
    for number, appeal in enumerate(appeals.iterator(chunk_size=CHUNK), start=1):
        household = appeal.account.household
        yield [
            number,
            household.village.name,
            household.number,
            household.head_name,
            subject_of(appeal),
            appeal.name,
            appeal.text,
            appeal.received_by.name,
            appeal.received_at,
            appeal.get_state_display(),
            appeal.answer,
            appeal.answered_by.name if appeal.answered_by else "",
            appeal.answered_at,
        ]


def subject_of(appeal: Appeal) -> str:
    """What is appealed against, in words."""
    if appeal.claim is not None:
        return f"退回的申报：{appeal.claim.deed.name} {appeal.claim.score:+d}（{appeal.claim.occurred_on}）"
    assert appeal.entry is not None
    veto = "一票否决" if appeal.entry.veto else "扣分"
    return f"{veto}：{appeal.entry.memo} {appeal.entry.score:+d}（{appeal.entry.occurred_on}）"


APPEALS = Ledger(
    "积分申诉台账",
    [
        Column("序号", 6),
        Column("村（社区）", 18),
        Column("户号", 10),
        Column("户主", 10),
        Column("申诉事项", 36),
        Column("申诉人", 10),
        Column("理由", 36),
        Column("登记人", 10),
        Column("申诉时间", 18),
        Column("状态", 12),
        Column("答复", 36),
        Column("答复人", 10),
        Column("答复时间", 18),
    ],
    _appeal_rows,
)
