"""The nightly reconciliations (mission M23)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from governance.accounts.duties import Action
from governance.frame.columns import Col, Tag
from governance.frame.filters import PageFilter, PartFilter
from governance.frame.lists import Listing, To
from moral_bank.models import Reconciliation


class ProofFilter(PageFilter):
    state = PartFilter(
        "结果",
        {
            "": ("全部", lambda rows: rows),
            "wrong": ("有不符", lambda rows: rows.exclude(findings=[])),
            "clean": ("相符", lambda rows: rows.filter(findings=[])),
        },
    )


def result_tag(report: Reconciliation) -> Tag:
    return Tag(f"{len(report.findings)} 处不符", "late") if report.findings else Tag("相符", "good")


def _figure(name: str) -> Callable[[Any], Any]:
    return lambda report: report.figures.get(name)


PROOFS = Listing(
    "台账核对",
    [
        Col("日期", "day", sort="day", whole=True),
        Col("乡镇", "township"),
        Col("结果", tags=lambda report: [result_tag(report)]),
        Col("账户", _figure("accounts"), num=True),
        Col("记录", _figure("entries"), num=True),
        Col("兑换", _figure("redemptions"), num=True),
        Col("核对时间", "made_at", sort="made_at"),
    ],
    ProofFilter,
    order=("-day", "township__path", "-made_at"),
    href="moral_bank:proof-detail",
    unit="次",
    hint="每天夜里核对一次：账户余额和各笔记录、库存和出入库、兑换和支取、申报和入账，再沿校验链查台账有没有被改动；也可以随时再核对，每次的结果都留着。有不符的，会发消息给镇工作人员。",
    exports=(To("导出", "moral_bank:proof-export", needs=(Action.EXPORT,)),),
    empty="还没有核对过。",
    steps=(To("点上面的“核对一次”，马上就有结果。", ""),),
    none_found="没有符合的核对记录。",
)
