"""What a test with committed data leaves behind, taken away quickly."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.db import OperationalError, connection

TRIES = 3
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
            _delete_all(cursor, tables)


def _delete_all(cursor: Any, tables: list[str]) -> None:
    """Once more where a page that was left still has a request at the server, which may hold rows the other way round."""
    deletions = "; ".join(f'DELETE FROM "{table}"' for table in tables)
    for left in reversed(range(TRIES)):
        try:
            cursor.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {deletions}; COMMIT")
        except OperationalError:
            cursor.execute("ROLLBACK")
            if not left:
                raise
        else:
            return


def _filled_tables() -> str:
    tables = [table for table in connection.introspection.django_table_names(include_views=False) if table not in KEPT]
    return " UNION ALL ".join(f"""(SELECT '{table}' FROM "{table}" LIMIT 1)""" for table in sorted(tables))


def empty_after_test(self: Any) -> None:
    """Stands for `TransactionTestCase._fixture_teardown`."""
    empty_tables()
