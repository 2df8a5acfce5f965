"""A form that comes after its session has ended keeps what was typed, asks for the password, and is taken once."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import lxml.html  # type: ignore[import-untyped]
import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from governance.frame.again import ANOTHER, CODE, FILE, PASSWORD, USERNAME, WHO
from moral_bank.models import BankImport, Supplier
from tests.accounts.test_second import code_of, enrol
from tests.answers import ClientAnswer
from tests.browser import log_in, walking
from tests.builders import PASSWORD as RIGHT
from tests.builders import make_rule_set
from tests.frame.test_once_rules import path, staff, with_shop
from tests.pages import Desk

NEW = {"name": "供销社<一>", "phone": "", "address": "", "once": "1", "csrfmiddlewaretoken": "x"}
LATE = timedelta(minutes=31)


@pytest.fixture
def desk() -> Desk:
    return with_shop()


def hidden(answer: ClientAnswer) -> dict[str, str]:
    """What the page keeps, by name."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.content.decode())
    return {name: html.unescape(value) for name, value in found}


def late(desk: Desk, fields: dict[str, Any]) -> tuple[Client, ClientAnswer]:
    """A form of the secretary's, sent after an idle half hour, and what is answered."""
    client = staff(desk)
    client.get(path(desk))
    with time_machine.travel(timezone.now() + LATE):
        return client, client.post(path(desk), fields)


@pytest.mark.django_db
def test_it_keeps_the_form_and_takes_it_with_the_password(desk: Desk) -> None:
    client, asked = late(desk, NEW)
    kept, name = hidden(asked), desk.cast["secretary"].username
    assert asked.status_code == 401 and {**kept, "csrfmiddlewaretoken": "x"} == {**NEW, WHO: kept[WHO]}
    assert f'value="{name}"' in asked.content.decode() and "30 分钟没有操作" in asked.content.decode()
    wrong = client.post(path(desk), {**kept, USERNAME: name, PASSWORD: "wrong"})
    assert wrong.status_code == 401 and "密码不对" in wrong.content.decode() and hidden(wrong)["name"] == NEW["name"]
    taken = client.post(path(desk), {**kept, USERNAME: name, PASSWORD: RIGHT})
    assert (taken.status_code, taken.headers["Location"]) == (302, path(desk))
    assert Supplier.objects.get().name == NEW["name"] and client.get(path(desk)).status_code == 200
    again = client.post(path(desk), {**kept, USERNAME: name, PASSWORD: RIGHT}, follow=True)
    assert Supplier.objects.count() == 1 and "刚才已经提交成功" in again.content.decode()


@pytest.mark.django_db
def test_it_asks_who_has_a_second_factor_for_a_code(desk: Desk) -> None:
    """And asks for it, too, where nobody knows any more whose form it was."""
    secretary, name = desk.cast["secretary"], desk.cast["secretary"].username
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = staff(desk)
        client.get(path(desk))
        enrol(secretary)
        clock.shift(LATE)
        asked = client.post(path(desk), NEW)
        kept = {**hidden(asked), USERNAME: name, PASSWORD: RIGHT}
        assert asked.status_code == 401 and f'name="{CODE}"' in asked.content.decode()
        for given in ({}, {CODE: "000000"}):
            wrong = client.post(path(desk), {**kept, **given})
            assert wrong.status_code == 401 and hidden(wrong)["name"] == NEW["name"] and not Supplier.objects.exists()
        unknown = Client().post(path(desk), {**NEW, USERNAME: name, PASSWORD: RIGHT})
        assert unknown.status_code == 401 and "请填写验证码" in unknown.content.decode() and f'name="{CODE}"' in unknown.content.decode()
        taken = client.post(path(desk), {**kept, CODE: code_of(secretary)})
    assert taken.status_code == 302 and Supplier.objects.get().name == NEW["name"] and client.get(path(desk)).status_code == 200


@pytest.mark.django_db
def test_it_gives_the_form_to_nobody_else(desk: Desk) -> None:
    client, asked = late(desk, NEW)
    other = client.post(path(desk), {**hidden(asked), USERNAME: desk.cast["cadre"].username, PASSWORD: RIGHT})
    assert other.status_code == 401 and ANOTHER in other.content.decode()
    assert client.get(path(desk)).status_code == 302 and not Supplier.objects.exists()
    refused = client.post(path(desk), {**NEW, "name": "", USERNAME: desk.cast["cadre"].username, PASSWORD: RIGHT, WHO: "7:forged"})
    assert refused.status_code in (404, 422) and RIGHT not in refused.content.decode()


