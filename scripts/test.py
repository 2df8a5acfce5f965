"""All tests with PostgreSQL, Redis and Chromium at hand: ``make test``, ``make test ARGS="tests/desk -k home"``.

The servers start before pytest does, because Django's settings are read before any conftest. Without arguments the whole
suite runs, in as many processes as there are cores (at most MOST_WORKERS), on copies of a database that is migrated once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from processes import obey_signals, run_command
from services import ServiceError, services
from system import apt_install

ROOT = Path(__file__).resolve().parent.parent
# Chromium without a window of its own starts and draws in two thirds of the time that the whole browser takes.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# The font lets screenshots show Chinese.
FONTS = "fonts-noto-cjk"
MOST_WORKERS = 8
SLOWEST = 30


def chromium() -> str | None:
    """Path of the browser: CHROMIUM of the environment, else this machine's, else Debian's, installed when root."""
    if found := os.environ.get("CHROMIUM") or _installed_browser():
        return found
    installed = apt_install(BROWSERS[0], FONTS) or apt_install(BROWSERS[1], FONTS)
    return _installed_browser() if installed else None


def _installed_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def whole_suite() -> list[str]:
    """How pytest runs everything: a file to a worker, the longest first, and at the end what took longest.

    Two workers a core, since a walk mostly waits for its browser.
    """
    workers = min(2 * (os.cpu_count() or 1), MOST_WORKERS)
    return [f"-n{workers}", "--dist=loadfile", "--no-loadscope-reorder", "-q", f"--durations={SLOWEST}", "--durations-min=1"]


def migrate_once(additions: Mapping[str, str]) -> dict[str, str]:
    """Migrate the servers' own database and a trial mode's folder, at the same time; returns what tests copy them by."""
    var = Path(additions["XIANGZHI_VAR"]) / "migrated"
    var.mkdir()
    given = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    environments = ({**os.environ, **additions}, {**given, "XIANGZHI_VAR": str(var)})
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--skip-checks"]
    started = [subprocess.Popen(command, cwd=ROOT, env=environment) for environment in environments]
    if any([process.wait() for process in started]):
        raise ServiceError("The migrations failed, see above.")
    return {"MIGRATED_DATABASE": additions["DATABASE_URL"].rpartition("/")[2], "MIGRATED_VAR": str(var)}


def main(arguments: list[str]) -> int:
    """Exit code of pytest; 2 when a server or the browser is missing."""
    obey_signals()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # dozens of processes of the same code
    began = time.monotonic()
    browser = chromium()
    if not browser:
        sys.stderr.write(f"Chromium is missing. 缺少浏览器: apt install {BROWSERS[1]} {FONTS}, or set CHROMIUM.\n")
        return 2
    try:
        with services() as additions:
            more = {"CHROMIUM": browser, "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
            # Servers that somebody else runs are not migrated: each worker migrates a test database there.
            if not arguments and "DATABASE_URL" not in os.environ:
                more |= migrate_once(additions)
            command = [sys.executable, "-m", "pytest", *(arguments or whole_suite())]
            code = run_command(command, {**additions, **more})
            print(f"make test: {time.monotonic() - began:.0f} s, servers and migrations included.")
            return code
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
