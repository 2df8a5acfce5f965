"""Logging in and out, lock-out, idle exit and first passwords, through the pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from governance.accounts.models import AccessLog, User
from tests.answers import ClientAnswer, location
from tests.builders import PASSWORD, make_user

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)  # nine o'clock in Shanghai
LOGIN = "/login/"


@pytest.fixture
def clerk(db: None) -> User:
    return make_user("zhangsan")


def log_in(client: Client, username: str = "zhangsan", password: str = PASSWORD, **more: str) -> ClientAnswer:
    return client.post(LOGIN, {"username": username, "password": password, **more})


def logged_in(client: Client) -> bool:
    return client.get("/password/").status_code == 200


def kinds() -> list[str]:
    return list(AccessLog.objects.order_by("id").values_list("kind", flat=True))


def said(response: ClientAnswer) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_it_logs_in_and_out(client: Client, clerk: User) -> None:
    assert location(log_in(client)) == "/"
    assert logged_in(client)
    assert client.get("/logout/").status_code == 405
    assert location(client.post("/logout/")) == LOGIN
    assert not logged_in(client)
    assert kinds() == ["login", "logout"]
    assert set(AccessLog.objects.values_list("user", "username", "ip")) == {(clerk.pk, "zhangsan", "127.0.0.1")}


@pytest.mark.parametrize(
    ("given", "followed"), [("/password/", "/password/"), ("https://evil.example/", "/"), ("//evil.example", "/")]
)
def test_it_follows_next_only_within_the_house(client: Client, clerk: User, given: str, followed: str) -> None:
    assert location(log_in(client, next=given)) == followed


def test_it_says_in_chinese_what_is_wrong(client: Client, clerk: User) -> None:
    page = log_in(client, password="wrong-1234").content.decode()
    assert "登录名或密码不对" in page
    page = log_in(client, username="", password="").content.decode()
    assert "请填写登录名" in page and "请填写密码" in page
    failed = AccessLog.objects.get()
    assert (failed.kind, failed.user, failed.username) == ("failed", None, "zhangsan")


def test_it_refuses_a_disabled_account_at_once(client: Client, clerk: User) -> None:
    log_in(client)
    User.objects.update(is_active=False)
    assert not logged_in(client)
    assert log_in(Client()).status_code == 200


def test_it_sends_guards_to_the_admin(client: Client, db: None) -> None:
    make_user("shenji", guard="audit")
    assert location(log_in(client, username="shenji")) == "/admin/"


def test_it_locks_after_five_failures_for_thirty_minutes(client: Client, clerk: User) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        answers = [log_in(client, password="wrong-1234").status_code for _ in range(5)]
        assert answers == [200, 200, 200, 200, 429]
        clock.shift(timedelta(minutes=29))
        locked = log_in(client)
        assert locked.status_code == 429
        assert "锁定 30 分钟" in locked.content.decode()
        assert kinds() == ["failed"] * 5 + ["locked"] * 2
        assert not logged_in(client)
        clock.shift(timedelta(minutes=2))
        assert log_in(client).status_code == 302


def test_it_locks_one_account_and_not_its_neighbour(client: Client, clerk: User) -> None:
    make_user("lisi")
    for _ in range(5):
        log_in(client, password="wrong-1234")
    assert log_in(client, username="lisi").status_code == 302


def test_it_forgets_failures_after_a_success(client: Client, clerk: User) -> None:
    for _ in range(4):
        log_in(client, password="wrong-1234")
    assert log_in(client).status_code == 302
    assert log_in(Client(), password="wrong-1234").status_code == 200


def test_it_tells_callers_apart_behind_a_trusted_proxy(client: Client, clerk: User, settings: Settings) -> None:
    settings.PROXY_COUNT = 1
    for _ in range(5):
        client.post(LOGIN, {"username": "zhangsan", "password": "x"}, headers={"X-Forwarded-For": "6.6.6.6, 154.0.0.1"})
    assert set(AccessLog.objects.values_list("ip", flat=True)) == {"154.0.0.1"}
    assert log_in(client, **{}).status_code == 302


def test_it_logs_out_after_thirty_idle_minutes(client: Client, clerk: User) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        log_in(client)
        for _ in range(3):
            clock.shift(timedelta(minutes=29))
            assert logged_in(client)
        clock.shift(timedelta(minutes=31))
        answer = client.get("/password/?x=1")
        assert location(answer) == "/login/?next=/password/%3Fx%3D1"
        assert "30 分钟没有操作" in client.get(location(answer)).content.decode()
    assert kinds() == ["login", "logout"]


def test_it_counts_idle_minutes_from_the_login_itself(client: Client, clerk: User) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        log_in(client)
        clock.shift(timedelta(minutes=31))
        assert not logged_in(client)


def test_it_tells_htmx_to_leave_the_page_when_idle(client: Client, clerk: User) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        log_in(client)
        clock.shift(timedelta(minutes=31))
        current = {"HX-Request": "true", "HX-Current-URL": "http://testserver/households/?q=1"}
        answer = client.get("/password/", headers=current)
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/login/?next=/households/%3Fq%3D1")


def test_it_writes_the_session_once_a_minute_at_most(client: Client, clerk: User) -> None:
    seen = []
    with time_machine.travel(NINE, tick=False) as clock:
        log_in(client)
        for seconds in (50, 20, 50, 20):
            clock.shift(timedelta(seconds=seconds))
            client.get("/password/")
            seen.append(client.session.get("seen_at", 0) - NINE.timestamp())
    assert seen == [-NINE.timestamp(), 70, 70, 140]


def test_it_opens_nothing_before_the_first_password_is_changed(client: Client, clerk: User) -> None:
    User.objects.update(must_change_password=True)
    log_in(client)
    assert location(client.get("/admin/")) == reverse("accounts:password")
    assert client.get("/admin/", headers={"HX-Request": "true"})["HX-Redirect"] == reverse("accounts:password")
    assert client.get("/no-such-page/").status_code == 404
    assert "初始密码" in client.get("/password/").content.decode()
    key = client.session.session_key
    answer = change(client, "Xingzheng-7788")
    assert location(answer) == "/"
    assert said(answer) == ["密码已修改。"]
    assert logged_in(client) and client.session.session_key != key
    assert client.get("/admin/").status_code == 404
    assert log_in(Client(), password="Xingzheng-7788").status_code == 302


def test_it_lets_nobody_else_keep_a_session_after_the_change(client: Client, clerk: User) -> None:
    other = Client()
    log_in(client)
    log_in(other)
    change(client, "Xingzheng-7788")
    assert logged_in(client) and not logged_in(other)


def test_it_lets_out_who_must_change_the_password(client: Client, clerk: User) -> None:
    User.objects.update(must_change_password=True)
    log_in(client)
    assert location(client.post("/logout/")) == LOGIN


@pytest.mark.parametrize(
    ("new", "complaint"),
    [
        ("ab12", "至少 8"),
        ("abcdefgh", "须同时有字母和数字"),
        ("29384756", "须同时有字母和数字"),
        ("password123", "太常见"),
        ("zhangsan1", "登录名"),
        ("15400000017a", "联系电话"),
        (PASSWORD, "不能和现在的密码相同"),
    ],
)
def test_it_refuses_a_weak_password_in_chinese(client: Client, clerk: User, new: str, complaint: str) -> None:
    User.objects.update(phone="15400000017")
    log_in(client)
    assert complaint in change(client, new).content.decode()
    assert User.objects.get().check_password(PASSWORD)


def test_it_asks_for_the_present_password_and_twice_for_the_new(client: Client, clerk: User) -> None:
    log_in(client)
    page = change(client, "Xingzheng-7788", old="wrong", again="Xingzheng-7789").content.decode()
    assert "现在的密码不对" in page and "两次填写的新密码不一样" in page
    page = client.post("/password/", {}).content.decode()
    assert "请填写现在的密码" in page and "请填写新密码" in page


def change(client: Client, new: str, old: str = PASSWORD, again: str = "") -> ClientAnswer:
    return client.post("/password/", {"old_password": old, "new_password1": new, "new_password2": again or new})
