"""Guards of all rooms, on both engines: each is dropped by hand, reported by name and put back by `migrate`."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.migrations import Migration
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.cases.models import Office
from governance.guarding import declared, missing, report
from governance.guards import Guard, constraints, refused_by
from moral_bank.models import Closing
from tests.accounts.test_guards import AROUND, make_pair
from tests.accounts.test_log import KEPT, refused
from tests.builders import make_user
from tests.trial import run_in_trial_mode
from villages.models import Unit

HERE = "tests.governance.test_guards"


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def drop(guard: Guard) -> None:
    if connection.vendor == "sqlite":
        return execute(f"DROP TRIGGER {guard.name}")
    table = guard.postgresql.partition(" ON ")[2].split()[0]
    execute(f"DROP TRIGGER {guard.name} ON {table}")


def drop_all(*models: type[Model]) -> None:
    """All triggers, and the constraints of all models or of `models`; triggers first, as SQLite wants it."""
    pairs = [pair for pair in constraints() if not models or pair[0] in models]
    with connection.schema_editor() as editor:
        for guard in declared(connection.vendor):
            drop(guard)
        if connection.vendor == "sqlite":
            for table in {model._meta.db_table for model, _ in pairs}:
                make_anew_without_constraints(table)
        else:
            for model, constraint in pairs:
                editor.remove_constraint(model, constraint)


def make_anew_without_constraints(table: str) -> None:
    """SQLite drops none: as the table's text, each `, CONSTRAINT "name" …(…)` cut out of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [table])
        (text,) = cursor.fetchone()
        while found := re.search(r', CONSTRAINT "\w+" (CHECK|UNIQUE) \(', text):
            end, depth = found.end(), 1
            while depth:
                depth += {"(": 1, ")": -1}.get(text[end], 0)
                end += 1
            text = text[: found.start()] + text[end:]
        cursor.execute(text.replace(f'"{table}"', '"bare"', 1))
        cursor.execute(f"INSERT INTO bare SELECT * FROM {table}")
        cursor.execute(f"DROP TABLE {table}")
        cursor.execute(f"ALTER TABLE bare RENAME TO {table}")


def migrate(*target: str) -> list[str]:
    """What `migrate` said that it put up."""
    out = StringIO()
    call_command("migrate", *target, stdout=out)
    return sorted(line.strip() for line in out.getvalue().splitlines() if line.startswith("  补上"))


def dropped_and_put_back() -> dict[str, object]:
    """What is not as it should be before and after all triggers and constraints are dropped."""
    access_log(AccessLog.Kind.EXPORT, user=make_user("zhangsan"))
    names = make_pair()
    around = [statement for name, statement in AROUND.items() if name != "two guards at once"]  # too long for the column
    forbidden = [*KEPT.values(), *(statement.format(**names) for statement in around)]
    everything = [f"约束 {constraint.name}（{model._meta.db_table}）" for model, constraint in constraints()]
    everything += [f"触发器 {guard.name}" for guard in declared(connection.vendor)]
    assert len(everything) > 400
    found: dict[str, object] = {
        "missing at first": missing(connection),
        "passes at first": [statement for statement in forbidden if not refused(statement)],
    }
    drop_all()
    reported = {message.msg for message in report(["default"])}
    return found | {
        "not reported": sorted({f"数据库缺少{name}。" for name in everything} ^ reported),
        "refused without guards": [statement for statement in forbidden if refused(statement)],
        "not told": sorted({f"补上{name}" for name in everything} ^ set(migrate())),
        "missing at last": missing(connection),
        "passes at last": [statement for statement in forbidden if not refused(statement)],
        "done again": migrate(),
    }


def rows_in_the_way() -> dict[str, object]:
    """A constraint that rows forbid fails `migrate`, which puts up all else; once the rows fit it is put up."""
    make_user("zhangsan")
    drop_all(User)
    User.objects.update(guard="root")
    refusal = ""
    try:
        migrate()
    except CommandError as error:
        refusal = str(error)
    left = missing(connection)
    User.objects.update(guard="")
    return {"named": "user_guard_known" in refusal, "left": left, "then": migrate(), "at last": missing(connection)}


def back_and_forth() -> dict[str, object]:
    """With migrations unapplied nothing is put up and nothing reported; after the last one everything stands."""
    drop(declared(connection.vendor)[0])
    back = migrate("inspections", "0002")
    reported, left = report(["default"]), missing(connection)
    migrate()
    return {"back": back, "reported": reported, "left": bool(left), "at last": missing(connection)}


