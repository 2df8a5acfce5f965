"""The access log: what gets in, who reads it, and that nothing gets out of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from governance.accounts import tasks
from governance.accounts.log import access_log, client_ip
from governance.accounts.models import AccessLog
from tests.builders import make_cast, make_township, make_user, make_village

KEPT = {
    "update": "UPDATE accounts_accesslog SET detail = 'x'",
    "delete": "DELETE FROM accounts_accesslog",
    "unknown kind": "INSERT INTO accounts_accesslog (at, kind, username, path, detail) "
    "VALUES (CURRENT_TIMESTAMP, 'other', '', '', '')",
}


def refused(statement: str) -> bool:
    """Whether the database refuses `statement`; nothing of it stays either way."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize("name", KEPT)
def test_it_refuses_sql_around_the_code(db: None, name: str) -> None:
    access_log(AccessLog.Kind.EXPORT, user=make_user("zhangsan"), detail="台账")
    assert refused(KEPT[name])


def test_it_refuses_truncate(transactional_db: None) -> None:
    access_log(AccessLog.Kind.EXPORT, user=make_user("zhangsan"))
    refusal = pytest.raises(DatabaseError, match="访问日志只增不改")
    with connection.cursor() as cursor, refusal, transaction.atomic():
        cursor.execute("TRUNCATE accounts_accesslog CASCADE")
    assert AccessLog.objects.count() == 1


def test_it_shows_the_log_to_the_auditor_alone(db: None) -> None:
    township = make_township()
    cast = make_cast(township, make_village(township))
    access_log(AccessLog.Kind.EXPORT, user=cast["staff"])
    readers = {name for name, user in cast.items() if AccessLog.objects.visible_to(user).exists()}
    assert readers == {"audit"}


def test_it_stores_what_no_database_likes(rf: RequestFactory, db: None) -> None:
    request = rf.get("/public/" + "长" * 300 + "/")
    request.user = make_user("zhangsan")
    request.path = "/a\0b" + request.path
    access_log(AccessLog.Kind.DENIED, request=request, detail="详" * 300)
    row = AccessLog.objects.get()
    assert row.path.startswith("/a\N{REPLACEMENT CHARACTER}b/public/")
    assert (len(row.path), len(row.detail)) == (200, 200)


@pytest.mark.parametrize(
    ("count", "forwarded", "found"),
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6, 7.7.7.7", "7.7.7.7"),
        (2, "5.5.5.5, 6.6.6.6, 7.7.7.7", "6.6.6.6"),
        (2, "7.7.7.7", "127.0.0.1"),
        (1, "not an address", None),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_it_believes_only_trusted_proxies(
    rf: RequestFactory, settings: Settings, count: int, forwarded: str, found: str | None
) -> None:
    settings.PROXY_COUNT = count
    assert client_ip(rf.get("/", headers={"X-Forwarded-For": forwarded})) == found


def test_it_logs_denials_but_not_mistyped_addresses(client: Client, db: None) -> None:
    user = make_user("zhangsan")
    client.get("/admin/accounts/user/")
    client.force_login(user)
    assert client.get("/admin/accounts/user/").status_code == 404
    assert client.get("/no-such-page/").status_code == 404
    assert client.get("/admin/no-such-page/").status_code == 404
    denied = AccessLog.objects.get(kind="denied")
    assert (denied.user, denied.path, denied.detail) == (user, "/admin/accounts/user/", "GET 404")


def test_it_logs_a_forged_form(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("zhangsan"))
    assert client.post("/password/").status_code == 403
    assert AccessLog.objects.get(kind="denied").detail == "POST 403"


@pytest.mark.django_db
def test_the_night_throws_away_sessions_that_are_over() -> None:
    for key, days in (("over", -1), ("lasting", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + timedelta(days=days))
    tasks.night()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["lasting"]
