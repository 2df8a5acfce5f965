"""A second factor: enrolled, asked for at every door, used once, given up, lost; and the rules of who must have one."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.test import Client
from django_otp.oath import totp
from rest_framework.authtoken.models import Token

from governance.accounts.consent import ConsentError, change_agree, change_ask, code_use
from governance.accounts.models import AccessLog, AccountRules, CodeSheet, Message, SecondApp, SheetCode, User
from governance.accounts.rules.services import RulesError, rules_set
from governance.accounts.second.services import TRIES, app_begin, app_confirm, has_second, second_give_up, sheet_print
from governance.accounts.users import user_reset_password
from tests.accounts.test_log import refused
from tests.accounts.test_login import NINE, log_in, logged_in
from tests.answers import ClientAnswer, location
from tests.builders import PASSWORD, make_township, make_user, make_village
from tests.trial import run_in_trial_mode

pytestmark = pytest.mark.django_db
CODE = "/second/code/"


@pytest.fixture
def clerk() -> User:
    return make_user("zhangsan")


def code_of(user: User) -> str:
    """What the holder's app shows now."""
    return f"{totp(SecondApp.objects.get(user=user).key):06d}"


def enrol(user: User) -> SecondApp:
    """With an app; its first code is used up."""
    app = app_begin(user=user)
    return app_confirm(app=app, code=code_of(user))


def second_details() -> list[str]:
    return list(AccessLog.objects.filter(kind="second").order_by("pk").values_list("detail", flat=True))


def give(client: Client, code: str) -> ClientAnswer:
    answer: ClientAnswer = client.post(CODE, {"code": code})
    return answer


def test_it_is_enrolled_on_the_pages_and_asked_for_at_the_next_log_in(client: Client, clerk: User) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        log_in(client)
        assert "未启用" in client.get("/second/").content.decode()
        assert "密码不对" in client.post("/second/app/", {"password": "wrong-1234"}).content.decode()
        assert location(client.post("/second/app/", {"password": PASSWORD})) == "/second/app/key/"
        page = client.get("/second/app/key/").content.decode()
        app = SecondApp.objects.get()
        assert "<svg" in page and app.key_text in page and app.key not in bytes(app.sealed_key)
        assert client.post("/second/app/key/", {"code": "000000"}).status_code == 422 and not has_second(clerk)
        assert location(client.post("/second/app/key/", {"code": code_of(clerk)})) == "/second/"
        assert logged_in(client) and "已启用" in client.get("/second/").content.decode()
        clock.shift(30)
        other = Client()
        assert location(log_in(other, next="/inbox/")) == CODE
        assert not logged_in(other)
        assert location(give(other, code_of(clerk))) == "/inbox/"
        assert logged_in(other)
    assert second_details() == ["启用验证器"] and Message.objects.filter(user=clerk, text__contains="启用了验证器").count() == 1


def test_a_password_hashed_anew_on_the_way_keeps_the_session(client: Client, clerk: User) -> None:
    User.objects.filter(pk=clerk.pk).update(password=make_password(PASSWORD, salt="short"))
    client.force_login(User.objects.get(pk=clerk.pk))
    assert location(client.post("/second/app/", {"password": PASSWORD})) == "/second/app/key/"
    assert client.get("/second/app/key/").status_code == 200 and logged_in(client)


def test_a_code_is_taken_once_and_wide_digits_are_digits(client: Client, clerk: User) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        enrol(clerk)
        log_in(client)
        assert give(client, code_of(clerk)).status_code == 422, "it was the first code"
        clock.shift(30)
        code = code_of(clerk)
        wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
        assert give(client, f" {wide[:3]} {wide[3:]}").status_code == 302
        again = Client()
        log_in(again)
        assert give(again, code).status_code == 422 and not logged_in(again)


def test_without_the_password_there_is_no_second_step_and_it_ends_after_ten_minutes(client: Client, clerk: User) -> None:
    assert location(client.get(CODE)) == "/login/"
    with time_machine.travel(NINE, tick=False) as clock:
        enrol(clerk)
        assert log_in(client, password="wrong-1234").status_code == 200
        assert location(client.get(CODE)) == "/login/"
        log_in(client)
        clock.shift(timedelta(minutes=11))
        assert location(give(client, code_of(clerk))) == "/login/"
        log_in(client)
        clerk.set_password("Another-2026x")
        clerk.save()
        assert location(give(client, code_of(clerk))) == "/login/", "the password was changed meanwhile"


