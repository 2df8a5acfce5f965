"""户月评台账: a household's month in one line (plan §三.4 一月一评; domain.md §8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from django.db.models import QuerySet

from governance.frame.exports import CHUNK, KEY, Ledger, row_key
from governance.sheets.writer import Column, Value
from inspections.checks.walk import check_words
from inspections.models import HouseholdCheck


def _check_rows(queryset: QuerySet[HouseholdCheck]) -> Iterator[Sequence[Value]]:
    rows = queryset.select_related("household__village", "household__unit", "by")
    order = ("household__village__path", "household__unit__path", "household__number_key", "-month", "pk")
    ordered = rows.order_by(*order).iterator(chunk_size=CHUNK)
    number = 0
    while checks := list(islice(ordered, CHUNK)):
        words = check_words(checks)
        for check in checks:
            number += 1
            yield [str(number), *_cells(check, words[check.pk])]


def _cells(check: HouseholdCheck, words: list[str]) -> list[Value]:
    home = check.household
    return [
        home.head_name,
        f"{check.month:%Y-%m}",
        "" if check.score is None else check.score_words,
        check.get_plate_display(),
        "；".join(words),
        check.by.name,
        home.village.name,
        "" if home.unit_id == home.village_id else home.unit.name,
        home.number,
        check.note,
        row_key(HouseholdCheck, check.pk),
    ]


CHECKS = Ledger(
    "户月评台账",
    [
        Column("序号", 6),
        Column("户主", 10),
        Column("月份", 10),
        Column("得分", 8),
        Column("清洁牌", 10),
        Column("扣分", 36),
        Column("评分人", 10),
        Column("村（社区）", 18),
        Column("聚居点（组）", 16),
        Column("户号", 10),
        Column("说明", 20),
        KEY,
    ],
    _check_rows,
)
