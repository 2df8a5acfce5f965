"""A backup goes into another database and nothing differs: rows, triggers, sequences, files. At full size with SOAK=1
(`make soak ARGS=restore`): 100,000 postings and 1,000 photos within a minute."""

from __future__ import annotations

import json
import os
import re
import secrets
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from pytest_django import Settings

from governance.backups.engines import BackupError, run
from governance.backups.figures import differences, figures
from governance.backups.services import KEYS, MANIFEST, backup, restore
from governance.demo.county import load_county
from governance.periods import Kind, Period, today
from tests.worker import ROOT

SOAK = os.environ.get("SOAK") == "1"
VILLAGES, HOUSEHOLDS, ENTRIES, PHOTOS, BYTES = (100, 20_000, 100_000, 1_000, 200_000) if SOAK else (2, 20, 60, 5, 1_000)
SECONDS = 60
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def media(tmp_path: Path, settings: Settings) -> Path:
    """A portal's files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    for number in range(PHOTOS):
        path = tmp_path / "media" / "photos" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(secrets.token_bytes(BYTES))
    return tmp_path / "media"


@pytest.fixture
def filled(media: Path) -> None:
    """A county with postings."""
    months = [Period.of(Kind.MONTH, today()).previous()]
    load_county(villages=VILLAGES, households=HOUSEHOLDS, entries_per_month=ENTRIES, months=months)


@contextmanager
def elsewhere() -> Iterator[None]:
    """The connection stands on a new and empty database until the block ends."""
    usual, other = connection.settings_dict["NAME"], f"restored_{os.getpid()}"
    _on_the_server(f"DROP DATABASE IF EXISTS {other} WITH (FORCE)", f"CREATE DATABASE {other} TEMPLATE template0")
    try:
        connection.close()
        connection.settings_dict["NAME"] = other
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        _on_the_server(f"DROP DATABASE {other} WITH (FORCE)")


def _on_the_server(*statements: str) -> None:
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def schema() -> list[str]:
    """What PostgreSQL writes down of tables, constraints, triggers and sequences. It moves the casts of a list to its words when it
    reads its own words again."""
    text = run("pg_dump", "--schema-only", "--no-owner", "--no-privileges")
    text = re.sub(r"\(ARRAY\[((?:'[^']*'::character varying(?:, )?)+)\]\)::text\[\]", _cast_each, text)
    return [line for line in text.splitlines() if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))]


def _cast_each(found: re.Match[str]) -> str:
    return "ARRAY[" + ", ".join(f"({word})::text" for word in found[1].split(", ")) + "]"


def next_ids_are_free() -> list[str]:
    """Tables whose sequence would give a number that is taken."""
    taken = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            for found in connection.introspection.get_sequences(cursor, table):
                cursor.execute(f'SELECT nextval(%s), (SELECT coalesce(max("{found["column"]}"), 0) FROM "{table}")', [found["name"]])
                number, last = cursor.fetchone()
                taken += [table] if number <= last else []
    return taken


def test_nothing_differs_after_a_restore(filled: None, media: Path, tmp_path: Path) -> None:
    wanted, definitions, photos = figures(), schema(), files(media)
    began = time.monotonic()
    backup(tmp_path / "backup")
    saved = time.monotonic() - began
    with elsewhere():
        for path in media.rglob("*.jpg"):
            path.unlink()
        (media / "stranger.jpg").write_bytes(b"of before")
        began = time.monotonic()
        restore(tmp_path / "backup")
        seconds = time.monotonic() - began
        assert differences(wanted, figures()) == [] and wanted["moral_bank_entry"][0] == ENTRIES
        assert schema() == definitions and any("CREATE TRIGGER" in line for line in definitions)
        assert files(media) == photos and len(photos) == PHOTOS
        assert next_ids_are_free() == []
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("DELETE FROM moral_bank_entry")
    print(f"\n{ENTRIES} postings, {PHOTOS} photos: backed up in {saved:.1f} s, restored and compared in {seconds:.1f} s")
    assert saved < SECONDS and seconds < SECONDS


def test_it_refuses_a_database_with_rows_unless_forced(filled: None, media: Path, tmp_path: Path) -> None:
    backup(tmp_path / "backup")
    with elsewhere():
        restore(tmp_path / "backup")
        wanted = figures()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_session; INSERT INTO accounts_tally VALUES ('x', 1, now())")
        with pytest.raises(BackupError, match="已经有数据"):
            restore(tmp_path / "backup")
        restore(tmp_path / "backup", force=True)
        assert differences(wanted, figures()) == []


def test_what_stood_before_comes_back_where_something_differs(filled: None, media: Path, tmp_path: Path) -> None:
    backup(tmp_path / "backup")
    manifest = json.loads((tmp_path / "backup" / MANIFEST).read_text())
    with elsewhere():
        restore(tmp_path / "backup")
        before, photos = figures(), files(media)
        manifest["tables"]["moral_bank_entry"][1] += 1
        (tmp_path / "backup" / MANIFEST).write_text(json.dumps(manifest))
        with pytest.raises(BackupError, match="退回原样：moral_bank_entry.*内容不同"):
            restore(tmp_path / "backup", force=True)
        assert (figures(), files(media)) == (before, photos)


def _cut(folder: Path) -> None:
    path = folder / "database.dump"
    path.write_bytes(path.read_bytes()[:-1])


def _without_media(folder: Path) -> None:
    (folder / "media.tar").unlink()


def _changed(**values: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / MANIFEST
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))

    return change


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_cut, "与清单不符：database.dump"),
        (_without_media, "与清单不符：media.tar"),
        (_changed(engine="sqlite"), "备份来自 sqlite"),
        (_changed(migrations=["villages.0001_initial", "villages.9999_later"]), "更新的版本（villages.9999_later）"),
        (_changed(keys="0" * 16), "密钥与备份时不同"),
        (_changed(format=2), "格式不认识"),
        (_changed(files={}), "文件不齐"),
        (lambda folder: (folder / MANIFEST).write_text("{"), "没有可用的 manifest.json"),
    ],
)
def test_it_refuses_what_does_not_fit_its_manifest(media: Path, tmp_path: Path, spoil: Callable[[Path], None], reason: str) -> None:
    backup(tmp_path / "backup")
    spoil(tmp_path / "backup")
    before = figures()
    with pytest.raises(CommandError, match=reason):
        call_command("restore", tmp_path / "backup", "--force")
    assert figures() == before


def test_keys_stand_apart_and_nobody_else_reads_anything(media: Path, tmp_path: Path, settings: Settings) -> None:
    call_command("backup", tmp_path / "with")
    call_command("backup", tmp_path / "without", "--without-keys")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "with").iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "with").stat().st_mode) == 0o700
    assert json.loads((tmp_path / "with" / KEYS).read_text())["FIELD_KEY"] == settings.FIELD_KEY
    assert not (tmp_path / "without" / KEYS).exists()
    for path in (tmp_path / "without").iterdir():
        assert settings.FIELD_KEY.encode() not in path.read_bytes()
    with pytest.raises(CommandError, match="不是空文件夹"):
        call_command("backup", tmp_path / "with")


def test_the_trial_modes_database_goes_and_comes_too(tmp_path: Path) -> None:
    """In processes of their own: this one stands on PostgreSQL."""

    def manage(var: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "XIANGZHI_VAR": str(tmp_path / var), "FIELD_KEY": "0" * 32, "HASH_KEY": "0" * 64}
        for name in ("DATABASE_URL", "REDIS_URL"):
            environment.pop(name, None)
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )

    (tmp_path / "old").mkdir()
    with sqlite3.connect(tmp_path / "old" / "xiangzhi.sqlite3") as database:
        database.executescript("CREATE TABLE words (word text); INSERT INTO words VALUES ('一'), ('二');")
    copied = manage("old", "backup", str(tmp_path / "backup"))
    assert "1 张表 2 行" in copied.stdout, copied.stderr
    back = manage("new", "restore", str(tmp_path / "backup"))
    assert "逐表核对一致" in back.stdout, back.stderr
    with sqlite3.connect(tmp_path / "new" / "xiangzhi.sqlite3") as database:
        assert database.execute("SELECT word FROM words ORDER BY word").fetchall() == [("一",), ("二",)]
    assert "已经有数据" in manage("new", "restore", str(tmp_path / "backup")).stderr
