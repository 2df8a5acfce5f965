"""The same SQL beyond a cap, against the trial mode's SQLite."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.db import transaction

from tests.moral_bank.claims.test_caps import BEYOND, WITHIN, House, copy, start
from tests.moral_bank.ledger.test_ledger import refused
from tests.trial import run_in_trial_mode

FEBRUARY = date(2026, 2, 1)


def attempts() -> dict[str, bool]:
    """Which statements SQLite refuses, each tried on the same two entries; "allowed …" must pass."""
    house = House(quarter=18, year=24)
    start(house)
    found = {name: refused(statement) for name, statement in BEYOND.items()}
    found["household by quarter"] = refused(copy("r", 6, FEBRUARY))
    found["household by year"] = refused(copy("r", 12, FEBRUARY.replace(month=12)))
    for name, statement in WITHIN.items():
        if name not in ("household by month", "household in another month"):
            with transaction.atomic():
                found[f"allowed {name}"] = refused(statement)
                transaction.set_rollback(True)
    return found


def test_it_refuses_sql_beyond_a_cap_on_sqlite(tmp_path: Path) -> None:
    found = run_in_trial_mode("tests.moral_bank.claims.test_cap_rules_sqlite:attempts", tmp_path)
    assert {name for name, is_refused in found.items() if not is_refused} == {name for name in found if name.startswith("allowed")}
    assert len(found) == 10
