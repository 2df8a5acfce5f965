"""The same SQL around the code, against the trial mode's SQLite."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from moral_bank.models import Entry
from tests.moral_bank.ledger.test_ledger import AROUND, LOCKED_AROUND, POST_ANEW, House, refused
from tests.trial import run_in_trial_mode


def attempts() -> dict[str, bool]:
    """Which statements SQLite refuses, each tried on the same one-entry ledger."""
    house = House()
    house.post()
    found = {name: refused(statement) for name, statement in AROUND.items()}
    with transaction.atomic():
        found["allowed"] = refused(POST_ANEW)
        transaction.set_rollback(True)
    house.lock_march()
    found |= {name: refused(statement) for name, statement in LOCKED_AROUND.items()}
    found["kept"] = Entry.objects.count() == 1 and house.balance() == 5
    return found


def test_it_refuses_sql_around_the_code_on_sqlite(tmp_path: Path) -> None:
    found = run_in_trial_mode("tests.moral_bank.ledger.test_sqlite:attempts", tmp_path)
    assert found.pop("kept") is True
    assert found.pop("allowed") is False
    assert found == dict.fromkeys([*AROUND, *LOCKED_AROUND], True)
