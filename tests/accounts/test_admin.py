"""The admin's door, the accounts' pages and the log's page."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import openpyxl
import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from tests.answers import ClientAnswer, location, streamed, the
from tests.builders import make_cast, make_township, make_user, make_village

USERS = "/admin/accounts/user/"
LOGS = "/admin/accounts/accesslog/"


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    township = make_township()
    return make_cast(township, make_village(township))


def test_it_sends_the_anonymous_to_our_login_page(client: Client, db: None) -> None:
    assert location(client.get("/admin/")) == "/login/?next=/admin/"
    assert location(client.get(USERS + "?q=1")) == f"/login/?next={USERS}%3Fq%3D1"
    assert location(client.get("/admin/login/?next=/admin/x/")) == "/login/?next=/admin/x/"
    assert client.get("/admin/logout/").status_code == 302


def test_it_opens_for_those_with_business_there(client: Client, cast: dict[str, User]) -> None:
    answers = {}
    for name, user in cast.items():
        client.force_login(user)
        answers[name] = [client.get(page).status_code for page in ("/admin/", USERS, USERS + "add/", LOGS)]
    expected = {name: [404, 404, 404, 404] for name in cast} | {
        "staff": [200, 404, 404, 404],
        "system": [200, 200, 200, 404],
        "security": [200, 404, 404, 404],
        "audit": [200, 404, 404, 200],
    }
    assert answers == expected


def test_it_sends_its_own_password_page_to_ours(client: Client, cast: dict[str, User]) -> None:
    client.force_login(cast["system"])
    assert location(client.get("/admin/password_change/")) == "/password/"
    assert location(client.post("/admin/logout/")) == "/login/"


def act(client: Client, action: str, *users: User) -> str:
    chosen = {"action": action, "_selected_action": [user.pk for user in users]}
    return client.post(USERS, chosen, follow=True).content.decode()


def test_it_acts_in_one_order_whatever_the_lists(client: Client, cast: dict[str, User]) -> None:
    client.force_login(cast["system"])
    users = sorted((cast[role] for role in ("cadre", "staff", "secretary")), key=lambda user: user.pk)
    for order in ("1", "-1"):
        chosen = {"action": "disable", "_selected_action": [user.pk for user in users]}
        page = client.post(f"{USERS}?o={order}", chosen, follow=True).content.decode()
        assert re.findall(r"(\S+)：已停用", page) == [user.username for user in users]
        User.objects.update(is_active=True)


def test_it_exports_no_log_of_a_wrong_filter(client: Client, cast: dict[str, User]) -> None:
    client.force_login(cast["audit"])
    answer = client.get(f"{LOGS}export/?anything=1", follow=True)
    assert answer.redirect_chain == [(LOGS, 302)] and "筛选条件有误，没有导出" in answer.content.decode()


def test_it_adds_an_account_and_shows_the_first_password_once(client: Client, cast: dict[str, User]) -> None:
    client.force_login(cast["system"])
    fields = {"username": "lisi", "name": "李四", "phone": "15400000002", "guard": ""}
    page = client.post(USERS + "add/", fields, follow=True).content.decode()
    found = re.search(r"初始密码：(\S+)", page)
    assert found
    user = User.objects.get(username="lisi")
    assert user.check_password(found[1]) and user.must_change_password
    assert found[1] not in client.get(USERS).content.decode()
    assert AccessLog.objects.filter(kind="grant", detail="建立账号 lisi").count() == 1
    taken = client.post(USERS + "add/", fields).content.decode()
    assert "这个登录名已有人使用" in taken


def test_it_changes_neither_login_name_nor_guard_later(client: Client, cast: dict[str, User]) -> None:
    client.force_login(cast["system"])
    own = cast["cadre"]
    page = client.get(f"{USERS}{own.pk}/change/").content.decode()
    assert 'name="name"' in page and 'name="username"' not in page and 'name="guard"' not in page
    fields = {"username": "x", "name": "新名", "phone": "", "guard": "audit", "password": "x", "is_active": ""}
    assert client.post(f"{USERS}{own.pk}/change/", fields).status_code == 302
    changed = User.objects.get(pk=own.pk)
    assert (changed.username, changed.guard, changed.name) == (own.username, "", "新名")
    assert changed.password == own.password and changed.is_active


def test_it_resets_disables_enables_and_unlocks(client: Client, cast: dict[str, User]) -> None:
    client.force_login(cast["system"])
    first, second = make_user("lisi"), make_user("wangwu")
    shown = re.findall(r"（(\w+)）的初始密码：(\S+)", act(client, "reset_password", first, second))
    assert {name: User.objects.get(username=name).check_password(password) for name, password in shown} == {
        "lisi": True,
        "wangwu": True,
    }
    assert "lisi：已停用" in act(client, "disable", first)
    assert not User.objects.get(pk=first.pk).is_active
    assert "lisi：已启用" in act(client, "enable", first)
    assert User.objects.get(pk=first.pk).is_active
    for _ in range(5):
        Client().post("/login/", {"username": "lisi", "password": "wrong-1234"})
    assert locked(client) == {"lisi"}
    assert "lisi：已解锁" in act(client, "unlock", first)
    assert locked(client) == set()


def locked(client: Client) -> set[str]:
    return {user.username for user in client.get(USERS).context["cl"].result_list if user.locked}


def test_it_tells_a_refusal_and_goes_on_with_the_others(client: Client, cast: dict[str, User]) -> None:
    client.force_login(cast["system"])
    page = act(client, "disable", cast["system"], make_user("lisi"))
    assert "不能停用自己的账号" in page and "lisi：已停用" in page
    assert User.objects.get(pk=cast["system"].pk).is_active


def test_it_hides_what_is_not_there_and_deletes_nothing(client: Client, cast: dict[str, User]) -> None:
    client.force_login(cast["system"])
    for page in (f"{USERS}999999/change/", f"{USERS}999999/history/", f"{USERS}{cast['staff'].pk}/delete/"):
        assert client.get(page).status_code == 404
    assert client.get(f"{USERS}{cast['staff'].pk}/history/").status_code == 200
    answer = client.post(USERS, {"action": "delete_selected", "_selected_action": [cast["staff"].pk]})
    assert answer.status_code == 302 and User.objects.filter(pk=cast["staff"].pk).exists()


def test_it_lists_accounts_without_a_query_each(
    client: Client, cast: dict[str, User], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(cast["system"])
    client.get(USERS)
    with django_assert_max_num_queries(9):
        client.get(USERS)


def workbook(answer: ClientAnswer) -> list[tuple[object, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(streamed(answer))).active
    return list(sheet.iter_rows(values_only=True))


def test_it_exports_the_log_as_filtered(client: Client, cast: dict[str, User]) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 17, tzinfo=UTC), tick=False):
        access_log(AccessLog.Kind.EXPORT, user=cast["staff"], detail="=台账")
        access_log(AccessLog.Kind.REVEAL, user=cast["staff"], detail="身份证号")
    client.force_login(cast["audit"])
    page = client.get(LOGS + "?kind__exact=export")
    assert "export/?kind__exact=export" in page.content.decode()
    rows = workbook(client.get(LOGS + "export/?kind__exact=export"))
    assert rows[1] == ("时间", "类别", "登录名", "姓名", "来源地址", "页面", "内容")
    assert [(row[1], row[2], row[6]) for row in rows[2:]] == [("导出", cast["staff"].username, "=台账")]
    assert "2026-03-02 01:00" in str(rows[2][0])
    written = the(AccessLog.objects.order_by("id").last())
    assert (written.kind, written.user, written.detail) == ("export", cast["audit"], "访问日志 1 行")


def test_it_exports_to_the_auditor_alone(client: Client, cast: dict[str, User]) -> None:
    for name, user in cast.items():
        client.force_login(user)
        assert client.get(LOGS + "export/").status_code == (200 if name == "audit" else 404)


def test_it_changes_no_row_of_the_log(client: Client, cast: dict[str, User]) -> None:
    access_log(AccessLog.Kind.REVEAL, user=cast["staff"])
    client.force_login(cast["audit"])
    row = AccessLog.objects.order_by("id").first()
    assert row is not None
    for page in (f"{LOGS}add/", f"{LOGS}{row.pk}/delete/"):
        assert client.get(page).status_code == 404
    assert client.post(f"{LOGS}{row.pk}/change/", {"detail": "x"}).status_code == 404
    assert client.get(LOGS + "?at__year=2026").status_code == 200
