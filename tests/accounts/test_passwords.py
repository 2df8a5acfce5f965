"""Passwords that were used before, and those that get too old: wherever a password is set."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client, override_settings
from django.utils import timezone

from governance.accounts.consent import change_agree, change_ask
from governance.accounts.models import AccountRules, PastPassword, User
from governance.accounts.password_models import KEPT, past_passwords_sweep
from governance.accounts.tasks import night
from governance.accounts.users import user_change_password, user_reset_password
from tests.accounts.test_login import change, log_in
from tests.answers import location
from tests.builders import PASSWORD, make_user
from tests.trial import run_in_trial_mode

pytestmark = pytest.mark.django_db
USED = [f"Liuhe-{number}-xin" for number in range(KEPT + 1)]


def used_up(user: User) -> None:
    """PASSWORD and all of USED, the last of which it has now."""
    for password in USED:
        user_change_password(user=user, password=password)


def test_the_last_five_are_refused_on_the_page_and_older_ones_are_not(client: Client) -> None:
    user = make_user("zhangsan")
    used_up(user)
    log_in(client, password=USED[-1])
    for password in USED[:-1]:
        assert "不能用最近用过的 5 个密码" in change(client, password, old=USED[-1]).content.decode(), password
    assert location(change(client, PASSWORD, old=USED[-1])) == "/"


def test_they_are_refused_after_a_reset_and_with_the_code_of_two_halves(client: Client) -> None:
    system, security, audit = (make_user(name, guard=name) for name in ("system", "security", "audit"))
    clerk = make_user("zhangsan")
    first_password = user_reset_password(user=clerk, by=system)
    log_in(client, password=first_password)
    assert "不能用最近用过的" in change(client, PASSWORD, old=first_password).content.decode()
    asked, first = change_ask(kind="reset", target=security, by=system, reason="忘记密码")
    second = change_agree(asked=asked, by=audit)
    sent = {"username": "security", "first": first, "second": second, "password": PASSWORD, "again": PASSWORD}
    answer = Client().post("/password/code/", sent)
    assert answer.status_code == 422 and "不能用最近用过的" in answer.content.decode()


@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
def around() -> list[Any]:
    """What is kept where no service is asked, and whether it can be used again."""
    user = make_user("zhangsan")
    User.objects.filter(pk=user.pk).update(password="!unusable")
    User.objects.filter(pk=user.pk).update(password="another")
    User.objects.filter(pk=user.pk).update(name="张三")
    kept = [check_password(PASSWORD, one.password) for one in PastPassword.objects.filter(user=user)]
    fresh = all(abs(one.at - timezone.now()) < timedelta(minutes=1) for one in PastPassword.objects.all())
    try:
        validate_password(PASSWORD, User.objects.get(pk=user.pk))
    except ValidationError:
        return [kept, fresh, "refused"]
    return [kept, fresh, "taken"]


def test_the_database_keeps_what_is_replaced_whoever_writes_it() -> None:
    assert around() == [[True], True, "refused"]


def test_sqlite_keeps_it_too(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.accounts.test_passwords:around", tmp_path) == [[True], True, "refused"]


def test_older_ones_are_forgotten_at_night() -> None:
    user, other = make_user("zhangsan"), make_user("lisi")
    used_up(user)
    user_change_password(user=user, password="Another-2026x")
    user_change_password(user=other, password="Another-2026y")
    night()
    assert (PastPassword.objects.filter(user=user).count(), PastPassword.objects.filter(user=other).count()) == (KEPT, 1)
    assert past_passwords_sweep() == 0 and not check_password(PASSWORD, PastPassword.objects.filter(user=user).last().password)  # type: ignore[union-attr]


def test_a_password_gets_old_only_where_that_is_asked(client: Client) -> None:
    user = make_user("zhangsan")
    with time_machine.travel(timezone.now() + timedelta(days=400), tick=False):
        log_in(client)
        assert client.get("/inbox/").status_code == 200
        AccountRules.objects.create(password_days=365)
        log_in(old := Client())
        assert location(old.get("/inbox/")) == "/password/"
        assert "用满规定的天数" in old.get("/password/").content.decode()
        assert location(change(old, USED[0])) == "/"
        assert old.get("/inbox/").status_code == 200
    PastPassword.objects.update(at=timezone.now() - timedelta(days=300))
    log_in(young := Client(), password=USED[0])
    assert young.get("/inbox/").status_code == 200 and not User.objects.get(pk=user.pk).must_change_password
