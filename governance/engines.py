"""What speaks to the databases past the ORM: PostgreSQL is the database of record, SQLite the trial mode."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from governance import guards
from governance.guards import Guard
from governance.guards import changed as changed  # migrations take it from here

LINES = 500


def rows_insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert `rows`, whose cells are in the order of `columns`, three times as fast as the ORM does; for plain rows by the
    ten thousand. Instants come as `connection.ops.adapt_datetimefield_value` gives them."""
    line = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        for start in range(0, len(rows), LINES):
            part = rows[start : start + LINES]
            statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([line] * len(part))}"
            cursor.execute(statement, [cell for row in part for cell in row])


class EngineSQL(Operation):
    """Migration: run `forwards[vendor]` statements, and `backwards[vendor]` when unapplied; keys are Django's vendor names.

    For guards until decision 17; since then `migrate` puts them up (governance/guards.py).
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, forwards: dict[str, Sequence[str]], backwards: dict[str, Sequence[str]]) -> None:
        self.forwards = forwards
        self.backwards = backwards

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Triggers leave the models' state as it is."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        _run(self.forwards, schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        _run(self.backwards, schema_editor)

    def describe(self) -> str:
        return "Rules in the database's own language"


def _run(statements: dict[str, Sequence[str]], editor: BaseDatabaseSchemaEditor) -> None:
    """Before migrations all triggers of SQLite are taken down, so that there may be none to drop."""
    for statement in statements[editor.connection.vendor]:
        editor.execute(re.sub("^DROP TRIGGER (?!IF)", "DROP TRIGGER IF EXISTS ", statement), params=None)


def insert_only(table: str, message: str) -> EngineSQL:
    """`guards.insert_only` as a migration."""
    return _put_up(guards.insert_only(table, message))


def refuse(
    name: str, event: str, table: str, condition: str, message: str, words: Mapping[str, Mapping[str, str]] | None = None
) -> EngineSQL:
    """`guards.refuse` as a migration."""
    return _put_up([guards.refuse(name, event, table, condition, message, words)])


def _put_up(made: Sequence[Guard]) -> EngineSQL:
    functions = sorted({guard.function or guard.name for guard in made if guard.postgresql})
    return EngineSQL(
        {
            vendor: [statement for guard in made if guard.definition(vendor) for statement in guard.statements(vendor)]
            for vendor in ("postgresql", "sqlite")
        },
        {
            "postgresql": [f"DROP FUNCTION {name}() CASCADE" for name in functions],
            "sqlite": [f"DROP TRIGGER {guard.name}" for guard in made if guard.sqlite],
        },
    )
