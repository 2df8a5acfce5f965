"""The same SQL around the log, and around the guards, against the trial mode's SQLite."""

from __future__ import annotations

from pathlib import Path

from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from tests.accounts.test_guards import AROUND, make_pair
from tests.accounts.test_log import KEPT, refused
from tests.builders import make_user
from tests.trial import run_in_trial_mode


def attempts() -> dict[str, bool]:
    access_log(AccessLog.Kind.EXPORT, user=make_user("zhangsan"))
    found = {name: refused(statement) for name, statement in KEPT.items()}
    names = make_pair()
    return found | {name: refused(statement.format(**names)) for name, statement in AROUND.items()}


def test_it_refuses_sql_around_the_code_on_sqlite(tmp_path: Path) -> None:
    found = run_in_trial_mode("tests.accounts.test_log_sqlite:attempts", tmp_path)
    assert found == dict.fromkeys([*KEPT, *AROUND], True)
