"""What a beat does to rows that are due: each once, whoever else comes late, twice or beside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet

_M = TypeVar("_M", bound=Model)
BATCH = 200


def each_due(due: QuerySet[_M], related: Sequence[str], take: Callable[[_M, datetime], object], now: datetime) -> int:
    """`take` for every due row in the queryset's order, each in a transaction of its own and under its lock, with `related` read; rows
    that others hold are theirs. Returns how many were taken."""
    skips = connection.features.has_select_for_update_skip_locked
    taken, seen = 0, set[int]()
    while ids := list(due.exclude(pk__in=seen).values_list("pk", flat=True)[:BATCH]):
        seen |= set(ids)
        for pk in ids:
            with transaction.atomic():
                rows = due.order_by().select_for_update(of=("self",), skip_locked=skips).filter(pk=pk)
                row = rows.select_related(*related).first()
                if row is not None:
                    take(row, now)
                    taken += 1
    return taken
