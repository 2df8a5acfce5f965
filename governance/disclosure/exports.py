"""The official columns of notices and of objections (plan §三.1 依法公开; domain.md §12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from governance.disclosure.models import Notice, Objection
from governance.frame.admin_lists import count_of
from governance.frame.exports import CHUNK, Ledger
from governance.privacy import mask_phone
from governance.sheets.writer import Column, Value


def _notice_rows(queryset: QuerySet[Notice]) -> Iterator[Sequence[Value]]:
    said = count_of(Objection.objects.all(), "notice")
    notices = queryset.select_related("unit", "published_by").annotate(said=said).defer("rows")
    for notice in notices.order_by("-opens_on", "-pk").iterator(chunk_size=CHUNK):
        yield [
            notice.unit.name,
            notice.get_kind_display(),
            notice.title,
            notice.opens_on,
            notice.closes_on,
            notice.said,
            notice.published_by.name if notice.published_by else "",
            notice.published_at,
            notice.withdrawn_at,
            notice.withdrawn_reason,
        ]


NOTICES = Ledger(
    "公示台账",
    [
        Column("单位", 18),
        Column("类别", 14),
        Column("标题", 40),
        Column("公示开始", 12),
        Column("公示截止", 12),
        Column("异议条数", 10),
        Column("发布人", 10),
        Column("发布时间", 18),
        Column("撤回时间", 18),
        Column("撤回原因", 24),
    ],
    _notice_rows,
    ["发布人留空的由系统在结算时发布。"],
)


def _objection_rows(queryset: QuerySet[Objection]) -> Iterator[Sequence[Value]]:
    objections = queryset.select_related("notice__unit", "received_by", "answered_by").defer("notice__rows")
    for objection in objections.order_by("-pk").iterator(chunk_size=CHUNK):
        yield [
            objection.notice.unit.name,
            objection.notice.title,
            objection.row_number,
            objection.name,
            mask_phone(objection.phone),
            objection.text,
            objection.received_at,
            objection.received_by.name if objection.received_by else "",
            objection.get_state_display(),
            objection.answer,
            objection.answered_by.name if objection.answered_by else "",
            objection.answered_at,
        ]


OBJECTIONS = Ledger(
    "异议台账",
    [
        Column("单位", 18),
        Column("公示", 36),
        Column("名单序号", 10),
        Column("提出人", 10),
        Column("联系电话（脱敏）", 16),
        Column("异议内容", 40),
        Column("提出时间", 18),
        Column("代录人", 10),
        Column("状态", 12),
        Column("答复", 40),
        Column("答复人", 10),
        Column("答复时间", 18),
    ],
    _objection_rows,
)
