"""The database of an earlier commit, filled by that commit's own demo, brought to today's tables: no row may be lost and nothing in it
changed but what CHANGED names, the chain must hold, and no guard may be missing.

The commits are those of the released versions in CHANGELOG.md, or given by --from. Each is put into a folder of its own and runs with
the packages that it names. What is sealed today (telephone numbers) is compared as it reads.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

from bench_house import ROOT, set_up
from services import IN_EARNEST, postgres, redis

RELEASED = re.compile(r"^## .*\bcommit ([0-9a-f]{7,40})\)", re.MULTILINE)
LEDGER = [f"moral_bank_{name}" for name in ("entry", "account", "chainlink", "chainhead", "closing", "rating", "redemption")]
KEYS = """
SELECT r.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
  FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = ANY (i.indkey)
 WHERE i.indisprimary AND r.relnamespace = 'public'::regnamespace GROUP BY 1 ORDER BY 1"""
BASE_PYTHON = str(Path(sys.base_prefix) / "bin/python3")
HOUSEHOLDS = 500  # the least that the demo takes
Rows = dict[str, dict[str, str]]  # key → column → its text in short
Content = dict[str, Rows]  # by table
_ONCE = "forms and the API's POSTs have one-use keys of their own (decision 19); what a sheet's row made keeps its key in row_key"
_READ = "surnames are read as surnames (villages 0017)"
_ANEW = "a running round is computed anew, so that each card says what it lacks (inspections 0015)"
# What a migration changes on purpose, and why.
CHANGED = {
    "inspections_round.job": _ANEW,
    "inspections_round.job_at": _ANEW,
    "moral_bank_claim.client_key": _ONCE,
    "moral_bank_historicalclaim.client_key": _ONCE,
    "moral_bank_lot.source_key": _ONCE,
    "moral_bank_redemption.client_key": _ONCE,
    "moral_bank_sitting.client_key": _ONCE,
    "moral_bank_stocktake.client_key": _ONCE,
    "villages_household.head_pinyin": _READ,
    "villages_resident.name_pinyin": _READ,
}
MOVED = {"cases_carenote": "volunteers_carenote"}  # the same rows under another table's name
REWRITTEN = {"cases_numberseries": ("villages_numberseries", "last")}  # rows taken over in other columns but this one (cases 0004)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="commits", action="append", help="a commit or tag, again for more; default those of CHANGELOG.md")


def run(options: argparse.Namespace) -> list[str]:
    """Print the figures of each commit; returns what failed."""
    commits = options.commits or RELEASED.findall((Path(ROOT) / "CHANGELOG.md").read_text(encoding="utf-8"))
    if not commits:
        return ["CHANGELOG.md names no released version"]
    return [f"{commit}: {failure}" for commit in commits for failure in _one(commit)]


def _one(commit: str) -> list[str]:
    with postgres() as database, redis() as broker, tempfile.TemporaryDirectory(prefix="xz-soak-") as name:
        folder, old = Path(name), Path(name) / "old"
        os.environ |= {"DATABASE_URL": database, "REDIS_URL": broker, "CACHE_REDIS_URL": "", **IN_EARNEST}
        os.environ["XIANGZHI_VAR"] = str(folder / "var")
        _unpack(commit, old)
        subprocess.run([BASE_PYTHON, "scripts/bootstrap.py", "run"], cwd=old, check=True)
        _manage(old, "migrate", "--verbosity=0")
        _manage(old, "demo", f"--households={HOUSEHOLDS}", "--verbosity=0")
        chain = _manage(old, "verify_ledger")
        before = _content(folder / "before.json")
        _manage(Path(ROOT), "migrate", "--verbosity=0")
        after = _content(folder / "after.json")
        failures = [*_compared(commit, before, after)]
        if (now := _manage(Path(ROOT), "verify_ledger")) != chain:
            failures.append(f"verify_ledger says {now}, and said {chain}")
        print(f"  verify_ledger: {now.strip()}")
        print(f"  check --database default: {_manage(Path(ROOT), 'check', '--database', 'default').strip()}", flush=True)
    return failures


def _unpack(commit: str, folder: Path) -> None:
    """The commit's files, without its history."""
    folder.mkdir()
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed, check=True)


