"""The rules of 户月评 on SQLite, the trial mode, by going around the code."""

from __future__ import annotations

from pathlib import Path

from tests.inspections.checks.test_checks import guarded, passes
from tests.trial import run_in_trial_mode


def passed_by() -> list[str]:
    """The statements that the database let pass; none of them should."""
    return [name for name, statement in guarded().items() if passes(statement)]


def test_it_is_kept_in_trial_mode_too(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.inspections.checks.test_rules_sqlite:passed_by", tmp_path) == []
