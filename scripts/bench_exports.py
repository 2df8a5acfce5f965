"""A ledger of many rows against reading its rows from the database, and a roster's import against COPY of the rows that it wrote."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import Any

from django.db import connection

import bench_closing

TURNS, CHUNK = 3, 2000
Statement = tuple[str, Any]


@contextmanager
def _statements(found: list[Statement]) -> Iterator[None]:
    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _read(statements: Sequence[Statement]) -> None:
    """All rows of the ledger's own statements, as the driver gives them."""
    for sql, params in statements:
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql, params)
            while cursor.fetchmany(CHUNK):
                pass


def exports(rows: int) -> None:
    """The points ledger: a line with the seconds of both and their ratio."""
    from governance.sheets.writer import write_table
    from moral_bank.ledger.exports import ENTRIES
    from moral_bank.models import Entry

    bench_closing.load(25, rows // 10, rows, 1)

    def export() -> None:
        with TemporaryFile() as stream:
            lines = ENTRIES.rows(Entry.objects.all())
            write_table(stream, title=ENTRIES.title, columns=ENTRIES.columns, rows=lines, notes=ENTRIES.notes)

    found: list[Statement] = []
    with _statements(found):
        export()
    turns = [(_seconds(lambda: _read(found)), _seconds(export)) for _ in range(TURNS)]
    read, written = (min(turn[place] for turn in turns) for place in (0, 1))
    words = ", ".join(f"{export / read:.2f}" for read, export in turns)
    print(f"export of {Entry.objects.count():,} entries: {written:.2f} s, cursor {read:.2f} s, ratio {written / read:.2f} (turns {words})")


def imports(people: int) -> None:
    """A messy roster into an empty township, committed; then the rows of all tables that it filled are copied out and in again."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from tests.builders import make_township, make_user, make_village
    from tests.sheets.messy import VILLAGES, make_messy_roster
    from villages.roster.services import ROSTER_IMPORT

    township = make_township("511929101")
    for code, name in VILLAGES:
        make_village(township, name, code)
    staff = make_user("bench-staff", "staff", township)
    with TemporaryDirectory() as folder:
        data = make_messy_roster(Path(folder) / "roster.xlsx", people_rows=people).path.read_bytes()
    before = _counts()
    begun = time.perf_counter()
    sheet = ROSTER_IMPORT.read(file=data, filename="roster.xlsx", township=township, by=staff)
    read = time.perf_counter() - begun
    commit = _seconds(lambda: ROSTER_IMPORT.commit(sheet, include_look=True, by=staff))
    grown = [table for table, count in _counts().items() if count > before[table]]
    copied = sum(_copied(table) for table in grown)
    print(
        f"import of {people:,} people: preview {read:.2f} s, commit {commit:.2f} s, COPY of {len(grown)} tables {copied:.2f} s, "
        f"ratio {commit / copied:.2f}, with the preview {(read + commit) / copied:.2f}"
    )


def _counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


def _copied(table: str) -> float:
    """Seconds of COPY into a table with the same keys, indexes and checks."""
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE TABLE copied (LIKE "{table}" INCLUDING ALL EXCLUDING GENERATED)')
        stream = io.StringIO()
        cursor.copy_expert(f'COPY (SELECT * FROM "{table}") TO STDOUT', stream)
        stream.seek(0)
        taken = _seconds(lambda: cursor.copy_expert("COPY copied FROM STDIN", stream))
        cursor.execute("DROP TABLE copied")
    return taken


def run(rows: int, people: int) -> None:
    imports(people)
    exports(rows)
    sys.stdout.flush()
