"""What the portal needs before it opens: tables, the demo township or nothing (EMPTY=1), static files (``run.py`` starts this).

Tables and township are made in one process, so that Django is imported once; the static files are collected meanwhile
by another one, on the machine's other core. Accounts go to stdout, how it goes to stderr.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from processes import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
# What `migrate` brings into the database.
MIGRATED = ("*/migrations/*.py", "*/*/migrations/*.py", "*/*guards.py", "*/*/*guards.py")


def ready(folder: Path) -> bool:
    """True if nothing is to be done before the portal opens: the last preparation holds still."""
    return tables_stand(folder) and static_stands(folder)


def tables_stand(folder: Path) -> bool:
    """True if the trial database is the one that was migrated last, with these migrations; never for a real database."""
    return _holds(folder / "tables.stamp", tables_mark(folder))


def static_stands(folder: Path) -> bool:
    """True if neither our static files nor the installed packages changed since they were collected."""
    return _holds(folder / "static.stamp", static_mark())


def _holds(stamp: Path, mark: str | None) -> bool:
    return mark is not None and stamp.exists() and stamp.read_text() == mark


def tables_mark(folder: Path) -> str | None:
    """Hash of our migrations and guards, the packages, and what the database says was applied when; None where nobody can say.

    The moments tell one database from another: an older or a newer one, or one put back from elsewhere, is migrated.
    """
    database = folder / "xiangzhi.sqlite3"
    if os.environ.get("DATABASE_URL") or not database.exists():
        return None
    digest = hashlib.sha256((ROOT / "constraints.txt").read_bytes())
    for path in sorted(path for pattern in MIGRATED for path in ROOT.glob(pattern)):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    try:
        with closing(sqlite3.connect(database)) as connection:
            for row in connection.execute("SELECT id, app, name, applied FROM django_migrations ORDER BY id"):
                digest.update(f"{row}\n".encode())
    except sqlite3.Error:
        return None
    return digest.hexdigest()


def static_mark() -> str:
    """Hash of the packages and of our static files as they lie there."""
    digest = hashlib.sha256((ROOT / "constraints.txt").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        status = path.stat()
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


@contextmanager
def stage(name: str) -> Iterator[None]:
    """One line with the seconds that the block took."""
    began = time.monotonic()
    yield
    _tell(name, time.monotonic() - began)


def _tell(name: str, seconds: float) -> None:
    sys.stderr.write(f"  {name}：{seconds:.1f} 秒 s\n")


def _collect_static(folder: Path) -> float:
    """Collect the static files, in a process that ends with this one; its seconds, CalledProcessError if it failed."""
    began = time.monotonic()
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, check=True, preexec_fn=partial(die_with_parent, signal.SIGKILL))
    (folder / "static.stamp").write_text(static_mark())
    return time.monotonic() - began


def wanted_empty() -> bool:
    """Whether the portal is to open without the demo (EMPTY=1)."""
    return os.environ.get("EMPTY", "0") not in ("", "0")


def _fill(folder: Path) -> None:
    """Migrate the database and load the township, each where need be; prints the accounts, or how an empty portal is begun."""
    from django.core.management import call_command

    if tables_stand(folder):
        _load()
        return
    with stage("数据表 tables"):
        call_command("migrate", verbosity=0)
    if wanted_empty():
        _load()
    else:
        with stage("演示乡镇 demo township"):
            _load()
    if mark := tables_mark(folder):
        (folder / "tables.stamp").write_text(mark)


def _load() -> None:
    from django.core.management import call_command

    from villages.first_day.services import is_begun

    if not wanted_empty():
        call_command("demo")
    elif is_begun():
        sys.stdout.write("这个门户已经开通，请用各自的账号登录。 This portal has been begun.\n")
    else:
        call_command("begin", address=f"http://127.0.0.1:{os.environ.get('PORT') or 8000}")


def main() -> None:
    """Prepare the data of XIANGZHI_VAR; exit code 1 with a message when that fails."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
    import django
    from django.core.management import CommandError

    from governance import earnest

    earnest.refuse()
    folder = Path(os.environ["XIANGZHI_VAR"])
    django.setup()  # makes the keys, which must not happen in two processes at once
    try:
        with ThreadPoolExecutor(1) as other_core:
            collecting = None if static_stands(folder) else other_core.submit(_collect_static, folder)
            _fill(folder)
            if collecting:  # told only now, since the township tells its stages in pieces of lines
                _tell("网页文件 static files", collecting.result())
    except (CommandError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
