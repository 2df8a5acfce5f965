"""The same SQL around the code, against the trial mode's SQLite."""

from __future__ import annotations

from pathlib import Path

from tests.moral_bank.passbooks.test_cover import ALLOWED, AROUND, full_house, refused
from tests.trial import run_in_trial_mode


def attempts() -> dict[str, bool]:
    """Which statements SQLite refuses where the cover is used up, each tried on the same ledger."""
    full_house()
    return {name: refused(statement) for name, statement in (AROUND | ALLOWED).items()}


def test_it_refuses_grants_beyond_the_cover_on_sqlite(tmp_path: Path) -> None:
    found = run_in_trial_mode("tests.moral_bank.passbooks.test_cover_sqlite:attempts", tmp_path)
    assert found == dict.fromkeys(AROUND, True) | dict.fromkeys(ALLOWED, False)
