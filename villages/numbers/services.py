"""Numbers of papers in one series for each unit and prefix: JF2026-00012, ZG2026-00012, 西兴镇2026优0001.

A number is taken inside the transaction that writes its paper, so that a paper that fails leaves no gap.
"""

from __future__ import annotations

from django.db import connection
from django.db.models import F, OrderBy
from django.db.models.functions import Length
from django.db.transaction import TransactionManagementError

from villages.models import Unit

IN_ORDER = (OrderBy(Length("number")), OrderBy(F("number")))  # as text alone, 100000 would stand before 99999

_TAKE = """
INSERT INTO villages_numberseries (unit_id, prefix, last) VALUES (%s, %s, %s)
ON CONFLICT (unit_id, prefix) DO UPDATE SET last = villages_numberseries.last + excluded.last
RETURNING last
"""


def numbers_take(unit: Unit, prefix: str, *, count: int = 1, digits: int = 5) -> list[str]:
    """The next `count` numbers of the series; others who take from it wait until the caller's transaction ends."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("A number is taken inside the transaction that uses it.")
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [unit.pk, prefix, count])
        last: int = cursor.fetchone()[0]
    return [f"{prefix}{number:0{digits}d}" for number in range(last - count + 1, last + 1)]
