"""The official columns of notices and of objections (plan §三.1 依法公开; domain.md §12)."""

from __future__ import annotations

from django.db.models import Prefetch

from governance.disclosure.models import Objection
from governance.frame.columns import Col
from governance.frame.exports import Ledger
from governance.privacy import mask_phone

NOTICES = Ledger.of(
    "公示台账",
    [
        Col("单位", "unit.name", width=18),
        Col("类别", "get_kind_display", width=14),
        Col("标题", "title", width=40),
        Col("公示开始", "opens_on"),
        Col("公示截止", "closes_on"),
        Col("异议条数", lambda notice: len(notice.objections.all()), width=10),
        Col("发布人", "published_by.name", width=10),
        Col("发布时间", "published_at", width=18),
        Col("撤回时间", "withdrawn_at", width=18),
        Col("撤回原因", "withdrawn_reason", width=24),
        Col("撤回人", "withdrawn_by.name", width=10),
    ],
    related=("unit", "published_by", "withdrawn_by"),
    prefetch=(Prefetch("objections", Objection.objects.only("notice")),),
    defer=("rows",),
    order=("-opens_on", "-pk"),
    state="撤回时间",
    notes=["发布人留空的由系统在结算时发布。"],
)


def _phone(objection: Objection) -> str:
    return mask_phone(objection.phone)


OBJECTIONS = Ledger.of(
    "异议台账",
    [
        Col("单位", "notice.unit.name", width=18),
        Col("公示", "notice.title", width=36),
        Col("受理编号", "number", width=16),
        Col("名单序号", "row_number", width=10),
        Col("提出人", "name", width=10),
        Col("联系电话（脱敏）", _phone, width=16),
        Col("异议内容", "text", width=40),
        Col("提出时间", "received_at", width=18),
        Col("最迟答复", "answer_by"),
        Col("代录人", "received_by.name", width=10),
        Col("状态", "get_state_display"),
        Col("答复", "answer", width=40),
        Col("答复人", "answered_by.name", width=10),
        Col("答复时间", "answered_at", width=18),
    ],
    related=("notice__unit", "received_by", "answered_by"),
    defer=("notice__rows",),
    order=("-pk",),
    state="状态",
)