@pytest.mark.django_db
def test_it_leads_a_bare_request_to_the_login_page(desk: Desk) -> None:
    assert Client().post(path(desk), {"name": "x", "once": "1"}).status_code == 302


def choosers(answer: ClientAnswer) -> dict[str, str]:
    """The file fields of the page, each with what is said beside it."""
    found = lxml.html.fromstring(answer.content.decode()).xpath("//form[@enctype='multipart/form-data']//input[@type='file']")
    return {one.name: one.label.text_content() for one in found}


@pytest.mark.django_db
def test_it_says_beside_each_field_which_file_is_to_be_chosen_again(desk: Desk) -> None:
    client = Client()
    two = [SimpleUploadedFile(name, b"x") for name in ("门.jpg", "院.jpg")]
    asked = client.post(path(desk), {**NEW, "file": SimpleUploadedFile("清单.xlsx", b"x"), "photos": two})
    said = choosers(asked)
    assert (asked.status_code, set(said)) == (401, {"file", "photos"}) and WHO not in hidden(asked)
    assert "清单.xlsx" in said["file"] and "门.jpg、院.jpg" in said["photos"] and "重新选" in said["photos"]
    kept = {**hidden(asked), FILE: ["file/清单.xlsx", "photos/门.jpg", "photos/院.jpg"]}
    for name in kept[FILE]:
        assert f'name="{FILE}" value="{name}"' in asked.content.decode()
    login = {USERNAME: desk.cast["secretary"].username, PASSWORD: "wrong"}
    assert choosers(client.post(path(desk), {**kept, **login})) == said, "a wrong password forgets none"
    chosen = client.post(path(desk), {**kept, **login, "file": SimpleUploadedFile("新清单.xlsx", b"x")})
    assert "新清单.xlsx" in choosers(chosen)["file"] and "、清单.xlsx" not in choosers(chosen)["file"]


@pytest.mark.django_db
def test_a_file_that_is_chosen_again_goes_along(desk: Desk) -> None:
    draft = make_rule_set(desk.township, adopted=False, version=2)
    address = reverse("moral_bank:rule-import", args=[draft.pk])
    sheet = "编号,五类,事项,评分\nW7,环境卫生评比,垃圾不分类,-15\n".encode()
    client = Client()
    asked = client.post(address, {**NEW, "file": SimpleUploadedFile("细则.csv", sheet)})
    login = {USERNAME: desk.cast["staff"].username, PASSWORD: RIGHT}
    taken = client.post(address, {**hidden(asked), **login, "file": SimpleUploadedFile("细则.csv", sheet)})
    assert taken.status_code == 302 and BankImport.objects.get().rule_set == draft


@pytest.mark.django_db
def test_an_old_token_loses_nothing_that_our_own_page_sent(desk: Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.cast["secretary"], backend="django.contrib.auth.backends.ModelBackend")
    client.get(path(desk))
    own, foreign = (client.post(path(desk), NEW, headers={"Origin": origin}) for origin in ("http://testserver", "http://evil.example"))
    assert (own.status_code, hidden(own)["name"]) == (403, NEW["name"])
    assert foreign.status_code == 403 and NEW["name"] not in html.unescape(foreign.content.decode())
    taken = client.post(path(desk), hidden(own), headers={"Origin": "http://testserver"})
    assert taken.status_code == 302 and Supplier.objects.get().name == NEW["name"]


@pytest.mark.django_db(transaction=True)
def test_typing_keeps_the_session_and_a_lost_one_the_words(browser: Browser, live_server: LiveServer, desk: Desk) -> None:
    with walking(browser, live_server.url, "phone", forgives=("status of 401",)) as page:
        log_in(page, desk.cast["secretary"].username)
        page.goto(path(desk))
        page.evaluate("Date.now = ((now) => () => now() + 300000)(Date.now)")
        with page.expect_response("**/alive/") as heard:
            page.get_by_label("名称").fill("供销社")
        assert heard.value.status == 204
        Session.objects.all().delete()
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("请再登录一次")
        page.get_by_label("登录名").fill(desk.cast["secretary"].username)
        page.get_by_label("密码").fill(RIGHT)
        page.get_by_role("button", name="登录并提交").click()
        expect(page.get_by_text("已登记供货单位").first).to_be_visible()
        assert page.url.endswith(path(desk))
    assert Supplier.objects.get().name == "供销社"
