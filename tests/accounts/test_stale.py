"""Accounts that nobody logs in to: told, locked, unlocked; never the last of 三员, never anything but the log-in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from governance.accounts.consent import ConsentError, change_ask
from governance.accounts.models import AccessLog, AccountRules, GuardRequest, Message, StaleAccount, User
from governance.accounts.stale.services import stale_watch
from governance.accounts.tasks import stale
from tests.accounts.test_log import refused
from tests.accounts.test_login import log_in, logged_in
from tests.answers import location, streamed
from tests.builders import PASSWORD, make_township, make_user, make_village
from tests.pages import queries
from tests.trial import run_in_trial_mode
from villages.models import Post

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/staleaccount/"
LONG, FORTNIGHT = timedelta(days=181), timedelta(days=14)


def unused(*names: str) -> None:
    User.objects.filter(username__in=names).update(last_login=timezone.now() - LONG)


def told_long_ago() -> None:
    StaleAccount.objects.update(noticed_at=timezone.now() - FORTNIGHT)


def test_the_holder_is_told_and_locked_a_fortnight_later(client: Client) -> None:
    cadre = make_user("ganbu", "cadre", make_village(make_township()))
    make_user("xin")
    unused("ganbu")
    assert stale() == 0 and list(StaleAccount.objects.values_list("user__username", flat=True)) == ["ganbu"]
    assert "180 天没有登录" in Message.objects.get(user=cadre).text
    assert stale_watch() == 0 and Message.objects.count() == 1
    told_long_ago()
    assert (stale_watch(), stale_watch()) == (1, 0)
    refusal = log_in(client, "ganbu")
    assert "已经锁定。请系统管理员解锁" in refusal.content.decode() and not logged_in(client)
    token = client.post("/api/v1/token/", {"username": "ganbu", "password": PASSWORD})
    assert token.status_code == 401 and "锁定" in token.json()["detail"]
    cadre.refresh_from_db()
    assert cadre.is_active and Post.objects.filter(user=cadre, ended_on=None).exists()
    assert AccessLog.objects.get(kind="locked").username == "ganbu"


def test_a_log_in_ends_it(client: Client) -> None:
    make_user("ganbu")
    unused("ganbu")
    stale_watch()
    assert location(log_in(client, "ganbu")) == "/" and not StaleAccount.objects.exists()
    assert stale_watch() == 0 and not StaleAccount.objects.exists()


def test_who_never_came_counts_from_the_day_the_account_was_made() -> None:
    make_user("xin")
    with time_machine.travel(timezone.now() + LONG):
        stale_watch()
    assert StaleAccount.objects.get().user.username == "xin"


def test_zero_days_are_never(client: Client) -> None:
    make_user("ganbu")
    unused("ganbu")
    stale_watch()
    AccountRules.objects.create(stale_days=0)
    told_long_ago()
    assert stale_watch() == 0 and StaleAccount.objects.get().noticed_at is None


def test_the_system_administrator_sees_filters_exports_and_unlocks(client: Client) -> None:
    system = make_user("xitong", guard="system", name="何平")
    make_user("jiu"), make_user("geng")
    unused("jiu", "geng")
    stale_watch()
    StaleAccount.objects.filter(user__username="jiu").update(noticed_at=timezone.now() - FORTNIGHT)
    stale_watch()
    log_in(client, "xitong")
    page = client.get(LIST).content.decode()
    assert "jiu" in page and "geng" in page and "已锁定" in page
    locked = client.get(f"{LIST}?state=locked").content.decode()
    assert "jiu" in locked and ">geng<" not in locked
    sheet = client.get(f"{LIST}export/?state=locked")
    assert streamed(sheet)[:2] == b"PK" and "久未登录的账号 1 行" in AccessLog.objects.get(kind="export").detail
    row = StaleAccount.objects.get(user__username="jiu")
    assert "jiu：已解锁" in client.post(LIST, {"action": "unlock", "_selected_action": [row.pk]}, follow=True).content.decode()
    assert stale_watch() == 0 and StaleAccount.objects.filter(user__username="jiu").get().noticed_at is None, "its days begin anew"
    assert location(log_in(Client(), "jiu")) == "/"
    assert "解锁账号 jiu" in AccessLog.objects.filter(user=system, kind="grant").latest("pk").detail


def test_a_longer_list_costs_no_more_statements(client: Client) -> None:
    system = make_user("xitong", guard="system")

    def grow(number: int) -> None:
        users = [make_user(f"jiu{number}-{one}") for one in range(number)]
        StaleAccount.objects.bulk_create([StaleAccount(user=user, noticed_at=timezone.now()) for user in users])

    grow(1)
    few = queries(client, system, LIST)
    grow(9)
    assert queries(client, system, LIST) == few


def agreed_to_disable(username: str) -> None:
    """A request that was asked for and agreed to around the services, which refuse it: the last one's own trigger stands alone."""
    now, people = timezone.now(), User.objects.in_bulk(["xitong", "shenji", username], field_name="username")
    asked = GuardRequest.objects.create(
        kind="disable", target=people[username], reason="x", asked_by=people["xitong"], asked_at=now, expires_at=now + timedelta(days=1)
    )
    GuardRequest.objects.filter(pk=asked.pk).update(state="agreed", answered_by=people["shenji"], answered_at=now)


def outcomes() -> dict[str, Any]:
    """The last auditor is told, not locked; not even around the code; and who can log in is not switched off beside a locked one."""
    for name, guard in (("xitong", "system"), ("shenji", "audit"), ("anquan", "security"), ("anquan2", "security")):
        make_user(name, guard=guard)
    unused("shenji", "anquan2")
    stale_watch()
    told_long_ago()
    lock = "UPDATE accounts_staleaccount SET locked_at = noticed_at WHERE user_id = (SELECT id FROM accounts_user WHERE username = '{}')"
    insert = "INSERT INTO accounts_staleaccount (user_id, noticed_at, locked_at) SELECT id, created_at, created_at FROM accounts_user"
    agreed_to_disable("anquan")
    return {
        "locked": stale_watch(),
        "who": list(StaleAccount.objects.exclude(locked_at=None).values_list("user__username", flat=True)),
        "last auditor": refused(lock.format("shenji")),
        "last system administrator": refused(f"{insert} WHERE username = 'xitong'"),
        "the other security administrator": refused(f"{insert} WHERE username = 'anquan'"),
        "untold": refused("UPDATE accounts_staleaccount SET noticed_at = NULL"),
        "switched off": refused("UPDATE accounts_user SET is_active = (1 = 0) WHERE username = 'anquan'"),
    }


DECIDED = {"locked": 1, "who": ["anquan2"]} | dict.fromkeys(
    ("last auditor", "last system administrator", "the other security administrator", "untold", "switched off"), True
)


def test_one_of_each_kind_of_guard_can_always_log_in() -> None:
    assert outcomes() == DECIDED


def test_one_of_each_kind_can_on_sqlite(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.accounts.test_stale:outcomes", tmp_path) == DECIDED


def test_two_guards_do_not_switch_off_the_last_one_who_can_log_in() -> None:
    outcomes()
    by, target = User.objects.get(username="xitong"), User.objects.get(username="anquan")
    with pytest.raises(ConsentError, match="至少要有一个"):
        change_ask(kind="disable", target=target, by=by, reason="离岗")
