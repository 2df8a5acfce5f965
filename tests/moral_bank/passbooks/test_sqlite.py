"""The same SQL around the code of passbooks, proxies and expiry, against the trial mode's SQLite."""

from __future__ import annotations

from pathlib import Path

from tests.moral_bank.passbooks import test_expiry, test_passbooks
from tests.trial import run_in_trial_mode


def attempts() -> dict[str, bool]:
    """Which statements SQLite refuses, each tried on the same rows; and whether an expiry runs there as it should."""
    house = test_passbooks.used_house()
    found = {name: test_passbooks.refused(statement) for name, statement in test_passbooks.AROUND.items()}
    test_expiry.decided(house)
    found |= {name: test_passbooks.refused(statement) for name, statement in test_expiry.AROUND.items()}
    found["runs"] = test_expiry.runs_as_it_should(house)
    return found


def test_it_refuses_sql_around_the_code_on_sqlite(tmp_path: Path) -> None:
    found = run_in_trial_mode("tests.moral_bank.passbooks.test_sqlite:attempts", tmp_path)
    assert found == dict.fromkeys([*test_passbooks.AROUND, *test_expiry.AROUND, "runs"], True)
