"""The official columns of the points rules, of claims and of closings (domain.md §12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from governance.sheets.writer import Column, Value
from moral_bank.models import Claim, Closing
from moral_bank.rule_models import Deed
from villages.exports import CHUNK, Ledger


def _deed_rows(queryset: QuerySet[Deed]) -> Iterator[Sequence[Value]]:
    deeds = queryset.select_related("rule_set").order_by("rule_set__township__path", "-rule_set__version", "code")
    for deed in deeds.iterator(chunk_size=CHUNK):
        yield [
            str(deed.rule_set),
            deed.rule_set.valid_from,
            deed.get_head_display(),
            deed.code,
            deed.name,
            deed.unit,
            deed.score,
            deed.score_high,
            deed.points,
            deed.get_verifier_display(),
            "是" if deed.is_veto else "",
            deed.source,
        ]


DEEDS = Ledger(
    "积分事项表",
    [
        Column("细则版本", 26),
        Column("施行日期", 12),
        Column("类别", 16),
        Column("编号", 10),
        Column("事项", 36),
        Column("计分单位", 10),
        Column("评分", 8),
        Column("评分上限", 10),
        Column("积分", 8),
        Column("核实人", 18),
        Column("一票否决", 10),
        Column("出处", 24),
    ],
    _deed_rows,
    ["有评分上限的事项在评分与上限之间评定，积分等于评定的正分。"],
)


def _claim_rows(queryset: QuerySet[Claim]) -> Iterator[Sequence[Value]]:
    claims = queryset.select_related("account__household__village", "deed", "declared_by", "decided_by").order_by("pk")
    for number, claim in enumerate(claims.iterator(chunk_size=CHUNK), start=1):
        household = claim.account.household
        yield [
            number,
            household.village.name,
            household.number,
            household.head_name,
            claim.deed.name,
            claim.occurred_on,
            claim.score,
            claim.note,
            claim.declared_by.name,
            claim.declared_at,
            claim.get_state_display(),
            claim.decided_by.name if claim.decided_by else "",
            claim.decided_at,
            claim.reason,
        ]


CLAIMS = Ledger(
    "积分申报台账",
    [
        Column("序号", 6),
        Column("村（社区）", 18),
        Column("户号", 10),
        Column("户主", 10),
        Column("申报事项", 36),
        Column("发生日期", 12),
        Column("分值", 8),
        Column("说明", 24),
        Column("申报人", 10),
        Column("申报时间", 18),
        Column("状态", 10),
        Column("核实人", 10),
        Column("核实时间", 18),
        Column("退回原因", 24),
    ],
    _claim_rows,
)


def _closing_rows(queryset: QuerySet[Closing]) -> Iterator[Sequence[Value]]:
    closings = queryset.select_related("village", "rule_set", "notice").defer("notice__rows")
    for closing in closings.order_by("-start", "kind", "village__path").iterator(chunk_size=CHUNK):
        notice = closing.notice
        yield [
            closing.period.label,
            closing.village.name,
            closing.get_state_display(),
            str(closing.rule_set) if closing.rule_set else "",
            closing.household_count,
            closing.entry_count,
            closing.computed_at,
            f"{notice.opens_on:%Y-%m-%d} 至 {notice.closes_on:%Y-%m-%d}" if notice else "",
            closing.locked_at,
        ]


CLOSINGS = Ledger(
    "结算台账",
    [
        Column("期间", 14),
        Column("村（社区）", 18),
        Column("状态", 10),
        Column("细则版本", 26),
        Column("户数", 8),
        Column("记录数", 8),
        Column("计算时间", 18),
        Column("公示起止", 24),
        Column("锁定时间", 18),
    ],
    _closing_rows,
)
