"""Take a guard away for the length of a block, and put it back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# What a race without its guard leaves behind must go before the guard comes back.
EMPTY = (
    "DELETE FROM accounts_usedkey",
    "DELETE FROM moral_bank_move WHERE redemption_id IS NOT NULL",
    "DELETE FROM moral_bank_redemption",
    "DELETE FROM moral_bank_entry",
    "UPDATE moral_bank_account SET balance = 0",
    "UPDATE moral_bank_item SET stock = 0",
    "UPDATE moral_bank_lot SET stock = 0",
)


def unique_of(table: str, column: str) -> str:
    """The name of the unique constraint on one column, which Django makes up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum] "
            "WHERE c.conrelid = %s::regclass AND c.contype = 'u' AND a.attname = %s",
            [table, column],
        )
        return str(cursor.fetchone()[0])


@contextmanager
def without(*constraints: tuple[str, str]) -> Iterator[None]:
    """(table, constraint) pairs dropped; afterwards the ledger is emptied and they stand again."""
    with connection.cursor() as cursor:
        kept = []
        for table, name in constraints:
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s",
                [table, name],
            )
            kept.append((table, name, cursor.fetchone()[0]))
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = replica")
            for statement in EMPTY:
                cursor.execute(statement)
            cursor.execute("SET session_replication_role = origin")
            for table, name, definition in kept:
                cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
