"""What a test with committed data leaves behind, taken away quickly."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.db import connection

KEPT = ("django_migrations", "django_content_type", "auth_permission")


def empty_tables() -> None:
    """Delete all rows but Django's own, only where there are any, past triggers and foreign keys.

    Django's flush truncates every table with all its indexes (half a second) and writes the permissions anew. Without the
    right to pass triggers by, as in a database that somebody else runs, it is used all the same.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        if cursor.fetchone() != ("on",):
            call_command("flush", verbosity=0, interactive=False)
            return
        cursor.execute(_filled_tables())
        if tables := [table for (table,) in cursor.fetchall()]:
            deletions = "; ".join(f'DELETE FROM "{table}"' for table in tables)
            cursor.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {deletions}; COMMIT")


def _filled_tables() -> str:
    tables = [table for table in connection.introspection.django_table_names(include_views=False) if table not in KEPT]
    return " UNION ALL ".join(f"""(SELECT '{table}' FROM "{table}" LIMIT 1)""" for table in sorted(tables))


def empty_after_test(self: Any) -> None:
    """Stands for `TransactionTestCase._fixture_teardown`."""
    empty_tables()