def _manage(tree: Path, *command: str) -> str:
    python = sys.executable if tree == Path(ROOT) else str(tree / ".venv/bin/python")
    done = subprocess.run([python, "manage.py", *command], cwd=tree, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"manage.py {' '.join(command)} of {tree} ended with code {done.returncode}:\n{done.stdout[-2000:]}")
    return done.stdout


def _content(path: Path) -> Content:
    """Everything that stands in the database, read in a process of its own: Django holds one database as long as it lives."""
    reading = get_context("spawn").Process(target=_write_content, args=(path,))
    reading.start()
    reading.join()
    content: Content = json.loads(path.read_text())
    return content


def _write_content(path: Path) -> None:
    set_up()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(KEYS)
        found = {table: dict(_rows(cursor, table, key)) for table, key in cursor.fetchall()}
    path.write_text(json.dumps(found))


def _rows(cursor: object, table: str, key: str) -> Iterator[tuple[str, dict[str, str]]]:
    cursor.execute(f'SELECT concat_ws(\'|\', {key}), to_jsonb(whole) FROM "{table}" AS whole')  # type: ignore[attr-defined]
    for number, row in cursor.fetchall():  # type: ignore[attr-defined]
        values = json.loads(row) if isinstance(row, str) else row
        yield number, {column: _short(value) for column, value in values.items()}


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(_plain(text).encode()).hexdigest()[:16]


def _plain(text: str) -> str:
    """A sealed text as it reads."""
    from governance.sealed import CLEAR, unseal

    if len(text) <= CLEAR or not text.startswith('"'):
        return text
    try:
        return json.dumps(unseal(json.loads(text)), ensure_ascii=False)
    except Exception:  # noqa: BLE001  # any long text that is not sealed
        return text


def _compared(commit: str, before: Content, after: Content) -> Iterator[str]:
    rows = sum(map(len, before.values()))
    print(f"{commit}: {len(before)} tables, {rows:,} rows, then {len(after)} tables, {sum(map(len, after.values())):,} rows")
    for table, stood in before.items():
        now = after.get(MOVED.get(table, table))
        if table in REWRITTEN:
            yield from _rewritten(table, stood, after)
        elif now is None:
            yield f"{table} is gone"
        else:
            yield from _rows_compared(table, stood, now)


def _rewritten(table: str, stood: Rows, after: Content) -> Iterator[str]:
    """Each row's value stands in the table that took it over, as often."""
    other, column = REWRITTEN[table]
    lost = Counter(row[column] for row in stood.values()) - Counter(row[column] for row in after.get(other, {}).values())
    print(f"  {table}: {len(stood):,} rows went into {other}, {lost.total():,} lost")
    if lost:
        yield f"{table}: {lost.total()} rows are not in {other}"


def _rows_compared(table: str, stood: Rows, now: Rows) -> Iterator[str]:
    if lost := stood.keys() - now.keys():
        yield f"{table}: {len(lost)} rows lost"
    shared = stood.keys() & now.keys()
    columns = {column for key in shared for column in stood[key].keys() & now[key].keys()}
    dropped = {column for key in shared for column in stood[key].keys() - now[key].keys()}
    other = Counter(column for key in shared for column in columns if stood[key][column] != now[key][column])
    if table in LEDGER:
        print(f"  {table}: {len(stood):,} rows, {len(columns)} columns, checksum {_sum(stood, columns)}, then {_sum(now, columns)}")
    if table in MOVED:
        print(f"  {table}: {len(stood):,} rows stand in {MOVED[table]}, {len(columns)} columns compared")
    for column in sorted({*other, *dropped}):
        words = f"{table}.{column}: {f'{other[column]} values changed' if column in other else 'is gone'}"
        if why := CHANGED.get(f"{table}.{column}"):
            print(f"  {words}: {why}")
        else:
            yield words


def _sum(rows: Rows, columns: set[str]) -> str:
    lines = "\n".join(" ".join((key, *(rows[key][column] for column in sorted(columns)))) for key in sorted(rows))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]
