"""What speaks to the databases past the ORM: PostgreSQL is the database of record, SQLite the trial mode."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

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
    """Migration: run `forwards[vendor]` statements, and `backwards[vendor]` when unapplied; keys are Django's vendor names."""

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
        for statement in self.forwards[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for statement in self.backwards[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return "Rules in the database's own language"


def insert_only(table: str, message: str) -> EngineSQL:
    """Refuse UPDATE, DELETE and TRUNCATE on `table` with `message` (Chinese, without quotes)."""
    name = f"{table}_insert_only"
    postgresql = (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION USING MESSAGE = '{message}', ERRCODE = 'check_violation'; END $$",
        f"CREATE TRIGGER {name}_row BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        f"CREATE TRIGGER {name}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
    )
    sqlite = tuple(
        f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for verb in ("UPDATE", "DELETE")
    )
    return EngineSQL(
        {"postgresql": postgresql, "sqlite": sqlite},
        {
            "postgresql": (f"DROP FUNCTION {name}() CASCADE",),
            "sqlite": tuple(f"DROP TRIGGER {name}_{verb}" for verb in ("update", "delete")),
        },
    )


def changed(*columns: str) -> str:
    """SQL: whether an update gives one of `columns` another value; NULL counts as a value."""
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


def refuse(
    name: str, event: str, table: str, condition: str, message: str, words: Mapping[str, Mapping[str, str]] | None = None
) -> EngineSQL:
    """Refuse `event` (INSERT, DELETE, UPDATE or UPDATE OF …) on `table` where `condition` holds, before it happens.

    `condition` is SQL of NEW and OLD. Where the engines do not speak alike it names in braces what `words` says by Django's
    vendor name. `message` is Chinese without quotes; PostgreSQL names `name` as the constraint.
    """
    postgresql, sqlite = (condition.format(**words[vendor]) if words else condition for vendor in ("postgresql", "sqlite"))
    body = (
        f"IF {postgresql} THEN RAISE EXCEPTION USING MESSAGE = '{message}', ERRCODE = 'check_violation', "
        f"CONSTRAINT = '{name}'; END IF; RETURN {'OLD' if event == 'DELETE' else 'NEW'};"
    )
    return EngineSQL(
        {
            "postgresql": (
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
            ),
            "sqlite": (
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {sqlite} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
            ),
        },
        {"postgresql": (f"DROP FUNCTION {name}() CASCADE",), "sqlite": (f"DROP TRIGGER {name}",)},
    )
