"""A real Celery worker in a process of its own, on the test's database and broker; for tests with committed data.

Starting one takes seconds, so the solo worker is started once and stands by between tests without taking any task.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

from governance.celery import app
from processes import die_with_parent, poll, stop

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 180
QUEUE = "celery"


def celery(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """A Celery program on the test's database, leading its own process group."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return subprocess.Popen(
        [sys.executable, "-m", "celery", "-q", "-A", "governance", *arguments, "--loglevel", "ERROR"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database, **environment},
        start_new_session=True,
        preexec_fn=die_with_parent,
    )


class Worker:
    """A started worker; `process` leads its own process group."""

    def __init__(self, pool: str, **environment: str) -> None:
        self.name = f"test-{os.urandom(4).hex()}@localhost"
        self.process = celery(
            "worker", "--pool", pool, "-c", "1", "-n", self.name, "--without-gossip", "--without-mingle", **environment
        )
        assert poll(self.answers, alive=self.alive, seconds=READY_SECONDS), "the worker does not answer"

    def alive(self) -> bool:
        return self.process.poll() is None

    def answers(self) -> bool:
        return bool(app.control.ping(destination=[self.name], timeout=0.5))

    def kill(self) -> None:
        """kill -9 for the worker and all its children, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stand_by(self) -> None:
        """Take no more tasks, and have none in hand."""
        assert app.control.cancel_consumer(QUEUE, destination=[self.name], reply=True, timeout=READY_SECONDS, limit=1)
        assert poll(self._is_idle, alive=self.alive, seconds=READY_SECONDS), "the worker does not finish"

    def take_tasks(self) -> None:
        assert app.control.add_consumer(QUEUE, destination=[self.name], reply=True, timeout=READY_SECONDS, limit=1)

    def _is_idle(self) -> bool:
        asked = app.control.inspect([self.name], timeout=READY_SECONDS, limit=1)
        active, reserved = asked.active(), asked.reserved()
        return active == reserved == {self.name: []}


_standing: list[Worker] = []


def stop_standing() -> None:
    """End the standing worker, if there is one."""
    while _standing:
        stop(_standing.pop().process, signal.SIGTERM)


@contextmanager
def worker(pool: str = "solo") -> Iterator[Worker]:
    """A worker that takes tasks until the block ends, and finds none to begin with.

    The solo worker is the standing one, unless a test has killed it; a "prefork" is the test's own, and alone: what a worker that
    stands by fetched just before would run without limits of time.
    """
    app.control.purge()
    if pool != "solo":
        stop_standing()
        started = Worker(pool)
        try:
            yield started
        finally:
            stop(started.process, signal.SIGTERM)
        return
    if _standing and not _standing[0].alive():
        _standing.clear()
    if _standing:
        _standing[0].take_tasks()
    else:
        _standing.append(Worker(pool))
    yield _standing[0]
    if _standing[0].alive():
        _standing[0].stand_by()


@contextmanager
def beat(folder: Path, **environment: str) -> Iterator[None]:
    """A beat with its schedule file in `folder`; its intervals come from the environment."""
    started = celery("beat", "--schedule", str(folder / "beat"), "--pidfile", "", **environment)
    try:
        yield
    finally:
        stop(started, signal.SIGTERM)
