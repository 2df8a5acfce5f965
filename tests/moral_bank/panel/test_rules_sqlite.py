"""The same SQL around the panel, against the trial mode's SQLite, with and without each guard."""

from __future__ import annotations

from pathlib import Path

from django.db import connection, transaction

from tests.moral_bank.panel.test_rules import ALLOWED, AROUND, Around, attempt
from tests.trial import run_in_trial_mode


def attempts() -> dict[str, object]:
    """Which statements SQLite refuses, which it lets pass, and which guards were needed."""
    house = Around()
    house.publish("2026-01")
    needed = set()
    for guard, statements in AROUND.values():
        with transaction.atomic():
            drop(guard)
            if not attempt(house, statements):
                needed.add(guard)
            transaction.set_rollback(True)
    return {
        "refused": {name: attempt(house, statements) for name, (_, statements) in AROUND.items()},
        "allowed": {name: attempt(house, statements) for name, statements in ALLOWED.items()},
        "idle": sorted({guard for guard, _ in AROUND.values()} - needed),
    }


def drop(guard: str) -> None:
    """The guard's trigger, or both of an insert-only table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            if name in (guard, f"{guard}_update", f"{guard}_delete"):
                cursor.execute(f"DROP TRIGGER {name}")


def test_it_refuses_sql_around_the_code_on_sqlite(tmp_path: Path) -> None:
    found = run_in_trial_mode("tests.moral_bank.panel.test_rules_sqlite:attempts", tmp_path)
    assert found["refused"] == dict.fromkeys(AROUND, True)
    assert found["allowed"] == dict.fromkeys(ALLOWED, False)
    assert found["idle"] == []
