"""Accounts kept by the system administrator: first passwords, resets, disabling, unlocking; each one logged."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from rest_framework.authtoken.models import Token

from governance.accounts.models import AccessLog, User
from governance.accounts.users import (
    AccountError,
    first_password,
    locked_usernames,
    user_change_password,
    user_create,
    user_disable,
    user_enable,
    user_reset_password,
    user_unlock,
    user_update,
)
from tests.builders import make_cast, make_township, make_user, make_village


@pytest.fixture
def system(db: None) -> User:
    return make_user("xitong", guard="system")


def logged() -> list[str]:
    return list(AccessLog.objects.filter(kind="grant").order_by("id").values_list("detail", flat=True))


def test_it_makes_an_account_with_a_first_password(system: User) -> None:
    user, password = user_create(username="lisi", name="李四", phone="15400000002", by=system)
    assert user.check_password(password) and user.must_change_password and user.is_active
    assert user.actions() == frozenset()
    made, _ = user_create(username="shenji", name="王五", phone="", guard="audit", by=system)
    assert made.guard == "audit"
    assert logged() == ["建立账号 lisi", "建立账号 shenji（审计员）"]
    assert set(AccessLog.objects.values_list("username", flat=True)) == {"xitong"}


def test_it_makes_passwords_that_can_be_read_out() -> None:
    found = {first_password() for _ in range(200)}
    assert len(found) == 200
    assert all(re.fullmatch(r"[a-hjkmnp-z]{4}-[2-9]{4}-[a-hjkmnp-z]{4}", password) for password in found)


@pytest.mark.parametrize(
    "fields",
    [{"username": "li si"}, {"username": "xitong"}, {"name": ""}, {"guard": "system,audit"}],
    ids=["bad name", "taken name", "no name", "two guards"],
)
def test_it_refuses_bad_fields(system: User, fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        user_create(**{"username": "lisi", "name": "李四", "phone": "", **fields}, by=system)
    assert logged() == []


def test_it_resets_a_password_and_ends_what_the_old_one_opened(system: User, client: Client) -> None:
    user = make_user("lisi")
    Token.objects.create(user=user)
    client.force_login(user)
    lock(user)
    password = user_reset_password(user=user, by=system)
    user.refresh_from_db()
    assert user.check_password(password) and user.must_change_password
    assert client.get("/password/").status_code == 302
    assert not Token.objects.exists()
    assert not locked_usernames().exists()
    assert logged() == ["重置账号 lisi 的密码"]


def test_it_ends_tokens_when_the_password_is_changed(db: None) -> None:
    user = make_user("lisi", must_change_password=True)
    Token.objects.create(user=user)
    user_change_password(user=user, password="Xingzheng-7788")
    assert not Token.objects.exists()
    assert not User.objects.get().must_change_password
    assert logged() == ["本人修改密码"]


def test_it_disables_and_enables(system: User) -> None:
    user = make_user("lisi")
    assert not user_disable(user=user, by=system).is_active
    assert not User.objects.get(username="lisi").is_active
    assert user_enable(user=user, by=system).is_active
    assert User.objects.get(username="lisi").is_active
    assert logged() == ["停用账号 lisi", "启用账号 lisi"]


def test_it_changes_name_and_phone_only(system: User) -> None:
    user = make_user("lisi")
    user.guard = "audit"
    user_update(user=user, name="李思", phone="15400000003", by=system)
    user.refresh_from_db()
    assert (user.name, user.phone, user.guard) == ("李思", "15400000003", "")
    assert logged() == ["修改账号 lisi 的姓名或电话"]


def test_it_unlocks(system: User, client: Client) -> None:
    user = make_user("lisi")
    lock(user)
    assert [row["username"] for row in locked_usernames()] == ["lisi"]
    user_unlock(user=user, by=system)
    assert not locked_usernames().exists()
    assert logged() == ["解锁账号 lisi"]


def test_it_counts_failures_an_address_apart(db: None) -> None:
    user = make_user("lisi")
    for address in ("10.0.0.1", "10.0.0.2"):
        lock(user, times=4, REMOTE_ADDR=address)
    assert not locked_usernames().exists()
    lock(user, times=1, REMOTE_ADDR="10.0.0.2")
    assert locked_usernames().exists()


def test_it_lets_nobody_lock_himself_out(system: User) -> None:
    for service in (user_disable, user_reset_password):
        with pytest.raises(AccountError) as refusal:
            service(user=system, by=system)
        assert refusal.value.code == "self"


SERVICES: list[Callable[[User, User], object]] = [
    lambda user, by: user_create(username="wangwu", name="王五", phone="", by=by),
    lambda user, by: user_update(user=user, name="x", phone="", by=by),
    lambda user, by: user_reset_password(user=user, by=by),
    lambda user, by: user_disable(user=user, by=by),
    lambda user, by: user_enable(user=user, by=by),
    lambda user, by: user_unlock(user=user, by=by),
]


@pytest.mark.parametrize("service", SERVICES)
def test_it_obeys_the_system_administrator_alone(db: None, service: Callable[[User, User], object]) -> None:
    township = make_township()
    cast = make_cast(township, make_village(township))
    former = make_user("jiu", guard="system", is_active=False)
    user = make_user("lisi")
    for by in [former, *(holder for duty, holder in cast.items() if duty != "system")]:
        with pytest.raises(AccountError) as refusal:
            service(user, by)
        assert refusal.value.code == "scope"
    assert logged() == []


def test_it_makes_the_first_system_administrator(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "Xingzheng-7788")
    call_command("createsuperuser", username="xitong", name="系统管理员", interactive=False, verbosity=0)
    user = User.objects.get()
    assert user.guard == "system" and user.check_password("Xingzheng-7788") and not user.must_change_password


def lock(user: User, times: int = 5, **extra: Any) -> None:
    for _ in range(times):
        Client().post("/login/", {"username": user.username, "password": "wrong-1234"}, **extra)
