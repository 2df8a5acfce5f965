"""The month's advisory lock (docs/decisions/0002-ledger.md): who posts into a month or approves a claim for it holds it shared,
who locks the month holds it alone. The posting triggers take the same lock; SQLite has one writer anyway."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import connection

MONTH_LOCK = 7201


def months_share(days: Iterable[date]) -> None:
    """Hold the months of `days` open until the transaction ends, in order."""
    _hold("pg_advisory_xact_lock_shared", days)


def month_seize(day: date) -> None:
    """Hold the month of `day` alone until the transaction ends."""
    _hold("pg_advisory_xact_lock", [day])


def _hold(lock: str, days: Iterable[date]) -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for key in sorted({day.year * 12 + day.month for day in days}):
            cursor.execute(f"SELECT {lock}(%s, %s)", [MONTH_LOCK, key])
