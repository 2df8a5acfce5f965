"""Nightly reconciliations as a list, and each of their differences (mission M23)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.utils.timezone import localtime

from governance.frame.exports import CHUNK, KEY, Ledger, row_key
from governance.sheets.writer import Column, Value
from moral_bank.models import Reconciliation


def _rows(queryset: QuerySet[Reconciliation]) -> Iterator[Sequence[Value]]:
    """One row for each difference, one for a clean night."""
    number = 0
    reports = queryset.select_related("township").order_by("-day", "township__path", "-made_at", "pk")
    for report in reports.iterator(chunk_size=CHUNK):
        figures = report.figures
        counted = [figures.get(name, 0) for name in ("accounts", "entries", "points", "redemptions")]
        for place, found in enumerate(report.findings or [{"kind": "", "words": "相符"}], start=1):
            number += 1
            made = f"{localtime(report.made_at):%Y-%m-%d %H:%M}"
            key = f"{row_key(Reconciliation, report.pk)}-{place}"
            yield [number, report.day, report.township.name, *counted, found["kind"], found["words"], made, key]


PROOFS = Ledger(
    "台账核对记录",
    [
        Column("序号", 6),
        Column("日期", 12),
        Column("乡镇", 14),
        Column("账户", 8),
        Column("记录", 10),
        Column("积分余额合计", 14),
        Column("兑换", 8),
        Column("不符类别", 12),
        Column("不符之处", 60),
        Column("核对时间", 18),
        KEY,
    ],
    _rows,
)
