"""Every constraint and trigger of the moral bank, read from PostgreSQL's catalogue: each has statements that it refuses and that
pass once exactly it is dropped (issue 5, done when 5). A guard without a case fails, so nothing is added unguarded.

Unique keys, the bounds of positive numbers and insert-only tables are tried by what the catalogue says of them; what has a name of its
own has its statements in `guard_cases.py`. Foreign and primary keys are PostgreSQL's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from django.db import IntegrityError, connection, transaction

from tests.moral_bank.guard_cases import CHECKS, TRIGGERS, Case, like, sql
from tests.moral_bank.guard_world import World
from tests.worlds import module_world

pytestmark = pytest.mark.django_db
# Uploads on their way in and the histories of simple_history are no part of the ledger.
LEFT_OUT = r"bankimport|historical"
TRUNCATE = "_insert_only_truncate"
# These two do the ledger's work besides guarding it: other triggers look at what they moved.
WORKERS = ("moral_bank_entry_post", "moral_bank_move_stock")
BOUND = re.compile(r"moral_bank_(\w+?)_(\w+)_check")
ROWS = {"rating": "id = {rating}", "deed": "id = {draft_s1}", "rulehead": "id = {draft_head}"}

TABLES = [
    "account", "appeal", "chainhead", "chainlink", "claim", "closing", "coverday", "deed", "entry", "expiry",
    "fundmove", "honour", "item", "judgement", "lot", "move", "nomination", "panelmember", "passbook", "proxy",
    "rating", "reconciliation", "redemption", "reminder", "rulehead", "ruleset", "shop", "sitting", "sitting_members",
    "stockcount", "stocktake", "supplier", "vote",
]  # fmt: skip

CATALOGUE = """
SELECT t.relname, c.conname, c.contype::text, pg_get_constraintdef(c.oid), NULL,
       ARRAY(SELECT a.attname::text FROM unnest(c.conkey) k JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k)
  FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid WHERE c.contype IN ('c', 'u') AND t.relname LIKE 'moral\\_bank\\_%%'
UNION ALL
SELECT t.relname, i.relname, 'i', pg_get_indexdef(i.oid), pg_get_expr(x.indpred, x.indrelid),
       ARRAY(SELECT a.attname::text FROM unnest(x.indkey::int[]) k JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k)
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
 WHERE x.indisunique AND NOT x.indisprimary AND t.relname LIKE 'moral\\_bank\\_%%'
   AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid)
UNION ALL
SELECT t.relname, g.tgname, 't', pg_get_triggerdef(g.oid), NULL, ARRAY[]::text[]
  FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal AND t.relname LIKE 'moral\\_bank\\_%%'
ORDER BY 1, 2"""


class Guard(NamedTuple):
    """One row of the catalogue; `kind` is c (CHECK), u (unique), i (unique index, maybe partial) or t (trigger)."""

    table: str
    name: str
    kind: str
    definition: str
    where: str | None
    columns: list[str]

    @property
    def drop(self) -> str:
        if self.kind == "t":
            return f"DROP TRIGGER {self.name} ON {self.table}"
        return f"DROP INDEX {self.name}" if self.kind == "i" else f"ALTER TABLE {self.table} DROP CONSTRAINT {self.name}"


class Bench(NamedTuple):
    """The guards by name, and the rows that the cases speak of."""

    guards: dict[str, Guard]
    world: World


def guards_and_world() -> Bench:
    with connection.cursor() as cursor:
        cursor.execute(CATALOGUE.replace("%%", "%"))
        found = [Guard(*row) for row in cursor.fetchall()]
    guards = {guard.name: guard for guard in found if not re.search(LEFT_OUT, guard.table)}
    assert len(guards) > 200
    return Bench(guards, World())


bench = module_world(guards_and_world)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def past_triggers() -> Iterator[None]:
    run("SET session_replication_role = replica")
    yield
    run("SET session_replication_role = origin")


def refused(statement: str) -> str:
    """What the database says against a statement; "" where it lets it pass."""
    try:
        with transaction.atomic():
            run(statement)
    except IntegrityError as error:
        return str(error)
    return ""


def decides(guard: Guard, statement: str) -> None:
    """Refused while the guard stands, and once it is dropped not."""
    assert refused(statement), f"{guard.name} lets pass: {statement}"
    run(guard.drop)
    assert not (still := refused(statement)), f"without {guard.name} still refused: {still}"


# --- the three ways of trying -------------------------------------------------------------------------------------------


def try_check(bench: Bench, guard: Guard) -> None:
    statement = CHECKS.get(guard.name)
    with undone():
        if statement is None:  # a positive number's bound: what says more of the column goes first
            (column,) = guard.columns
            for other in bench.guards.values():
                if other.table == guard.table and other.kind == "c" and other != guard and column in other.columns:
                    run(other.drop)
            rows = ROWS.get(guard.table.removeprefix("moral_bank_"), f"id = (SELECT max(id) FROM {guard.table})")
            statement = f'UPDATE {guard.table} SET "{column}" = -1 WHERE {rows}'
        with past_triggers():
            decides(guard, sql(statement, bench.world.ids))


def try_unique(bench: Bench, guard: Guard) -> None:
    """The same row once more, with the table's other unique keys out of the way."""
    with undone(), past_triggers():
        for other in bench.guards.values():
            if other.table == guard.table and other.kind in "ui" and other != guard:
                run(other.drop)
        given = " AND ".join([f'"{column}" IS NOT NULL' for column in guard.columns] + ([guard.where] if guard.where else []))
        table = guard.table.removeprefix("moral_bank_")
        decides(guard, like(table, f"id = (SELECT max(id) FROM @{table} WHERE {given})", {}))


