"""What whoever looks after the portal asks it: does it work, and what stands still."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from governance.accounts import tasks
from governance.accounts.heartbeats import Heartbeat, heartbeat
from governance.celery import app
from governance.periods import Kind, Period, today
from moral_bank.models import Closing
from processes import poll
from tests.builders import make_user
from tests.moral_bank.closings.house import ClosingHouse
from tests.own_redis import own_redis
from tests.worker import worker

LAST_MONTH = Period.of(Kind.MONTH, today()).previous()


def asked(client: Client, query: str = "?deep=1", **headers: str) -> tuple[int, dict[str, Any]]:
    answer = client.get(f"/health/{query}", **headers)  # type: ignore[arg-type]
    return answer.status_code, answer.json() if answer.status_code != 404 else {}


@pytest.mark.django_db
def test_it_says_to_everybody_that_web_and_database_work_and_no_more(client: Client) -> None:
    assert asked(client, "") == (200, {"status": "ok", "web": "ok", "database": "ok"})
    assert client.post("/health/").status_code == 405


@pytest.mark.django_db(transaction=True)
def test_it_is_503_without_its_database(client: Client) -> None:
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = "no_such_database"
    try:
        assert asked(client, "") == (503, {"status": "down", "web": "ok", "database": "down"})
        assert asked(client)[0] == 503
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


@pytest.mark.django_db
def test_it_tells_a_beat_that_stands_still_from_a_worker_that_does(client: Client, settings: Settings) -> None:
    with own_redis() as redis:
        settings.REDIS_URL = redis.url
        heartbeat(sent_at=None)
        status, found = asked(client)
        assert (status, found["worker"], found["beat"], found["broker"], found["queued"]) == (200, "ok", "ok", "ok", 0)
        heartbeat(sent_at=None, at=timezone.now() - timedelta(minutes=4))
        status, found = asked(client)
        assert (status, found["worker"], found["beat"]) == (503, "down", "down")
        app.send_task("accounts.heartbeat")
        assert asked(client)[1]["beat"] == "unknown", "somebody fills the queue: the worker is away"
        redis.stop()
        heartbeat(sent_at=None)
        status, found = asked(client)
        assert (status, found["broker"], found["worker"]) == (503, "down", "ok")


@pytest.mark.django_db
def test_only_an_operator_looks_deeper(client: Client, settings: Settings) -> None:
    client.force_login(make_user("zhangsan"), backend="django.contrib.auth.backends.ModelBackend")
    tasks.beaten()
    settings.OPERATOR_TOKEN = "long-and-secret"
    assert asked(client, REMOTE_ADDR="127.0.0.1")[0] == 200
    assert asked(client, REMOTE_ADDR="10.0.0.7")[0] == 404
    assert asked(client, REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="10.0.0.7")[0] == 404, "a proxy that nobody has named"
    assert asked(client, REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION="Bearer wrong")[0] == 404
    assert asked(client, REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION="Bearer long-and-secret")[0] == 200
    settings.OPERATOR_TOKEN = ""
    assert asked(client, REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION="Bearer ")[0] == 404
    settings.PROXY_COUNT = 1
    assert asked(client, REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="127.0.0.1, 10.0.0.7")[0] == 404
    assert asked(client, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="127.0.0.1")[0] == 200


@pytest.mark.django_db(transaction=True)
def test_a_worker_leaves_its_trace_with_the_time_that_the_message_waited() -> None:
    with worker() as started:
        app.send_task("accounts.heartbeat")
        assert poll(Heartbeat.objects.exists, alive=started.alive, seconds=180)
    beat = Heartbeat.objects.get()
    assert 0 < beat.waited < 60
    heartbeat(sent_at=None)
    assert Heartbeat.objects.count() == 1


@pytest.mark.django_db
def test_it_gives_figures_to_an_operator_who_wants_them(client: Client, settings: Settings) -> None:
    assert client.get("/metrics/", REMOTE_ADDR="127.0.0.1").status_code == 404, "off unless METRICS=1"
    settings.METRICS = True
    assert client.get("/metrics/", REMOTE_ADDR="10.0.0.7").status_code == 404
    closing = ClosingHouse(households=1, rules_from=LAST_MONTH.start).closing(str(LAST_MONTH))
    Closing.objects.filter(pk=closing.pk).update(job="failed")
    heartbeat(sent_at=None)
    text = client.get("/metrics/", REMOTE_ADDR="127.0.0.1").content.decode()
    assert 'xiangzhi_jobs{kind="closing",state="failed"} 1\n' in text and "xiangzhi_background_up 1\n" in text
    for line in text.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) \w+ .+|\w+(\{[\w="., ]+\})? -?[\d.]+', line), line
