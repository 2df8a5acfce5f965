"""The official columns of the points rules and of closings (domain.md §12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from governance.frame.exports import CHUNK, Ledger
from governance.sheets.writer import Column, Value
from moral_bank.models import Closing
from moral_bank.rules.models import Deed


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
            "是" if deed.by_quantity else "",
            deed.cap_month,
            deed.cap_quarter,
            deed.cap_year,
            deed.category,
            deed.audience,
            deed.note,
            deed.source,
        ]


DEEDS = Ledger(
    "积分事项表",
    [
        Column("细则版本", 26),
        Column("施行日期", 12),
        Column("五类", 16),
        Column("编号", 10),
        Column("事项", 36),
        Column("计分单位", 10),
        Column("评分", 8),
        Column("评分上限", 10),
        Column("可兑积分", 10),
        Column("核实人", 18),
        Column("一票否决", 10),
        Column("按数量计分", 10),
        Column("每户每月上限", 12),
        Column("每户每季上限", 12),
        Column("每户每年上限", 12),
        Column("原类别", 20),
        Column("适用对象", 14),
        Column("上限或说明", 20),
        Column("出处", 24),
    ],
    _deed_rows,
    ["有评分上限的事项在评分与上限之间评定，可兑积分等于评定的正分。"],
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
