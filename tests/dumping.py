"""What `pg_dump --data-only` writes of the database, read in the test's own transaction."""

from __future__ import annotations

from io import StringIO

from django.contrib.sessions.models import Session
from django.db import connection

SESSIONS = "django_session"


def tables_holding(*words: str) -> set[str]:
    """The tables in which one of `words` stands, also as bytes; sessions are opened, since they hold what they hold compressed."""
    found = {table for table, text in _dumped() if any(word in text or word.encode().hex() in text for word in words)}
    opened = "".join(str(session.get_decoded()) for session in Session.objects.all())
    return found | ({SESSIONS} if any(word in opened for word in words) else set())


def _dumped() -> list[tuple[str, str]]:
    tables = connection.introspection.table_names()
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            text = StringIO()
            cursor.copy_expert(f'COPY "{table}" TO STDOUT', text)
            found.append((table, text.getvalue()))
    return found
