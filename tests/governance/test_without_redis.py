"""Redis is away, or takes connections and never answers: pages go on, guessing stays slow, and what was asked for is done later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache, caches
from django.test import Client
from django.utils import timezone

from governance.accounts.tallies import Tally, tallies_sweep, tally, tally_of
from governance.caching import CacheAway
from governance.cases.models import Case
from governance.celery import _sender
from governance.frame.slowing import tried, tries
from governance.periods import Kind, Period, today
from moral_bank.closings.services import closing_request, closings_resend
from moral_bank.models import Closing
from processes import poll, stop
from tests.builders import PASSWORD
from tests.cases.house import CaseHouse
from tests.moral_bank.closings.house import ClosingHouse
from tests.own_redis import OwnRedis, own_redis
from tests.worker import Worker

LAST_MONTH = Period.of(Kind.MONTH, today()).previous()
SECONDS = 180
PATIENCE = 5  # seconds that a page may take; one that waited for each of its questions would take longer


@pytest.fixture
def redis() -> Iterator[OwnRedis]:
    with own_redis() as server:
        yield server


@pytest.fixture(params=["stopped", "silent"])
def away(request: pytest.FixtureRequest, redis: OwnRedis) -> OwnRedis:
    """Gone, or there and without an answer."""
    assert tried("before", 60) == 1
    (redis.stop if request.param == "stopped" else redis.pause)()
    return redis


def quickly(ask: Callable[[], int]) -> int:
    began = time.monotonic()
    status = ask()
    assert time.monotonic() - began < PATIENCE
    return status


@pytest.mark.django_db
def test_pages_log_in_and_cases_go_on(away: OwnRedis, client: Client) -> None:
    house = CaseHouse()
    case = house.log("dianfei", client="王某", phone="15400001234")
    for page in ("/public/", f"/public/{house.village.code}/", "/login/"):
        assert quickly(lambda page=page: client.get(page).status_code) == 200  # type: ignore[misc]
    receipt = {"number": case.number, "tail": "1234"}
    assert case.number in client.post("/public/receipt/", receipt).content.decode()
    sent = {"username": house.cast["cadre"].username, "password": PASSWORD}
    assert quickly(lambda: client.post("/login/", sent).status_code) == 302
    assert quickly(lambda: client.get("/").status_code) == 200
    before = Case.objects.count()
    form = {"category": case.category_id, "village": house.village.pk, "text": "路灯不亮"}
    assert quickly(lambda: client.post("/log/", form).status_code) < 500
    house.log("dianfei", client="李某", phone="15400001235")
    assert Case.objects.count() > before


@pytest.mark.django_db
def test_guessing_stays_slow(away: OwnRedis, client: Client) -> None:
    for _ in range(10):
        answer = client.post("/public/receipt/", {"number": "X-2026-00001", "tail": "0000"}, REMOTE_ADDR="10.0.0.9")
        assert answer.status_code < 429
    assert client.post("/public/receipt/", {"number": "X-2026-00001", "tail": "0000"}, REMOTE_ADDR="10.0.0.9").status_code == 429
    wrong = {"username": "nobody", "password": "wrong"}
    answers = [client.post("/api/v1/token/", {**wrong, "username": f"n{number}"}).status_code for number in range(21)]
    assert answers[-1] == 429 and 500 not in answers


@pytest.mark.django_db
def test_it_counts_in_the_cache_again_when_it_is_back(redis: OwnRedis) -> None:
    redis.stop()
    assert [tried("x", 60), tried("x", 60), tries("x")] == [1, 2, 2]
    redis.start()
    assert [tried("x", 60), tries("x")] == [1, 1]
    assert tally_of("x") == 2, "what the database counted stays its own"


def test_after_a_failure_nobody_asks_for_a_while(redis: OwnRedis) -> None:
    redis.pause()
    with pytest.raises(CacheAway):
        caches["counts"].get("x")
    began = time.monotonic()
    for _ in range(50):
        assert cache.get("x", "else") == "else"
        cache.set("x", 1)
        cache.delete("x")
    assert time.monotonic() - began < 0.9


@pytest.mark.django_db
def test_a_tally_counts_within_its_window_and_is_thrown_away_after_it() -> None:
    now = timezone.now()
    assert [tally("x", 60, now), tally("x", 60, now + timedelta(seconds=59)), tally("y", 60, now)] == [1, 2, 1]
    assert tally_of("x", now + timedelta(seconds=59)) == 2 and tally_of("x", now + timedelta(seconds=60)) == 0
    assert tally("x", 60, now + timedelta(seconds=60)) == 1
    assert tally("长" * 500, 60, now) == 1
    assert tallies_sweep(at=now + timedelta(seconds=61)) == 2
    assert list(Tally.objects.values_list("name", flat=True)) == ["x"]


@pytest.mark.django_db(transaction=True)
def test_a_closing_that_was_asked_for_is_done_when_redis_is_back(redis: OwnRedis) -> None:
    house = ClosingHouse(households=2, rules_from=LAST_MONTH.start)
    started = Worker("solo", REDIS_URL=redis.url, CACHE_REDIS_URL="")
    try:
        redis.stop()
        began = time.monotonic()
        closing = closing_request(village=house.village, period=LAST_MONTH)
        assert time.monotonic() - began < 0.9, "nobody waits for a message to be sent"
        _sender.thread.submit(lambda: None).result(SECONDS)
        redis.start()
        _sender.away_until = 0.0
        assert poll(started.answers, alive=started.alive, seconds=SECONDS)
        closing.refresh_from_db()
        assert closing.job == "queued"
        assert closings_resend(timezone.now() + timedelta(seconds=31)) == 1
        done = Closing.objects.filter(pk=closing.pk, state="computed", job="idle")
        assert poll(done.exists, alive=started.alive, seconds=SECONDS)
    finally:
        stop(started.process)
