"""All tests with PostgreSQL, Redis and Chromium at hand: ``make test``, ``make test ARGS="tests/desk -k home"``.

The servers start before pytest does, because Django's settings are read before any conftest.
"""

from __future__ import annotations

import os
import shutil
import sys

from processes import obey_signals, run_command
from services import ServiceError, services
from system import apt_install

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The font lets screenshots show Chinese.
BROWSER_PACKAGES = ("chromium", "fonts-noto-cjk")


def chromium() -> str | None:
    """Path of the browser: CHROMIUM of the environment, else this machine's, else Debian's, installed when root."""
    given = os.environ.get("CHROMIUM")
    return given or _installed_browser() or (_installed_browser() if apt_install(*BROWSER_PACKAGES) else None)


def _installed_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def main(arguments: list[str]) -> int:
    """Exit code of pytest; 2 when a server or the browser is missing."""
    obey_signals()
    browser = chromium()
    if not browser:
        sys.stderr.write(f"Chromium is missing. 缺少浏览器: apt install {' '.join(BROWSER_PACKAGES)}, or set CHROMIUM.\n")
        return 2
    try:
        with services() as additions:
            more = {"CHROMIUM": browser, "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
            return run_command([sys.executable, "-m", "pytest", *arguments], {**additions, **more})
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
