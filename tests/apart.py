"""Workers of pytest-xdist kept apart: loaded before the settings (`-p tests.apart`), since those are read only once.

Each worker has a var/ folder and two Redis databases (broker, cache) of its own; pytest-django gives each a database.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

DATABASES_EACH = 2


def keep_apart(worker: str) -> None:
    """Point this process's environment at what belongs to `worker` ("gw0", "gw1", …) alone."""
    folder = Path(os.environ["XIANGZHI_VAR"]) / worker
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["XIANGZHI_VAR"] = str(folder)
    number = DATABASES_EACH * int(worker.removeprefix("gw"))
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl()


if name := os.environ.get("PYTEST_XDIST_WORKER"):
    keep_apart(name)