def made_anew() -> dict[str, object]:
    """A table of which other tables' triggers speak, as a migration changes it on SQLite: with triggers, then after `pre_migrate`."""
    refusal = ""
    try:
        make_anew(Closing)
    except OperationalError as error:
        refusal = str(error)
    emit_pre_migrate_signal(verbosity=0, interactive=False, db="default", plan=[(Migration("0099_more", "moral_bank"), False)])
    make_anew(Closing)
    return {"refused": "error in trigger" in refusal, "put up": len(migrate()) > 200, "at last": missing(connection)}


def make_anew(model: type[Model]) -> None:
    with connection.schema_editor() as editor:
        editor._remake_table(model)  # type: ignore[attr-defined]


def undeclared() -> list[str]:
    """Triggers that stand and are nobody's."""
    catalogue = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    }
    with connection.cursor() as cursor:
        cursor.execute(catalogue[connection.vendor])
        return sorted({name for (name,) in cursor.fetchall()} - {guard.name for guard in declared(connection.vendor)})


def refusals() -> dict[str, str]:
    """How `refused_by` names a trigger, a check, a unique constraint, a unique column and a foreign key."""
    names = make_pair()
    office = {"township": Unit.objects.get(level=Unit.Level.TOWNSHIP), "code": "a", "name": "一"}
    Office.objects.create(**office)
    tries: dict[str, Callable[[], object]] = {
        "trigger": lambda: execute(AROUND["a guard takes a post"].format(**names)),
        "check": lambda: execute(AROUND["an unknown guard"].format(**names)),
        "unique constraint": lambda: Office.objects.create(**office),
        "unique column": lambda: make_user("shuji"),
    }
    found = {}
    for name, attempt in tries.items():
        try:
            with transaction.atomic():
                attempt()
        except IntegrityError as error:
            found[name] = refused_by(error)
    return found


NAMED = {
    "trigger": "三员不得兼任业务职务",
    "check": "user_guard_known",
    "unique constraint": "office_code_once",
    "unique column": "accounts_user.username",
}
ALL_WELL: dict[str, list[str]] = dict.fromkeys(
    ["missing at first", "passes at first", "not reported", "refused without guards", "not told",
     "missing at last", "passes at last", "done again"], []
)  # fmt: skip
PUT_UP_LATER = {
    "named": True,
    "left": ["约束 user_guard_known（accounts_user）"],
    "then": ["补上约束 user_guard_known（accounts_user）"],
    "at last": [],
}
APPLIED_AGAIN = {"back": [], "reported": [], "left": True, "at last": []}
on_both = pytest.mark.parametrize(
    ("function", "expected"),
    [
        (dropped_and_put_back, ALL_WELL),
        (rows_in_the_way, PUT_UP_LATER),
        (back_and_forth, APPLIED_AGAIN),
        (undeclared, []),
        (refusals, NAMED),
    ],
)


@on_both
def test_it_stands_on_postgresql(transactional_db: None, function: Callable[[], Any], expected: object) -> None:
    assert function() == expected


@on_both
def test_it_stands_in_trial_mode(tmp_path: Path, function: Callable[[], Any], expected: object) -> None:
    assert run_in_trial_mode(f"{HERE}:{function.__name__}", tmp_path) == expected


def test_it_lets_migrations_change_tables_in_trial_mode(tmp_path: Path) -> None:
    assert run_in_trial_mode(f"{HERE}:made_anew", tmp_path) == {"refused": True, "put up": True, "at last": []}


def test_it_puts_back_what_was_altered_or_switched_off(transactional_db: None) -> None:
    execute("ALTER TABLE moral_bank_move DISABLE TRIGGER moral_bank_move_stock")
    execute(
        "CREATE OR REPLACE FUNCTION claim_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$;"
        "CREATE OR REPLACE TRIGGER vote_in_time BEFORE UPDATE ON moral_bank_vote FOR EACH ROW EXECUTE FUNCTION vote_in_time()"
    )
    altered = ["触发器 claim_kept", "触发器 moral_bank_move_stock", "触发器 vote_in_time"]
    assert sorted(missing(connection)) == altered
    assert migrate() == [f"补上{name}" for name in altered]
    assert missing(connection) == []


def test_it_costs_flush_nothing(db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    assert not [query for query in queries if "pg_trigger" in query["sql"] or "django_migrations" in query["sql"]]
