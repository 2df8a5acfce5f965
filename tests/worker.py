"""A real Celery worker in a process of its own, on the test's database and broker; for tests with committed data."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from governance.celery import app
from processes import die_with_parent, poll, stop

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 60


def celery(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """A Celery program on the test's database, leading its own process group."""
    url = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))
    return subprocess.Popen(
        [sys.executable, "-m", "celery", "-q", "-A", "governance", *arguments, "--loglevel", "ERROR"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database, **environment},
        start_new_session=True,
        preexec_fn=die_with_parent,
    )


class Worker:
    """A started worker; `process` leads its own process group."""

    def __init__(self, pool: str) -> None:
        self.name = f"test-{os.urandom(4).hex()}@localhost"
        self.process = celery(
            "worker", "--pool", pool, "-c", "1", "-n", self.name, "--without-gossip", "--without-mingle"
        )

    def alive(self) -> bool:
        return self.process.poll() is None

    def answers(self) -> bool:
        return bool(app.control.ping(destination=[self.name], timeout=0.5))

    def kill(self) -> None:
        """kill -9 for the worker and all its children, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def worker(pool: str = "solo") -> Iterator[Worker]:
    """Start a worker with nothing to do, and end it with the block."""
    app.control.purge()
    started = Worker(pool)
    try:
        assert poll(started.answers, alive=started.alive, seconds=READY_SECONDS), "the worker does not answer"
        yield started
    finally:
        stop(started.process, signal.SIGTERM)


@contextmanager
def beat(folder: Path, **environment: str) -> Iterator[None]:
    """A beat with its schedule file in `folder`; its intervals come from the environment."""
    started = celery("beat", "--schedule", str(folder / "beat"), "--pidfile", "", **environment)
    try:
        yield
    finally:
        stop(started, signal.SIGTERM)
