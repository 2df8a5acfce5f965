"""A backup: a folder with the database, the files, a manifest, and the keys apart (docs/decisions/0031-backup.md)."""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from governance.backups.engines import BackupError, dump, file_of, restored
from governance.backups.figures import differences, figures, is_empty

MANIFEST, MEDIA, KEYS, FORMAT = "manifest.json", "media.tar", "keys.json", 1
KEY_NAMES = ("SECRET_KEY", "FIELD_KEY", "HASH_KEY")


def backup(folder: Path, *, keys: bool = True) -> dict[str, Any]:
    """Write everything into `folder`, which must be new or empty; returns the manifest. Files are readable by their owner alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BackupError(f"{folder} 不是空文件夹，请换一个。", "filled")
    held = dump(folder)
    with tarfile.open(folder / MEDIA, "w") as archive:
        if (media := Path(settings.MEDIA_ROOT)).exists():
            archive.add(media, arcname=".")
    if keys:
        (folder / KEYS).touch(mode=0o600)
        (folder / KEYS).write_text(json.dumps({name: getattr(settings, name) for name in KEY_NAMES}, indent=1))
    manifest = {
        "format": FORMAT,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "engine": connection.vendor,
        "migrations": _migrations_of_the_database(),
        "keys": _fingerprint(),
        "files": {name: _hash(folder / name) for name in (file_of(connection.vendor), MEDIA)},
        "photos": _count(folder / MEDIA),
        "tables": held,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    for path in folder.iterdir():
        path.chmod(0o600)
    return manifest


def restore(folder: Path, *, force: bool = False) -> dict[str, Any]:
    """Put back what a backup holds, compare every table with its manifest, and keep what stood before if anything differs.

    Refused: a manifest that does not fit the files, the engine, the keys or the program; a database with rows, unless `force`.
    """
    manifest = read(folder)
    if not force and not is_empty():
        raise BackupError("数据库里已经有数据。确实要用备份整个替换，请加 --force。", "filled")
    with restored(folder), _files_of(folder):
        if found := differences(manifest["tables"], figures()):
            raise BackupError("恢复后与备份不一致，已退回原样：" + "；".join(found[:5]), "figures")
    return manifest


def read(folder: Path) -> dict[str, Any]:
    """The manifest of a backup whose files are whole and fit this portal; BackupError saying what does not."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        wanted, engine = manifest["files"], manifest["engine"]
        if manifest["format"] != FORMAT or not isinstance(manifest["tables"], dict):
            raise BackupError("这份备份的格式不认识。", "manifest")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{folder} 里没有可用的 {MANIFEST}（{type(error).__name__}）。", "manifest") from error
    if engine != connection.vendor:
        raise BackupError(f"备份来自 {engine}，这里是 {connection.vendor}。", "manifest")
    if wanted.keys() != {file_of(engine), MEDIA}:
        raise BackupError("清单里的文件不齐。", "manifest")
    if broken := [name for name in wanted if not (folder / name).exists() or _hash(folder / name) != wanted[name]]:
        raise BackupError(f"文件缺少或与清单不符：{'、'.join(broken)}。", "manifest")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := sorted(set(manifest["migrations"]) - known):
        raise BackupError(f"备份来自更新的版本（{unknown[-1]}），请先升级程序。", "manifest")
    if manifest["keys"] != _fingerprint():
        raise BackupError(f"密钥与备份时不同，身份证号等将无法读取。请先换上备份时的密钥（{KEYS}）。", "keys")
    return manifest


@contextmanager
def _files_of(folder: Path) -> Iterator[None]:
    """The portal's files are the backup's; the former ones come back if the block raises, or what contains the block does."""
    media = Path(settings.MEDIA_ROOT)
    fresh, aside = media.with_name(f"{media.name}.restored"), media.with_name(f"{media.name}.before")
    for path in (fresh, aside):
        shutil.rmtree(path, ignore_errors=True)
    fresh.mkdir(parents=True)
    with tarfile.open(folder / MEDIA) as archive:
        archive.extractall(fresh, filter="data")
    if media.exists():
        media.rename(aside)
    fresh.rename(media)
    try:
        yield
    except BaseException:
        shutil.rmtree(media)
        if aside.exists():
            aside.rename(media)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _migrations_of_the_database() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations)


def _fingerprint() -> str:
    """Tells the keys of stored numbers from others without telling them."""
    return hashlib.sha256(f"xiangzhi {settings.FIELD_KEY} {settings.HASH_KEY}".encode()).hexdigest()[:16]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _count(path: Path) -> int:
    with tarfile.open(path) as archive:
        return sum(member.isfile() for member in archive)