def test_wrong_codes_lock_as_wrong_passwords_do(client: Client, clerk: User) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        enrol(clerk)
        log_in(client)
        assert [give(client, "000000").status_code for _ in range(5)] == [422] * 4 + [429]
        clock.shift(30)
        assert give(client, code_of(clerk)).status_code == 429 and not logged_in(client)
        assert log_in(Client()).status_code == 429
        assert set(AccessLog.objects.filter(kind="failed").values_list("username", "detail")) == {("zhangsan", "第二验证")}
        assert set(AccessLog.objects.filter(kind="locked").values_list("username", flat=True)) == {"zhangsan"}


def test_wrong_codes_from_many_addresses_are_counted_together(client: Client, clerk: User, settings: Any) -> None:
    settings.PROXY_COUNT = 1
    with time_machine.travel(NINE, tick=False) as clock:
        enrol(clerk)
        clock.shift(30)
        for number in range(TRIES):
            address = {"X-Forwarded-For": f"154.0.0.{number // 3}"}
            one = Client(headers=address)
            log_in(one)
            assert give(one, "000000").status_code == 422
        late = Client(headers={"X-Forwarded-For": "154.0.0.99"})
        log_in(late)
        answer = give(late, code_of(clerk))
        assert f"错了 {TRIES} 次" in answer.content.decode() and not logged_in(late)
        assert "请马上修改密码" in Message.objects.filter(user=clerk).latest("pk").text
        user_reset_password(user=clerk, by=make_user("xitong", guard="system"))
        assert not has_second(clerk)


def test_printed_codes_are_shown_once_used_once_and_kept_as_hashes(client: Client, clerk: User) -> None:
    log_in(client)
    answer = client.post("/second/print/", {"password": PASSWORD})
    codes = re.findall(r'class="secret">([a-z2-9]{4}-[a-z2-9]{4})<', answer.content.decode())
    assert len(set(codes)) == 10 and answer.headers["Cache-Control"].find("no-store") >= 0
    kept = "".join(map(str, SheetCode.objects.values_list("hash", flat=True)))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    assert codes[0] not in client.get("/second/").content.decode()
    for code in codes[:6]:
        assert CodeSheet.objects.get().verify_token(code)
    for code in codes[6:8]:
        log_in(one := Client())
        assert give(one, code.upper()).status_code == 302
        log_in(again := Client())
        assert give(again, code).status_code == 422, "a code is used once"
    assert "只剩 2 个" in one.get("/inbox/").content.decode()
    assert "只剩 2 个" in Message.objects.filter(user=clerk).latest("pk").text
    assert second_details()[-1] == "用了一个备用验证码，还剩 2 个"
    new = client.post("/second/print/", {"password": PASSWORD})
    assert codes[9] not in new.content.decode() and CodeSheet.objects.get().left == 10
    log_in(old := Client())
    assert give(old, codes[9]).status_code == 422, "the old sheet is void"


def test_a_session_that_gave_no_code_prints_none_by_the_password_alone(client: Client, clerk: User) -> None:
    """Who guessed the password has a session before the holder enrols."""
    with time_machine.travel(NINE, tick=False) as clock:
        log_in(client)
        enrol(clerk)
        clock.shift(30)
        assert client.post("/second/print/", {"password": PASSWORD}).status_code == 422 and not CodeSheet.objects.exists()
        assert client.post("/second/print/", {"password": "wrong-1234", "code": code_of(clerk)}).status_code == 422
        clock.shift(30)
        assert "备用验证码" in client.post("/second/print/", {"password": PASSWORD, "code": code_of(clerk)}).content.decode()
        assert CodeSheet.objects.exists()


def test_it_is_given_up_with_a_code_alone(client: Client, clerk: User) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        log_in(client)
        assert location(client.get("/second/remove/")) == "/second/"
        enrol(clerk)
        assert client.post("/second/remove/", {"code": "000000"}).status_code == 422 and has_second(clerk)
        clock.shift(30)
        assert location(client.post("/second/remove/", {"code": code_of(clerk)})) == "/second/"
    assert not has_second(clerk) and second_details()[-1] == "本人停用第二验证"
    assert location(log_in(Client())) == "/"


def test_a_token_needs_the_code_too(client: Client, clerk: User) -> None:
    def take(**more: str) -> ClientAnswer:
        answer: ClientAnswer = client.post("/api/v1/token/", {"username": "zhangsan", "password": PASSWORD, **more})
        return answer

    with time_machine.travel(NINE, tick=False) as clock:
        Token.objects.create(user=clerk)
        enrol(clerk)
        assert not Token.objects.exists(), "one that was got without a code ends"
        clock.shift(30)
        missing, wrong = take(), take(code="000000")
        assert (missing.status_code, missing.json()["code"], wrong.json()["code"]) == (401, "second-missing", "second-wrong")
        assert "请填写验证码" in missing.json()["detail"] and not Token.objects.exists()
        assert take(code=code_of(clerk)).json()["token"] == Token.objects.get().key


