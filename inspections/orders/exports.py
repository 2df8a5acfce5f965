"""The ledgers of 整改通知书, 督办单 (headings of domain.md §12) and, for leaders, of 约谈与问责."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from governance.cases.engine.exports import moment_text
from governance.frame.exports import CHUNK, Ledger
from governance.periods import today
from governance.sheets.writer import Column, Value
from inspections.models import Blame, Order

RELATED = ("village", "signed_by", "reported_by")


def _rows(cells: Callable[[Any], list[Value]], *related: str) -> Callable[[QuerySet[Any]], Iterator[Sequence[Value]]]:
    """Each row of a queryset, oldest first, as `cells`; findings are read chunk by chunk."""

    def rows(queryset: QuerySet[Any]) -> Iterator[Sequence[Value]]:
        found = queryset.select_related(*related).order_by("pk")
        if queryset.model is Order:
            found = found.prefetch_related("findings")
        for row in found.iterator(chunk_size=CHUNK):
            yield cells(row)

    return rows


def _notice_cells(order: Order) -> list[Value]:
    return [
        order.number,
        str(order.village),
        order.found_on,
        _problems(order),
        order.requirement,
        order.fix_due_on,
        order.signed_by.name if order.signed_by else "",
        moment_text(order.signed_at),
    ]


def _oversight_cells(order: Order) -> list[Value]:
    return [
        order.number,
        today(order.issued_at),
        str(order.village),
        _problems(order),
        order.requirement,
        order.fix_due_on,
        order.report,
        order.reported_by.name if order.reported_by else "",
        order.opinion,
        order.closed_on,
    ]


def _blame_cells(blame: Blame) -> list[Value]:
    number = blame.order.number if blame.order else ""
    return [
        blame.on, str(blame.village), blame.get_kind_display(), blame.person, blame.facts, blame.outcome, number, blame.by.name,
    ]  # fmt: skip


def _problems(order: Order) -> str:
    texts = [finding.text for finding in sorted(order.findings.all(), key=lambda finding: finding.pk)]
    return texts[0] if len(texts) == 1 else "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))


NOTICES = Ledger(
    "整改通知书台账",
    [
        Column("编号", 16),
        Column("被通知单位", 18),
        Column("检查时间", 12),
        Column("存在问题", 36),
        Column("整改要求", 36),
        Column("整改期限", 12),
        Column("签收人", 10),
        Column("签收时间", 18),
    ],
    _rows(_notice_cells, *RELATED),
)
OVERSIGHTS = Ledger(
    "督办单台账",
    [
        Column("编号", 16),
        Column("签发日期", 12),
        Column("承办单位", 18),
        Column("督办事项", 36),
        Column("整改要求", 36),
        Column("完成时限", 12),
        Column("办理情况", 36),
        Column("承办人", 10),
        Column("复核意见", 24),
        Column("销号日期", 12),
    ],
    _rows(_oversight_cells, *RELATED),
)
BLAMES = Ledger(
    "约谈与问责台账",
    [
        Column("日期", 12),
        Column("村（社区）", 18),
        Column("方式", 16),
        Column("对象", 16),
        Column("事由", 40),
        Column("结果", 30),
        Column("起因（编号）", 16),
        Column("登记人", 10),
    ],
    _rows(_blame_cells, "village", "order", "by"),
)
LEDGERS = {Order.Kind.NOTICE.value: NOTICES, Order.Kind.OVERSIGHT.value: OVERSIGHTS}
