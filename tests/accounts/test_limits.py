"""Limits that no patience gets around: of a session, of names from one address, of numbers shown; and whose address the log has."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from governance.accounts.models import AccessLog, Message, User
from tests.accounts.test_login import NINE, log_in, logged_in
from tests.answers import location
from tests.builders import PASSWORD, make_user
from tests.pages import Desk
from villages.models import Resident

pytestmark = pytest.mark.django_db
OUTSIDE = {"X-Forwarded-For": "6.6.6.6, 154.0.0.1"}


def test_a_session_ends_twelve_hours_after_the_password_however_busy(client: Client) -> None:
    make_user("zhangsan")
    thief = Client()
    with time_machine.travel(NINE, tick=False) as clock:
        log_in(client)
        thief.cookies = client.cookies
        for _ in range(36):
            clock.shift(timedelta(minutes=20))
            assert logged_in(client) and logged_in(thief)
        clock.shift(timedelta(minutes=1))
        answer = thief.get("/password/")
        assert "登录已满 12 小时" in thief.get(location(answer)).content.decode()
        assert not logged_in(client)


def test_the_password_begins_the_session_s_hours_anew(client: Client) -> None:
    make_user("zhangsan")
    with time_machine.travel(NINE, tick=False) as clock:
        log_in(client)
        for _ in range(24):
            clock.shift(timedelta(minutes=29))
            logged_in(client)
        client.post("/logout/")
        log_in(client)
        for _ in range(24):
            clock.shift(timedelta(minutes=29))
            assert logged_in(client)


def test_a_session_that_does_not_say_when_it_began_has_ended(client: Client) -> None:
    make_user("zhangsan")
    log_in(client)
    session = client.session
    del session["began_at"]
    session.save()
    assert not logged_in(client)


def test_many_names_from_one_address_are_stopped_and_other_addresses_are_not(client: Client, settings: Settings) -> None:
    settings.PROXY_COUNT, settings.NAMES_PER_ADDRESS = 1, 4
    make_user("zhangsan")
    sent = {"password": "Guessed-2026"}
    answers = [client.post("/login/", {**sent, "username": f"name{number}"}, headers=OUTSIDE).status_code for number in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    stopped = client.post("/login/", {"username": "zhangsan", "password": PASSWORD}, headers={"X-Forwarded-For": "7.7.7.7, 154.0.0.1"})
    assert stopped.status_code == 429 and "4 个登录名没有登录成功" in stopped.content.decode()
    token = client.post("/api/v1/token/", {"username": "zhangsan", "password": PASSWORD}, headers=OUTSIDE)
    assert token.status_code == 429 and "4 个登录名" in token.json()["detail"]
    elsewhere = {"X-Forwarded-For": "154.0.0.1, 154.0.0.2"}
    assert client.post("/login/", {"username": "zhangsan", "password": PASSWORD}, headers=elsewhere).status_code == 302


def test_a_forged_address_does_not_pass_the_token_s_throttle(client: Client, settings: Settings) -> None:
    cache.clear()
    settings.PROXY_COUNT, settings.NAMES_PER_ADDRESS = 1, 1000
    forged = [
        client.post("/api/v1/token/", {"username": "x", "password": ""}, headers={"X-Forwarded-For": f"9.9.9.{number}, 154.0.0.1"})
        for number in range(21)
    ]
    assert [answer.status_code for answer in forged] == [400] * 20 + [429]
    other = client.post("/api/v1/token/", {"username": "x", "password": ""}, headers={"X-Forwarded-For": "9.9.9.9, 154.0.0.2"})
    assert other.status_code == 400


def test_numbers_are_shown_twenty_times_an_hour_and_the_auditor_is_told_once(client: Client) -> None:
    desk = Desk()
    resident = Resident.objects.get()
    auditor = User.objects.get(guard="audit")
    address = f"/residents/{resident.pk}/reveal/"
    with time_machine.travel(NINE, tick=False) as clock:
        client.force_login(desk.cast["cadre"], backend="django.contrib.auth.backends.ModelBackend")
        for _ in range(20):
            assert "最多查看" not in client.post(address).content.decode()
        for _ in range(3):
            assert "一小时内最多查看 20 个完整身份证号" in client.post(address).content.decode()
        assert AccessLog.objects.filter(kind="reveal").count() == 20
        message = Message.objects.get(user=auditor)
        assert desk.cast["cadre"].username in message.text and message.link.startswith("/admin/accounts/accesslog/")
        clock.shift(timedelta(minutes=61))
        client.force_login(desk.cast["cadre"], backend="django.contrib.auth.backends.ModelBackend")
        assert "最多查看" not in client.post(address).content.decode()


def test_rows_that_a_service_writes_deep_within_have_the_caller_s_address(client: Client) -> None:
    system = make_user("xitong", guard="system")
    log_in(client, "xitong")
    clerk = make_user("lisi")
    client.post("/admin/accounts/user/", {"action": "disable", "_selected_action": [clerk.pk]})
    row = AccessLog.objects.get(kind="grant")
    assert (row.ip, row.path, row.user) == ("127.0.0.1", "/admin/accounts/user/", system)
    assert not AccessLog.objects.filter(ip=None).exists()