def test_the_administrator_s_reset_takes_it_away_and_says_so(clerk: User) -> None:
    system = make_user("xitong", guard="system")
    with time_machine.travel(NINE, tick=False):
        enrol(clerk)
    sheet_print(user=clerk)
    user_reset_password(user=clerk, by=system)
    assert not has_second(clerk) and "取消账号 zhangsan 的第二验证" in second_details()
    assert "第二验证已经取消" in Message.objects.filter(user=clerk).latest("pk").text


THREE = ("system", "security", "audit")
SQL = {
    "an app": "DELETE FROM accounts_secondapp WHERE user_id = {guard}",
    "a sheet": "DELETE FROM accounts_codesheet WHERE user_id = {guard}",
    "not confirmed any more": "UPDATE accounts_secondapp SET confirmed = {false} WHERE user_id = {guard}",
    "another's app": "UPDATE accounts_secondapp SET user_id = {idle} WHERE user_id = {guard}",
    "another key": "UPDATE accounts_secondapp SET sealed_key = {bytes} WHERE user_id = {guard}",
    "an old code again": "UPDATE accounts_secondapp SET last_t = last_t - 1 WHERE user_id = {guard}",
    "a used code again": "UPDATE accounts_sheetcode SET used_at = NULL WHERE used_at IS NOT NULL",
    "another code": "UPDATE accounts_sheetcode SET hash = 'x' WHERE id = (SELECT min(id) FROM accounts_sheetcode)",
    "the log's kind": "INSERT INTO accounts_accesslog (at, kind, username, path, detail) VALUES ('2026-01-01', 'x', '', '', '')",
    "two rules": "INSERT INTO accounts_accountrules (id, second_for, password_days, stale_days) VALUES (2, '[]', 0, 0)",
}
ALLOWED = {"a clerk's app": "DELETE FROM accounts_secondapp WHERE user_id = {clerk}"}
AS_DECIDED = {"refused": dict.fromkeys(SQL, True), "allowed": dict.fromkeys(ALLOWED, True), "agreed": True, "own": True}


def sql_outcomes() -> dict[str, Any]:
    """Around the code: what the database refuses, and that it lets through what two of 三员 agreed to, and the holder's own."""
    three = {guard: make_user(guard, guard=guard) for guard in THREE}
    clerk = make_user("clerk")
    for user in (three["security"], three["audit"], clerk):
        enrol(user)
    codes = sheet_print(user=three["security"])
    CodeSheet.objects.get(user=three["security"]).verify_token(codes[0])
    empty = "'\\x00'::bytea" if not run_sqlite() else "x'00'"
    names = {"guard": three["security"].pk, "idle": make_user("idle").pk, "clerk": clerk.pk, "false": "false", "bytes": empty}
    found: dict[str, Any] = {"refused": {name: refused(sql.format(**names)) for name, sql in SQL.items()}}
    found["allowed"] = {name: not refused(sql.format(**names)) for name, sql in ALLOWED.items()}
    second_give_up(user=three["audit"])
    found["own"] = not has_second(three["audit"])
    asked, _ = change_ask(kind="second", target=three["security"], by=three["system"], reason="手机丢了")
    change_agree(asked=asked, by=three["audit"])
    found["agreed"] = not has_second(three["security"])
    return found


def run_sqlite() -> bool:
    from django.db import connection

    return connection.vendor == "sqlite"


def test_nobody_takes_a_guard_s_factor_away_around_the_code() -> None:
    assert sql_outcomes() == AS_DECIDED


