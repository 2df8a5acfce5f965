"""What must never happen, in the databases' words: triggers, declared once in the `guards.py` of their feature, gathered by the
room's and put up by `migrate` (governance/guarding.py, docs/decisions/0017-guards.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db import IntegrityError
from django.db.models import BaseConstraint, Model, UniqueConstraint

UNIQUE_VIOLATION = "23505"


@dataclass(frozen=True)
class Guard:
    """A trigger. `postgresql` and `sqlite` are what CREATE TRIGGER says after its name ("BEFORE DELETE ON moral_bank_claim …");
    empty where the engine has none of this name.

    PostgreSQL's runs `function`, "" for one of the trigger's own name, whose source in plpgsql is `body`. It is written in
    PostgreSQL's own order (INSERT OR DELETE OR UPDATE), so that what stands can be compared with what is declared.
    """

    name: str
    postgresql: str = ""
    sqlite: str = ""
    body: str = ""
    function: str = ""

    def definition(self, vendor: str) -> str:
        """CREATE TRIGGER as it is declared; "" where the engine has none."""
        if vendor == "sqlite":
            return self.sqlite and f"CREATE TRIGGER {self.name} {self.sqlite}"
        run = f"EXECUTE FUNCTION {self.function or self.name}()"
        return self.postgresql and f"CREATE TRIGGER {self.name} {self.postgresql} {run}"

    def statements(self, vendor: str) -> list[str]:
        """Put it up, whatever stands."""
        definition = self.definition(vendor)
        if vendor == "sqlite":
            return [f"DROP TRIGGER IF EXISTS {self.name}", definition]
        head = f"CREATE OR REPLACE FUNCTION {self.function or self.name}() RETURNS trigger LANGUAGE plpgsql AS"
        return [f"{head} $${self.body}$$", definition.replace("CREATE", "CREATE OR REPLACE", 1)]


def changed(*columns: str) -> str:
    """SQL: whether an update gives one of `columns` another value; NULL counts as a value."""
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


def raising(message: str, constraint: str = "") -> str:
    """plpgsql: refuse with `message` (Chinese, without quotes)."""
    named = f", CONSTRAINT = '{constraint}'" if constraint else ""
    return f"RAISE EXCEPTION USING MESSAGE = '{message}', ERRCODE = 'check_violation'{named};"


def aborting(event: str, table: str, condition: str, message: str) -> str:
    """SQLite's trigger: refuse `event` on `table` where `condition` holds, always if it is empty."""
    when = f"WHEN {condition} " if condition else ""
    return f"BEFORE {event} ON {table} {when}BEGIN SELECT RAISE(ABORT, '{message}'); END"


def insert_only(table: str, message: str) -> list[Guard]:
    """Refuse UPDATE, DELETE and TRUNCATE on `table` with `message`."""
    name, body = f"{table}_insert_only", f" BEGIN {raising(message)} END "
    events = {
        "row": f"BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW",
        "truncate": f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
    }
    return [
        *(Guard(f"{name}_{kind}", event, body=body, function=name) for kind, event in events.items()),
        *(Guard(f"{name}_{verb.lower()}", sqlite=aborting(verb, table, "", message)) for verb in ("UPDATE", "DELETE")),
    ]


def refuse(
    name: str, event: str, table: str, condition: str, message: str, words: Mapping[str, Mapping[str, str]] | None = None
) -> Guard:
    """Refuse `event` (INSERT, DELETE, UPDATE or UPDATE OF …) on `table` where `condition` holds, before it happens.

    `condition` is SQL of NEW and OLD. Where the engines do not speak alike it names in braces what `words` says by Django's
    vendor name. `message` is Chinese without quotes; PostgreSQL names `name` as the constraint.
    """
    postgresql, sqlite = (condition.format(**words[vendor]) if words else condition for vendor in ("postgresql", "sqlite"))
    row = "OLD" if event == "DELETE" else "NEW"
    return Guard(
        name,
        f"BEFORE {event} ON {table} FOR EACH ROW",
        aborting(event, table, sqlite, message),
        f" BEGIN IF {postgresql} THEN {raising(message, name)} END IF; RETURN {row}; END ",
    )


def shut(name: str, table: str, condition: Callable[[str], str], message: str) -> list[Guard]:
    """Rows of which `condition` (of NEW or OLD) holds are neither added, changed, taken away nor what others are changed into."""
    old, new = condition("OLD"), condition("NEW")
    refused = {"INSERT": new, "UPDATE": f"({old} OR {new})", "DELETE": old}
    return [refuse(f"{name}_{event.lower()}", event, table, when, message) for event, when in refused.items()]


def constraints() -> Iterator[tuple[type[Model], BaseConstraint]]:
    """All constraints that models declare, with the model in whose table each stands."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield from ((model, constraint) for constraint in model._meta.constraints)


def refused_by(error: IntegrityError) -> str:
    """What refused a statement: a trigger by its message, a constraint by its name, a unique column as `table.column`.

    A trigger's message is the one thing that both engines pass on; of a unique key SQLite names the columns only.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None:
        kind, _, name = str(error).partition(" constraint failed: ")
        return _unique_over(name) if kind == "UNIQUE" else name or kind
    name = str(diagnosis.constraint_name)
    if diagnosis.sqlstate == UNIQUE_VIOLATION and name not in {constraint.name for _, constraint in constraints()}:
        columns = re.findall(r"\w+", str(diagnosis.message_detail).partition(")=(")[0])[1:]
        return ", ".join(f"{diagnosis.table_name}.{column}" for column in columns)
    return name if diagnosis.table_name else str(diagnosis.message_primary)


def _unique_over(columns: str) -> str:
    """The unique constraint that a model declares over `table.column, table.column`; the columns where none does."""
    for model, constraint in constraints():
        if isinstance(constraint, UniqueConstraint):
            names = {field.name: f"{model._meta.db_table}.{field.column}" for field in model._meta.concrete_fields}
            if columns == ", ".join(names[name] for name in constraint.fields):
                return constraint.name
    return columns
