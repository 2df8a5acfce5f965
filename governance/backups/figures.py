"""What a database holds, in figures that do not depend on where it stands: rows and a checksum of each table."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import connection, transaction

Figures = dict[str, list[int]]  # table → rows, checksum
_OF_A_ROW = "('x' || substr(md5(CAST(kept AS text)), 1, 15))::bit(60)::bigint"
OWN = ("django_migrations", "django_content_type", "auth_permission")  # every new database has rows in them


def figures(tables: list[str] | None = None) -> Figures:
    """Rows and checksum of the tables, all of them by default, whatever the order of rows; in one snapshot of the database."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL timezone TO 'UTC'")
        names = sorted(tables if tables is not None else connection.introspection.table_names(cursor))
        return {name: _of_table(cursor, connection.ops.quote_name(name)) for name in names}


def _of_table(cursor: Any, table: str) -> list[int]:
    if connection.vendor == "postgresql":
        cursor.execute(f"SELECT count(*), coalesce(sum({_OF_A_ROW}), 0) FROM {table} AS kept")
        rows, checksum = cursor.fetchone()
        return [int(rows), int(checksum) % 2**63]
    cursor.execute(f"SELECT * FROM {table}")
    rows = checksum = 0
    for row in cursor.fetchall():
        rows += 1
        checksum += int(hashlib.md5(repr(row).encode(), usedforsecurity=False).hexdigest()[:15], 16)
    return [rows, checksum % 2**63]


def is_empty() -> bool:
    """Whether nobody has written anything yet: no tables, or none with rows but those that come with them."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - set(OWN)
        for table in tables:
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")
            if cursor.fetchone():
                return False
    return True


def differences(wanted: Figures, found: Figures) -> list[str]:
    """In Chinese, table by table; empty where both are the same."""
    return [
        f"{table}：备份 {wanted.get(table, ['没有'])[0]} 行，现在 {found.get(table, ['没有'])[0]} 行"
        + ("，内容不同" if wanted.get(table, [0])[0] == found.get(table, [0])[0] else "")
        for table in sorted(wanted.keys() | found.keys())
        if wanted.get(table) != found.get(table)
    ]