def test_nobody_does_on_sqlite_either(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.accounts.test_second:sql_outcomes", tmp_path) == AS_DECIDED


def test_a_lost_one_of_a_guard_goes_by_two_and_the_holder_comes_back_with_both_halves(client: Client) -> None:
    three = {guard: make_user(guard, guard=guard) for guard in THREE}
    with pytest.raises(ConsentError, match="没有启用第二验证"):
        change_ask(kind="second", target=three["security"], by=three["system"], reason="手机丢了")
    enrol(three["security"])
    client.force_login(three["security"], backend="django.contrib.auth.backends.ModelBackend")
    asked, first = change_ask(kind="second", target=three["security"], by=three["system"], reason="手机丢了")
    assert has_second(three["security"]) and logged_in(client)
    second = change_agree(asked=asked, by=three["audit"])
    assert not has_second(three["security"]) and not logged_in(client)
    assert "第二验证已经取消" in Message.objects.filter(user=three["security"]).latest("pk").text
    code_use(username="security", first=first, second=second, password="Liuhe-7788-xin")
    assert location(log_in(client, "security", "Liuhe-7788-xin")) == "/admin/"


def test_a_reset_alone_keeps_a_guard_s_factor(client: Client) -> None:
    three = {guard: make_user(guard, guard=guard) for guard in THREE}
    enrol(three["security"])
    asked, first = change_ask(kind="reset", target=three["security"], by=three["system"], reason="忘记密码")
    second = change_agree(asked=asked, by=three["audit"])
    code_use(username="security", first=first, second=second, password="Liuhe-7788-xin")
    assert location(log_in(client, "security", "Liuhe-7788-xin")) == CODE


def require(*holders: str) -> None:
    AccountRules.objects.create(second_for=list(holders))


def test_whose_duty_requires_one_is_led_to_it_and_opens_nothing_else(client: Client) -> None:
    village = make_village(make_township())
    make_user("ganbu", "cadre", village)
    make_user("shuji", "secretary", village)
    require("cadre", "audit")
    assert location(log_in(client, "ganbu")) == "/"
    assert location(client.get("/")) == "/second/"
    assert client.get("/", headers={"HX-Request": "true"})["HX-Redirect"] == "/second/"
    assert "须先启用" in client.get("/second/").content.decode()
    assert client.get("/api/v1/households/").json()["code"] == "first"
    assert location(client.post("/second/app/", {"password": PASSWORD})) == "/second/app/key/"
    user = User.objects.get(username="ganbu")
    assert location(client.post("/second/app/key/", {"code": code_of(user)})) == "/second/"
    assert client.get("/").status_code == 200
    log_in(other := Client(), "shuji")
    assert other.get("/").status_code == 200
    assert log_in(client := Client(), "ganbu") and location(client.get("/")).startswith("/login/")
    AccountRules.objects.all().delete()


def test_what_a_phone_sends_meanwhile_stays_on_the_phone(client: Client) -> None:
    user = make_user("ganbu", "cadre", make_village(make_township()))
    require("cadre")
    log_in(client, "ganbu")
    draft = {"X-Draft": "1", "X-Draft-User": str(user.pk)}
    sent = client.post("/log/send/", "{}", content_type="application/json", headers=draft)
    photo = client.get("/photos/part/6f1c9a52-7a53-4a6e-9f0b-2f6f3d7a1b11/", headers={"X-Draft-User": str(user.pk)})
    assert [answer.status_code for answer in (sent, photo)] == [401, 401] and "启用第二验证" in sent.json()["detail"]
    typed = {"note": "渠边塌了一段", "once": "1", "csrfmiddlewaretoken": "x"}
    kept = client.post("/visits/log/", typed)
    assert kept.status_code == 403 and "渠边塌了一段" in kept.content.decode() and "启用第二验证" in kept.content.decode()
    AccountRules.objects.update(second_for=[])
    assert client.get("/").status_code == 200, "asked no more"


def test_a_token_is_no_way_round_what_a_duty_requires(client: Client) -> None:
    user = make_user("ganbu", "cadre", make_village(make_township()))
    header = {"Authorization": f"Token {Token.objects.create(user=user).key}"}
    assert client.get("/api/v1/households/", headers=header).status_code == 200
    require("cadre")
    assert client.get("/api/v1/households/", headers=header).status_code == 401
    refusal = client.post("/api/v1/token/", {"username": "ganbu", "password": PASSWORD})
    assert refusal.status_code == 401 and "启用第二验证" in refusal.json()["detail"]


def test_only_the_security_administrator_sets_the_rules(client: Client) -> None:
    security, system = make_user("anquan", guard="security"), make_user("xitong", guard="system")
    with pytest.raises(RulesError):
        rules_set(second_for=[], password_days=0, stale_days=0, by=system)
    client.force_login(system, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/accounts/rules/").status_code == 404
    client.force_login(security, backend="django.contrib.auth.backends.ModelBackend")
    assert "登录须有第二验证" in client.get("/accounts/rules/").content.decode()
    short = client.post("/accounts/rules/", {"password_days": "5", "stale_days": "180"})
    assert short.status_code == 422 and "最少 30 天" in short.content.decode()
    sent = {"second_for": ["leader", "system"], "password_days": "0", "stale_days": "90"}
    assert client.post("/accounts/rules/", sent).status_code == 302
    rules = AccountRules.now()
    assert (rules.second_for, rules.password_days, rules.stale_days) == (["leader", "system"], 0, 90)
    assert "第二验证：镇领导、系统管理员" in AccessLog.objects.filter(kind="grant").latest("pk").detail


def test_who_uses_none_is_asked_for_nothing(client: Client, clerk: User) -> None:
    assert location(log_in(client)) == "/" and logged_in(client)
    assert not SecondApp.objects.exists() and Session.objects.count() == 1
