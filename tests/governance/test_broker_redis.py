"""Broker and cache on one Redis server: each keeps to its own database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from django.core.cache import cache

from governance.celery import app
from governance.periods import Kind, Period, today
from moral_bank.closings.services import closing_request
from moral_bank.models import Closing
from processes import poll, stop
from tests.moral_bank.closings.house import ClosingHouse
from tests.worker import ROOT, Worker

LAST_MONTH = Period.of(Kind.MONTH, today()).previous()
SECONDS = 180


def cache_of(**environment: str) -> str:
    """Where the settings put the cache of a portal with this environment."""
    code = "from governance.settings import CACHES; print(CACHES['default']['LOCATION'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("broker", "own", "location"),
    [
        ("redis://broker:6379", "", "redis://broker:6379/1"),
        ("redis://broker/", "", "redis://broker/1"),
        ("redis://:secret@broker:6379/2", "", "redis://:secret@broker:6379/3"),
        ("rediss://broker/0?ssl_cert_reqs=none", "", "rediss://broker/1?ssl_cert_reqs=none"),
        ("rediss://broker/0", "redis://cache/0", "redis://cache/0"),
    ],
)
def test_it_gives_the_cache_the_next_database_or_the_one_it_is_told(broker: str, own: str, location: str) -> None:
    assert cache_of(REDIS_URL=broker, CACHE_REDIS_URL=own) == location


@pytest.mark.django_db(transaction=True)
def test_clearing_the_cache_leaves_queued_tasks_alone() -> None:
    house = ClosingHouse(households=1, rules_from=LAST_MONTH.previous().start)
    app.control.purge()
    for period in (LAST_MONTH, LAST_MONTH.previous()):
        closing_request(village=house.village, period=period)
    cache.set("greeting", "hello")
    cache.clear()
    assert cache.get("greeting") is None
    started = Worker("solo")
    try:
        done = Closing.objects.filter(state="computed", job="idle")
        assert poll(lambda: done.count() == 2, alive=started.alive, seconds=SECONDS)
    finally:
        stop(started.process, signal.SIGTERM)
