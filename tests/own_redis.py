"""A Redis of a test's own, which may be stopped and started again at the same address; cache and broker of the test are moved to it."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import override_settings
from kombu import pools
from redis import Redis, RedisError

from governance import caching
from governance.celery import app
from processes import die_with_parent, poll, stop
from services import free_port, local_redis, wheel_redis

SECONDS = 180


class OwnRedis:
    """In memory only, so that a restart is a FLUSHALL too."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        program = local_redis() or wheel_redis()
        command = [str(program), "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            command, cwd=tempfile.gettempdir(), stdout=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent
        )
        assert poll(self.answers, alive=lambda: self.process.poll() is None, seconds=SECONDS)
        caching._away_until.clear()

    def answers(self) -> bool:
        try:
            return bool(Redis.from_url(self.url).ping())
        except RedisError:
            return False

    def stop(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        stop(self.process, signal.SIGTERM)

    def pause(self) -> None:
        """It takes connections and never answers."""
        self.process.send_signal(signal.SIGSTOP)


def caches_at(url: str) -> dict[str, Any]:
    options = {"LOCATION": url.removesuffix("0") + "1", "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1}}
    return {
        "default": {"BACKEND": "governance.caching.ForgivingCache", **options},
        "counts": {"BACKEND": "governance.caching.StrictCache", **options},
    }


@contextmanager
def own_redis() -> Iterator[OwnRedis]:
    """Cache and broker of this process stand on the test's own Redis until the block ends."""
    server, usual = OwnRedis(), app.conf.broker_url
    _send_to(server.url)
    try:
        with override_settings(CACHES=caches_at(server.url)):
            yield server
    finally:
        _send_to(usual)
        server.stop()
        caching._away_until.clear()


def _send_to(url: str) -> None:
    from governance.celery import _sender

    _sender.thread.submit(lambda: None).result()  # what was handed over before goes where it was meant for
    celery: Any = app
    pools.reset()
    celery.amqp._producer_pool = celery._pool = None  # as Celery does after a fork
    app.conf.update(broker_url=url, broker_read_url=None, broker_write_url=None)
    _sender.away_until = 0.0
