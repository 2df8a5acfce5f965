import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import prepare


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose trial database was migrated and whose static files were collected, as the stamps say."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    change(tmp_path, "CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT, applied TEXT)")
    change(tmp_path, "INSERT INTO django_migrations VALUES (1, 'villages', '0001_villages', '2026-11-29 01:00:00')")
    for name, mark in (("tables", prepare.tables_mark(tmp_path)), ("static", prepare.static_mark())):
        assert mark
        (tmp_path / f"{name}.stamp").write_text(mark)
    return tmp_path


def change(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(folder / "xiangzhi.sqlite3")) as database, database:
        database.execute(sql)


def test_it_has_nothing_to_do_the_second_time(prepared: Path) -> None:
    assert prepare.ready(prepared)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO django_migrations VALUES (2, 'villages', '0002_later', '2026-11-30 01:00:00')",
        "DELETE FROM django_migrations",
        "UPDATE django_migrations SET applied = '2026-11-28 01:00:00'",
        "DROP TABLE django_migrations",
    ],
)
def test_it_looks_again_at_a_newer_an_older_another_and_a_broken_database(prepared: Path, sql: str) -> None:
    change(prepared, sql)
    assert not prepare.ready(prepared)


@pytest.mark.parametrize("name", ["xiangzhi.sqlite3", "tables.stamp", "static.stamp"])
def test_it_looks_again_where_something_is_missing(prepared: Path, name: str) -> None:
    (prepared / name).unlink()
    assert not prepare.ready(prepared)


def test_it_always_looks_at_a_database_of_its_own(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/portal")
    assert not prepare.ready(prepared)


@pytest.mark.parametrize("name", ["villages/migrations/0002_more.py", "villages/guards.py", "moral_bank/claims/cap_guards.py"])
def test_it_migrates_again_when_our_migrations_or_guards_changed(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    root = tmp_path_factory.mktemp("root")
    (root / "constraints.txt").touch()
    (root / name).parent.mkdir(parents=True)
    monkeypatch.setattr(prepare, "ROOT", root)
    before = prepare.tables_mark(prepared)
    (root / name).touch()
    assert prepare.tables_mark(prepared) != before
