"""Guards stand: `migrate` puts up the triggers of all rooms and the constraints of all models, and fails where one is missing
still; `check --database default` names what is missing (docs/decisions/0017-guards.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Tags, Warning, register
from django.core.management import CommandError
from django.db import IntegrityError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.models import BaseConstraint, Model
from django.db.models.signals import post_migrate, pre_migrate

from governance.guards import Guard, constraints
from governance.rooms import named

_TRIGGERS = {
    "postgresql": """
        SELECT t.tgname, pg_get_triggerdef(t.oid, true), p.prosrc, 'postgresql'
          FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
         WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND pg_table_is_visible(t.tgrelid)""",
    "sqlite": "SELECT name, sql, '', 'sqlite' FROM sqlite_master WHERE type = 'trigger'",
}
# SQLite says a table's constraints in the text of the table only.
_CONSTRAINTS = {
    "postgresql": """
        SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE conrelid <> 0 AND pg_table_is_visible(conrelid)
        UNION ALL
        SELECT x.indrelid::regclass::text, c.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
         WHERE x.indisunique AND x.indisvalid AND pg_table_is_visible(x.indrelid)""",
    "sqlite": "SELECT tbl_name, CASE type WHEN 'index' THEN name ELSE sql END FROM sqlite_master WHERE type IN ('table', 'index')",
}


def declared(vendor: str) -> list[Guard]:
    """The triggers that an engine should have."""
    return [guard for guards in named("guards") for guard in guards if guard.definition(vendor)]


def triggers_missing(connection: BaseDatabaseWrapper) -> list[Guard]:
    """Those that do not stand, are off, or stand otherwise than declared."""
    standing = {name: _compared(*texts) for name, *texts in _rows(connection, _TRIGGERS[connection.vendor])}
    return [
        guard
        for guard in declared(connection.vendor)
        if standing.get(guard.name) != _compared(guard.definition(connection.vendor), guard.body, connection.vendor)
    ]


def constraints_missing(connection: BaseDatabaseWrapper) -> list[tuple[type[Model], BaseConstraint]]:
    """Those of models that do not stand in their table."""
    standing: set[tuple[str, str]] = set()
    for table, text in _rows(connection, _CONSTRAINTS[connection.vendor]):
        names = re.findall(r'CONSTRAINT "(\w+)"', text or "") if connection.vendor == "sqlite" else []
        standing |= {(table, name) for name in (text, *names)}
    return [
        (model, constraint) for model, constraint in constraints() if (model._meta.db_table, constraint.name) not in standing
    ]


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """In words, each with its name."""
    return [f"约束 {constraint.name}（{model._meta.db_table}）" for model, constraint in constraints_missing(connection)] + [
        f"触发器 {guard.name}" for guard in triggers_missing(connection)
    ]


def restore(connection: BaseDatabaseWrapper) -> None:
    """Constraints first: for one, SQLite makes its table anew, with all of them. What rows forbid stays missing."""
    tried: set[str] = set()
    while lost := [pair for pair in constraints_missing(connection) if pair[1].name not in tried]:
        if not tried:
            take_down(connection)
        tried.add(lost[0][1].name)
        with suppress(IntegrityError), connection.schema_editor() as editor:
            editor.add_constraint(*lost[0])
    with connection.schema_editor() as editor:
        for guard in triggers_missing(connection):
            for statement in guard.statements(connection.vendor):
                editor.execute(statement, params=None)


def take_down(connection: BaseDatabaseWrapper) -> None:
    """All triggers of SQLite, which cannot change a table of which another table's trigger speaks."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name, *_ in _rows(connection, _TRIGGERS["sqlite"]):
                cursor.execute(f'DROP TRIGGER "{name}"')


def _rows(connection: BaseDatabaseWrapper, statement: str) -> list[Sequence[str]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _compared(definition: str, body: str, vendor: str) -> tuple[str, str]:
    """A trigger without spaces and without what PostgreSQL, which keeps no text of it, adds or takes away: casts, brackets,
    quotes, capitals. SQLite keeps the text and has no function."""
    if vendor == "sqlite":
        return "".join(definition.split()), ""
    return re.sub(r'::(character varying|\w+)|[()"\s]', "", definition).lower(), "".join(body.split())


def _unapplied(connection: BaseDatabaseWrapper) -> bool:
    """Whether the tables are older than the models."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _before(sender: AppConfig, using: str, plan: Sequence[Any] = (), **_: Any) -> None:
    if plan and sender == _tellers()[0]:
        take_down(connections[using])


def _after(
    sender: AppConfig, using: str, verbosity: int, plan: Sequence[Any] | None = None, stdout: IO[str] | None = None, **_: Any
) -> None:
    """Once, when `migrate` tells the last app that it is done; `flush` tells too, without a plan, and changes no table."""
    connection = connections[using]
    if plan is None or sender != _tellers()[-1] or _unapplied(connection):
        return
    if found := missing(connection):
        restore(connection)
        if stdout and verbosity:
            stdout.writelines(f"  补上{name}\n" for name in found)
    if lost := missing(connection):
        raise CommandError(f"数据库缺少：{'，'.join(lost)}。现有数据可能与之不符，请改正后再执行 migrate。")


def _tellers() -> list[AppConfig]:
    """The apps that `migrate` tells of, in its order."""
    return [app for app in apps.get_app_configs() if app.models_module is not None]


def report(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Only a warning: `migrate` checks before it puts up what is missing."""
    found: list[CheckMessage] = []
    for connection in (connections[alias] for alias in databases or ()):
        if not _unapplied(connection):
            found += [Warning(f"数据库缺少{name}。", "请执行 migrate。", id="guards.W001") for name in missing(connection)]
    return found


def connect() -> None:
    """For the ground's first app to call when all apps are ready."""
    pre_migrate.connect(_before)
    post_migrate.connect(_after)
    register(report, Tags.database)
