"""The official 考核计分表 of a card; the columns after 考核分 let it be imported again as it was (domain.md §12; mission M39)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from governance.frame.exports import CHUNK, KEY, Ledger, row_key
from governance.sheets.writer import Column, Value
from inspections.indicators.registry import INDICATORS
from inspections.models import Checklist, ChecklistItem
from inspections.scorecards.words import bands_words, rule_text


def _rows(queryset: QuerySet[Checklist]) -> Iterator[Sequence[Value]]:
    items = ChecklistItem.objects.filter(section__checklist__in=queryset.order_by().values("pk"))
    order = ("section__checklist__township__path", "section__checklist", "section__position", "position")
    for item in items.select_related("section__checklist").order_by(*order).iterator(chunk_size=CHUNK):
        section, measured = item.section, INDICATORS.get(item.indicator)
        yield [
            str(section.checklist),
            section.name,
            item.name,
            item.points,
            rule_text(item),
            None,
            None,
            section.points,
            item.get_kind_display(),
            item.per_case or None,
            item.case_unit,
            bands_words(item.bands),
            "是" if item.exclusive else "",
            measured.name if measured else item.indicator,
            section.checklist.get_state_display(),
            row_key(ChecklistItem, item.pk),
        ]


SCORE_SHEET = Ledger(
    "考核计分表",
    [
        Column("检查表", 26),
        Column("考核项目", 14),
        Column("考核内容", 40),
        Column("标准分", 8),
        Column("评分方式", 34),
        Column("自评分", 8),
        Column("考核分", 8),
        Column("项目标准分", 10),
        Column("计分类型", 16),
        Column("每处扣（加）分", 10),
        Column("单位", 6),
        Column("分档", 30),
        Column("与上一条只扣重的", 10),
        Column("实测指标", 18),
        Column("检查表状态", 10),
        KEY,
    ],
    _rows,
    state="检查表状态",
    notes=["标准分空着的，与上一条共用分值；加分内容的标准分是这一条最多加的分。"],
)
