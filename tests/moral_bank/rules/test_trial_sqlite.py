"""Trial runs in trial mode: SQLite gives the same ratings and refuses writes as well."""

from __future__ import annotations

from pathlib import Path

from django.db import Error

from moral_bank.models import Account
from moral_bank.rules import trial
from moral_bank.rules.services import deed_save
from tests.builders import make_account, make_household
from tests.moral_bank.rules.test_trial import MONTHS, TrialHouse, locked, oracle
from tests.trial import run_in_trial_mode


def attempts() -> dict[str, bool]:
    """What holds on a house of two villages whose half-year is locked."""
    house = TrialHouse(households=4, entries=60)
    house.lock_all()
    found = {"an unchanged copy gives the locked ratings": house.rows(house.copy()) == locked()}
    capped = house.copy(cap_month=9, cap_year=20)
    deed_save(rule_set=capped, deed=capped.deeds.get(code="S1"), values={"cap_quarter": 6}, by=house.staff)
    rows = house.rows(capped)
    found["caps count"] = rows == oracle(capped, house.accounts) and rows != locked()
    found["writes are refused"] = _write_is_refused(house)
    make_account(make_household(house.village, "李四"))  # and work goes on afterwards
    return found


def _write_is_refused(house: TrialHouse) -> bool:
    run = trial._run

    def write(*_: object) -> None:
        Account.objects.update(opened_on="2020-01-01")

    trial._run = write  # type: ignore[assignment]
    try:
        trial.trial_run(draft=house.copy(), months=MONTHS, by=house.staff)
    except Error as error:
        return "readonly" in str(error)
    finally:
        trial._run = run
    return False


def test_it_tries_the_same_on_sqlite(tmp_path: Path) -> None:
    found = run_in_trial_mode("tests.moral_bank.rules.test_trial_sqlite:attempts", tmp_path)
    assert found == dict.fromkeys(found, True) and len(found) == 3
