"""The rules of cards in force on SQLite, the trial mode, by going around the code."""

from __future__ import annotations

from pathlib import Path

from tests.inspections.cards.test_cards import ALLOWED, GUARDED, passes, two_cards
from tests.trial import run_in_trial_mode


def passed_by() -> dict[str, list[str]]:
    """The statements on a card in force that the database let pass, and those on a draft that it refused."""
    two_cards()
    drafted = [name for name, statement in ALLOWED.items() if name not in ("deleted", "section deleted")]
    return {
        "passed": [name for name, statement in GUARDED.items() if passes(statement)],
        "refused": [name for name in drafted if not passes(ALLOWED[name])],
    }


def test_it_is_kept_in_trial_mode_too(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.inspections.scorecards.test_rules_sqlite:passed_by", tmp_path) == {"passed": [], "refused": []}
