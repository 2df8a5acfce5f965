"""The rules of orders and of 问责 on SQLite, the trial mode, by going around the code."""

from __future__ import annotations

from pathlib import Path

from inspections.models import Blame
from tests.inspections.orders.test_blames import BLAME_GUARDED, make_blame
from tests.inspections.orders.test_orders import ALLOWED, GUARDED, names_for_guards, passes
from tests.trial import run_in_trial_mode


def passed_by() -> dict[str, list[str]]:
    """The statements that the database let pass though it must not, and those that it refused though it may."""
    names = names_for_guards()
    make_blame()
    assert Blame.objects.exists()
    guarded = GUARDED | BLAME_GUARDED
    return {
        "passed": [name for name, statement in guarded.items() if passes(statement.format(**names))],
        "refused": [name for name, statement in ALLOWED.items() if not passes(statement.format(**names))],
    }


def test_it_is_kept_in_trial_mode_too(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.inspections.orders.test_rules_sqlite:passed_by", tmp_path) == {"passed": [], "refused": []}