def try_trigger(bench: Bench, guard: Guard) -> None:
    for case in cases_of(guard):
        with undone():
            for part in filter(None, case.before.split("; ")):
                with past_triggers():
                    run(sql(part, bench.world.ids))
            for other in bench.guards.values():
                if other.kind == "t" and other.name not in (guard.name, *WORKERS) and in_the_way(other, guard):
                    run(f"ALTER TABLE {other.table} DISABLE TRIGGER {other.name}")
            decides(guard, sql(case.statement, bench.world.ids))


def in_the_way(other: Guard, guard: Guard) -> bool:
    """Whether another trigger could refuse the statement first; a TRUNCATE reaches all tables that refer to its own."""
    return other.table == guard.table or (guard.name.endswith(TRUNCATE) and other.name.endswith(TRUNCATE))


def cases_of(guard: Guard) -> list[Case]:
    """An insert-only table's are the same for all."""
    if guard.name.endswith(TRUNCATE):
        return [Case(f"TRUNCATE {guard.table} CASCADE")]
    if guard.name.endswith("_insert_only_row"):
        free = {"moral_bank_entry": "memo = 'x'", "moral_bank_sitting_members": "sitting_id = sitting_id"}
        return [Case(f"UPDATE {guard.table} SET {free.get(guard.table, 'id = id')} WHERE id = (SELECT max(id) FROM {guard.table})")]
    return TRIGGERS[guard.name]


TRIES = {"c": try_check, "u": try_unique, "i": try_unique, "t": try_trigger}


def has_case(guard: Guard) -> bool:
    if guard.kind == "c":
        return guard.name in CHECKS or bool(BOUND.fullmatch(guard.name) and len(guard.columns) == 1)
    return guard.kind != "t" or "_insert_only_" in guard.name or guard.name in TRIGGERS


def test_it_has_a_case_for_every_guard(bench: Bench) -> None:
    assert [guard.name for guard in bench.guards.values() if not has_case(guard)] == []


def test_it_has_no_case_for_what_is_gone(bench: Bench) -> None:
    assert sorted((CHECKS | TRIGGERS).keys() - bench.guards.keys()) == []


@pytest.mark.parametrize("name", [*CHECKS, *TRIGGERS])
def test_it_needs_the_guard(bench: Bench, name: str) -> None:
    guard = bench.guards[name]
    TRIES[guard.kind](bench, guard)


@pytest.mark.parametrize("table", TABLES)
def test_it_needs_every_key_bound_and_insert_only_rule(bench: Bench, table: str) -> None:
    """Of these the catalogue says all that there is to try."""
    found = [guard for guard in bench.guards.values() if guard.table == f"moral_bank_{table}"]
    assert found
    for guard in found:
        if guard.name not in CHECKS and guard.name not in TRIGGERS:
            TRIES[guard.kind](bench, guard)


def test_it_speaks_of_every_table(bench: Bench) -> None:
    assert {guard.table.removeprefix("moral_bank_") for guard in bench.guards.values()} == set(TABLES)
