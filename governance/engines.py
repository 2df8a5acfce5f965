"""What speaks to the databases past the ORM: PostgreSQL is the database of record, SQLite the trial mode."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

LINES = 1000


def rows_insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, key: str = "") -> list[int]:
    """Insert `rows`, whose cells are in the order of `columns`, three times as fast as the ORM does; for plain rows by the ten
    thousand. Days and instants come as `connection.ops.adapt_…` gives them. Returns what `key`, a column, got in each row."""
    made: list[int] = []
    line = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        for start in range(0, len(rows), LINES):
            part = rows[start : start + LINES]
            statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([line] * len(part))}"
            cursor.execute(statement + (f" RETURNING {key}" if key else ""), [cell for row in part for cell in row])
            made += [pk for (pk,) in cursor.fetchall()] if key else []
    return made
