"""Two browsers: a second factor enrolled, lost, and put back by two of 三员; and what a stolen cookie is good for."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django_otp.oath import TOTP
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from governance.accounts.models import AccountRules, SecondApp
from tests.accounts.test_second import enrol
from tests.browser import REFUSED, leave, log_in, shot, walking
from tests.builders import PASSWORD, make_user
from tests.pages import Desk

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "Liuhe-7788-xin"
ENDED = ("status of 401",)  # what a page asks for by itself once its session has ended


def next_code() -> str:
    """Of the app's key, the first step that was not used yet: the server takes the phone's clock to be a step ahead."""
    app = SecondApp.objects.get()
    made = TOTP(app.key, drift=app.drift)
    made.drift += max(app.last_t + 1 - made.t(), 0)
    return f"{made.token():06d}"


def name_and_password(page: Page, username: str, password: str) -> None:
    leave(page)
    page.goto("/login/")
    page.get_by_label("登录名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def enrol_app(page: Page, password: str) -> None:
    """From the page of the second factor on, as its holder: by the key that the page shows."""
    page.get_by_role("link", name="启用验证器").click()
    page.get_by_label("现在的密码").fill(password)
    page.get_by_role("button", name="下一步").click()
    key = page.locator("code").inner_text()
    shot(page, "second-key")
    expect(page.locator(".qr svg")).to_be_visible()
    assert SecondApp.objects.get().key_text == key
    page.get_by_label("验证码").fill(next_code())
    page.get_by_role("button", name="启用", exact=True).click()
    expect(page.get_by_text("验证器已启用")).to_be_visible()


def code_given(page: Page) -> None:
    page.get_by_label("验证码").fill(next_code())
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/admin/")


def half_of(page: Page) -> str:
    return page.locator(".secret").inner_text()


def ask(page: Page) -> str:
    page.goto("/guards/ask/")
    page.get_by_label("事项").select_option(label="取消第二验证并重置密码")
    page.get_by_label("三员账号").select_option(label="罗静（security，安全管理员）")
    page.get_by_label("原因").fill("手机丢了")
    page.get_by_role("button", name="申请").click()
    return half_of(page)


def agree(page: Page) -> str:
    page.goto("/guards/")
    page.get_by_role("link", name="取消第二验证并重置密码").first.click()
    page.get_by_role("button", name="同意", exact=True).click()
    return half_of(page)


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_is_enrolled_lost_and_replaced_by_two_guards(browser: Browser, live_server: LiveServer, width: str) -> None:
    for guard, name in {"system": "何平", "security": "罗静", "audit": "苏宁"}.items():
        make_user(guard, guard=guard, name=name)
    AccountRules.objects.create(second_for=["security"])
    with ExitStack() as stack:
        begun = (walking(browser, live_server.url, width, forgives=(*REFUSED, *ENDED)) for _ in range(3))
        holder, system, audit = (stack.enter_context(walk) for walk in begun)
        log_in(holder, "security")
        expect(holder.get_by_text("须先启用")).to_be_visible()
        shot(holder, "second-owed")
        enrol_app(holder, PASSWORD)
        holder.get_by_role("link", name="打印备用验证码").click()
        holder.get_by_label("现在的密码").fill(PASSWORD)
        holder.get_by_role("button", name="打印").click()
        expect(holder.locator(".secret")).to_have_count(10)
        shot(holder, "second-codes")
        name_and_password(holder, "security", PASSWORD)
        holder.get_by_label("验证码").fill("000000")
        holder.get_by_role("button", name="登录").click()
        expect(holder.get_by_role("alert")).to_contain_text("验证码不对")
        shot(holder, "second-code")
        code_given(holder)
        log_in(system, "system")
        log_in(audit, "audit")
        first, second = ask(system), agree(audit)
        holder.goto("/admin/")
        expect(holder.get_by_label("登录名")).to_be_visible()
        holder.goto("/password/code/")
        for label, text in {"登录名": "security", "口令前半段": first, "口令后半段": second, "新密码": NEW, "再填一次新密码": NEW}.items():
            holder.get_by_label(label, exact=True).fill(text)
        holder.get_by_role("button", name="保存新密码").click()
        log_in(holder, "security", NEW)
        expect(holder.get_by_text("须先启用")).to_be_visible()
        enrol_app(holder, NEW)
        shot(holder, "second-on")
        name_and_password(holder, "security", NEW)
        code_given(holder)


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_a_stolen_cookie_ends_at_the_absolute_limit(browser: Browser, live_server: LiveServer, settings: Settings, width: str) -> None:
    """Both use the session all the time; the owner's password and code begin another one, which the thief does not have."""
    cadre, address = Desk().cast["cadre"], live_server.url
    enrol(cadre)
    with walking(browser, address, width, forgives=ENDED) as owner, walking(browser, address, width, forgives=ENDED) as thief:

        def enter() -> None:
            name_and_password(owner, cadre.username, PASSWORD)
            owner.get_by_label("验证码").fill(next_code())
            owner.get_by_role("button", name="登录").click()
            expect(owner.get_by_role("button", name="退出")).to_be_attached()

        enter()
        stolen: Any = owner.context.cookies()
        thief.context.add_cookies(stolen)
        for _ in range(3):
            thief.goto("/inbox/")
            expect(thief.get_by_role("button", name="退出")).to_be_attached()
        settings.SESSION_ABSOLUTE_SECONDS = -1
        thief.goto("/inbox/")
        expect(thief.get_by_label("登录名")).to_be_visible()
        assert not Session.objects.exists()
        settings.SESSION_ABSOLUTE_SECONDS = 3600
        enter()
        owner.goto("/inbox/")
        thief.goto("/inbox/")
        expect(thief.get_by_label("登录名")).to_be_visible()
