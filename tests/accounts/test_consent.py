"""三员 stay three: whatever touches one of their accounts is asked by one, agreed to by another, and the database knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.authtoken.models import Token

from governance.accounts.consent import (
    ConsentError,
    change_agree,
    change_ask,
    change_refuse,
    change_withdraw,
    code_use,
    requests_expire,
)
from governance.accounts.models import AccessLog, GuardRequest, Message, User
from governance.accounts.users import (
    AccountError,
    first_passwords,
    user_create,
    user_disable,
    user_enable,
    user_open,
    user_reset_password,
    user_update,
)
from tests.accounts.test_log import refused
from tests.accounts.test_login import NINE, log_in, logged_in
from tests.answers import ClientAnswer
from tests.builders import PASSWORD, make_user
from tests.trial import run_in_trial_mode

pytestmark = pytest.mark.django_db
NEW = "Liuhe-7788-xin"
Three = dict[str, User]


@pytest.fixture
def three() -> Three:
    return {guard: make_user(guard, guard=guard, name=name) for guard, name in THREE.items()}


THREE = {"system": "何平", "security": "罗静", "audit": "苏宁"}


def ask(three: Three, kind: str = "reset", target: str = "security", by: str = "system", **more: Any) -> tuple[GuardRequest, str]:
    return change_ask(kind=kind, target=three[target], by=three[by], reason="忘记密码", **more)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown_half(answer: ClientAnswer) -> str:
    (half,) = re.findall(r'class="secret">([a-z2-9]{4}-[a-z2-9]{4})<', answer.content.decode())
    return str(half)


ALONE: dict[str, Callable[[Three], object]] = {
    "reset": lambda three: user_reset_password(user=three["security"], by=three["system"]),
    "disable": lambda three: user_disable(user=three["audit"], by=three["system"]),
    "enable": lambda three: user_enable(user=three["audit"], by=three["system"]),
    "phone": lambda three: user_update(user=three["security"], name="罗静", phone="15400000001", by=three["system"]),
    "own phone": lambda three: user_update(user=three["system"], name="何平", phone="15400000001", by=three["system"]),
    "a second auditor": lambda three: user_create(username="x", name="x", phone="", guard="audit", by=three["system"]),
    "a second auditor by sheet": lambda three: user_open(username="x", name="x", phone="", guard="audit", by=three["system"]),
}


@pytest.mark.parametrize("name", ALONE)
def test_the_system_administrator_does_nothing_to_the_others_alone(three: Three, name: str) -> None:
    before = list(User.objects.values())
    with pytest.raises(AccountError, match="另一位三员同意"):
        ALONE[name](three)
    assert list(User.objects.values()) == before


def test_first_passwords_are_never_printed_for_a_guard_who_had_one(three: Three) -> None:
    User.objects.update(must_change_password=True, last_login=None)
    clerk = make_user("lisi", must_change_password=True)
    assert [user for user, _ in first_passwords(again=True, by=three["system"])] == [clerk]


SQL = {
    "a password": "UPDATE accounts_user SET password = 'x', must_change_password = {true} WHERE username = 'security'",
    "a phone": "UPDATE accounts_user SET phone = '15400000009' WHERE username = 'security'",
    "a name": "UPDATE accounts_user SET name = '王五' WHERE username = 'security'",
    "a login name": "UPDATE accounts_user SET username = 'x' WHERE username = 'security'",
    "off": "UPDATE accounts_user SET is_active = {false} WHERE username = 'second'",
    "another kind": "UPDATE accounts_user SET guard = 'audit' WHERE username = 'security'",
    "no guard any more": "UPDATE accounts_user SET guard = '' WHERE username = 'security'",
    "a clerk becomes a second auditor": "UPDATE accounts_user SET guard = 'audit' WHERE username = 'clerk'",
    "gone": "DELETE FROM accounts_user WHERE username = 'second'",
    "agreed by who asked": "UPDATE accounts_guardrequest SET state = 'agreed', answered_by_id = asked_by_id, answered_at = asked_at",
    "agreed by a clerk": "UPDATE accounts_guardrequest SET state = 'agreed', answered_by_id = {clerk}, answered_at = asked_at",
    "agreed by nobody": "UPDATE accounts_guardrequest SET state = 'agreed', answered_at = asked_at",
    "for another account": "UPDATE accounts_guardrequest SET kind = 'disable'",
    "a request less": "DELETE FROM accounts_guardrequest",
    "agreed from the first": "INSERT INTO accounts_guardrequest (kind, target_id, username, name, phone, guard, reason, asked_by_id, "
    "asked_at, expires_at, state, answered_by_id, answered_at, first_hash, second_hash) SELECT 'disable', target_id, '', '', '', '', 'x', "
    "asked_by_id, asked_at, expires_at, 'agreed', {audit}, asked_at, '', '' FROM accounts_guardrequest",
}
ALLOWED = {
    "his own password": "UPDATE accounts_user SET password = 'x' WHERE username = 'security'",
    "his own first password": "UPDATE accounts_user SET password = 'x', must_change_password = {false} WHERE username = 'security'",
    "a log-in": "UPDATE accounts_user SET last_login = created_at WHERE username = 'security'",
    "a clerk's phone": "UPDATE accounts_user SET phone = '15400000009' WHERE username = 'clerk'",
}


AS_DECIDED = {"refused": dict.fromkeys(SQL, True), "allowed": dict.fromkeys(ALLOWED, True)}


def sql_outcomes() -> dict[str, dict[str, bool]]:
    three = {guard: make_user(guard, guard=guard) for guard in THREE}
    make_user("second", guard="security")
    names = {"clerk": make_user("clerk").pk, "audit": three["audit"].pk, "true": "true", "false": "false"}
    ask(three)
    return {
        "refused": {name: refused(sql.format(**names)) for name, sql in SQL.items()},
        "allowed": {name: not refused(sql.format(**names)) for name, sql in ALLOWED.items()},
    }


def test_the_database_lets_nobody_around_the_second_guard() -> None:
    assert sql_outcomes() == AS_DECIDED


def test_sqlite_lets_nobody_around_either(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.accounts.test_consent:sql_outcomes", tmp_path) == AS_DECIDED


def test_the_last_active_one_of_a_kind_stays(three: Three) -> None:
    with pytest.raises(ConsentError, match="至少要有一个"):
        ask(three, "disable", "audit")
    make_user("second", guard="audit")
    asked, _ = ask(three, "disable", "audit")
    User.objects.filter(username="second").exclude(guard="").update(last_login=NINE)
    change_agree(asked=asked, by=three["security"])
    assert not User.objects.get(username="audit").is_active
    assert refused("UPDATE accounts_user SET is_active = false WHERE username = 'second'")


def test_a_reset_needs_both_halves_and_nobody_but_the_holder_knows_the_password(three: Three, client: Client) -> None:
    Token.objects.create(user=three["security"])
    open_session = client_of(three["security"])
    system, audit = client_of(three["system"]), client_of(three["audit"])
    sent = {"kind": "reset", "target": three["security"].pk, "reason": "忘记密码"}
    first = shown_half(system.post("/guards/ask/", sent))
    asked = GuardRequest.objects.get()
    address = f"/guards/{asked.pk}/"
    assert logged_in(open_session), "nothing has happened before the second guard agrees"
    assert first not in system.get(address).content.decode()
    assert "自己的申请须由另一位三员答复" in system.post(address, {"answer": "agree"}, follow=True).content.decode()
    second = shown_half(audit.post(address, {"answer": "agree"}))
    assert not logged_in(open_session) and not Token.objects.exists()
    code = {"username": "security", "password": NEW, "again": NEW}
    for wrong in ({"first": first, "second": first}, {"first": second, "second": second}, {"first": "", "second": second}):
        assert client.post("/password/code/", {**code, **wrong}).status_code == 422
    assert not User.objects.get(username="security").has_usable_password()
    weak = {**code, "first": first, "second": second, "password": "a1", "again": "a1"}
    assert client.post("/password/code/", weak).status_code == 422
    assert client.post("/password/code/", {**code, "first": first.upper(), "second": second}).status_code == 302
    assert log_in(client, "security", NEW).status_code == 302
    again = {**code, "password": "Another-2026", "again": "Another-2026", "first": first, "second": second}
    assert Client().post("/password/code/", again).status_code == 422, "a code is used once"
    details = list(AccessLog.objects.filter(kind="grant").order_by("pk").values_list("username", "detail"))
    about = "三员账号变更 重置密码：罗静（security，安全管理员）"
    assert details == [("system", f"申请{about}"), ("audit", f"同意{about}"), ("security", "本人修改密码")]
    assert not AccessLog.objects.filter(kind="grant", ip=None).exists()


def test_everybody_concerned_is_told(three: Three) -> None:
    asked, _ = ask(three, "update", name="罗静", phone="15400000005")
    told = Message.objects.values_list("user__username", "text", "link")
    assert {user for user, _, _ in told} == {"security", "audit"}
    assert {link for _, _, link in told} == {f"/guards/{asked.pk}/"}
    change_agree(asked=asked, by=three["audit"])
    assert "苏宁已同意" in Message.objects.get(user=three["system"]).text
    assert User.objects.get(username="security").phone == "15400000005"


def test_a_second_account_is_made_by_two_and_opened_by_its_holder(three: Three, client: Client) -> None:
    asked, first = change_ask(
        kind="appoint", username="audit2", name="高远", phone="15400000006", guard="audit", reason="增加人手", by=three["security"]
    )
    assert not User.objects.filter(username="audit2").exists()
    second = change_agree(asked=asked, by=three["system"])
    made = User.objects.get(username="audit2")
    assert (made.guard, made.has_usable_password()) == ("audit", False)
    assert first_passwords(by=three["system"]) == [], "no slip shows the system administrator its password"
    assert refused("UPDATE accounts_user SET password = 'x', must_change_password = true WHERE username = 'security'")
    code_use(username="audit2", first=first, second=second, password=NEW)
    assert log_in(client, "audit2", NEW).status_code == 302


def test_what_is_refused_withdrawn_or_late_changes_nothing(three: Three) -> None:
    before = list(User.objects.values())
    refusal, _ = ask(three)
    with pytest.raises(ConsentError, match="已有一个申请"):
        ask(three, by="audit")
    change_refuse(asked=refusal, by=three["audit"])
    withdrawn, _ = ask(three)
    with pytest.raises(ConsentError):
        change_withdraw(asked=withdrawn, by=three["audit"])
    change_withdraw(asked=withdrawn, by=three["system"])
    late, _ = ask(three)
    for asked in (refusal, withdrawn):
        with pytest.raises(ConsentError, match="已经答复、撤回或过期"):
            change_agree(asked=asked, by=three["audit"])
    with time_machine.travel(late.expires_at + timedelta(seconds=1)):
        with pytest.raises(ConsentError, match="过期"):
            change_agree(asked=late, by=three["audit"])
        assert requests_expire() == 1
    assert list(GuardRequest.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "withdrawn", "expired"]
    assert list(User.objects.values()) == before


def test_a_code_lasts_three_days_and_a_disabled_account_has_none(three: Three) -> None:
    asked, first = ask(three)
    second = change_agree(asked=asked, by=three["audit"])
    with time_machine.travel(asked.expires_at + timedelta(days=1)), pytest.raises(ConsentError, match="过期"):
        code_use(username="security", first=first, second=second, password=NEW)


def test_nobody_else_asks_or_agrees(three: Three) -> None:
    clerk = make_user("lisi")
    asked, _ = ask(three)
    with pytest.raises(ConsentError):
        change_ask(kind="reset", target=three["audit"], by=clerk, reason="x")
    with pytest.raises(ConsentError):
        change_agree(asked=asked, by=clerk)
    assert client_of(clerk).get("/guards/").status_code == 404
    with pytest.raises(ConsentError, match="不是三员"):
        change_ask(kind="reset", target=clerk, by=three["system"], reason="x")


def test_the_pages_say_what_waits_and_what_was(three: Three) -> None:
    system, audit = client_of(three["system"]), client_of(three["audit"])
    missing = system.post("/guards/ask/", {"kind": "update", "target": three["security"].pk, "reason": "换号"})
    assert missing.status_code == 422 and "请填写姓名" in missing.content.decode()
    sent = {"kind": "update", "target": three["security"].pk, "name": "罗静", "phone": "15400000007", "reason": "换号"}
    page = system.post("/guards/ask/", sent, follow=True).content.decode()
    assert "等另一位三员同意" in page and 'value="withdraw"' in page and 'value="agree"' not in page
    assert "等您答复" in audit.get("/guards/").content.decode()
    address = f"/guards/{GuardRequest.objects.get().pk}/"
    assert 'value="agree"' in audit.get(address).content.decode()
    assert "不同意" in audit.post(address, {"answer": "refuse"}, follow=True).content.decode()
    assert "不同意" in system.get("/guards/").content.decode() and "等您答复" not in audit.get("/guards/").content.decode()


def test_the_admin_sends_the_system_administrator_to_the_second_guard(three: Three) -> None:
    system, users = client_of(three["system"]), "/admin/accounts/user/"
    sent = {"action": "reset_password", "_selected_action": [three["security"].pk]}
    assert "三员账号变更" in system.post(users, sent, follow=True).content.decode()
    assert User.objects.get(username="security").check_password(PASSWORD)
    added = system.post(f"{users}add/", {"username": "x", "name": "x", "phone": "", "guard": "audit"})
    assert "增设须由另一位三员同意" in added.content.decode() and not User.objects.filter(username="x").exists()
    system.post(f"{users}{three['security'].pk}/change/", {"name": "别人", "phone": "15400000008"})
    assert User.objects.get(username="security").name == "罗静"


