"""Rows into the database in sets, with their first history row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model
from simple_history.utils import bulk_create_with_history

from governance.accounts.models import User
from governance.periods import SHANGHAI

_M = TypeVar("_M", bound=Model)
BATCH = 2000
STARTED = datetime(2025, 12, 20, 2, tzinfo=UTC)


def create(rows: Iterable[_M], by: User | None = None) -> list[_M]:
    """Insert `rows` of one model, which keeps history, in their order; their keys are set. History begins before the year,
    or where a row has a `_history_date`."""
    found = list(rows)
    if found:
        bulk_create_with_history(found, type(found[0]), batch_size=BATCH, default_user=by, default_date=STARTED)
    return found


def analyze(*models: type[Model]) -> None:
    """Tell the planner how many rows there are now: one big transaction leaves the database's own round no chance."""
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def instant(at: datetime) -> Any:
    """`at` as `insert` takes it."""
    return connection.ops.adapt_datetimefield_value(at)


def morning(day: date) -> datetime:
    """Ten o'clock in Shanghai."""
    return datetime.combine(day, time(10), SHANGHAI)
