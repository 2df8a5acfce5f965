"""Two tabs of one browser over one queue, and a session that ended while records wait: each record once, under who wrote it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, Response, expect
from pytest_django.live_server_helper import LiveServer

from governance.accounts.models import User
from governance.cases.categories.setting_up import cases_set_up
from governance.cases.models import Case, Conflict, Sent
from processes import poll
from tests.browser import CUT, PATIENCE, log_in, walking
from tests.builders import PASSWORD, make_cast, make_township, make_village
from tests.cases.sending.test_walk_kept import STOCKED
from tests.cases.sending.test_walk_offline import KEPT, choose, log

pytestmark = pytest.mark.django_db(transaction=True)
REFUSED = ("status of 401",)
KEPT_TYPING = "() => !('unkept' in document.querySelector('form[data-offline]').dataset)"
Cast = dict[str, User]


@pytest.fixture
def cast() -> Cast:
    township = make_township()
    people = make_cast(township, make_village(township))
    cases_set_up(township=township)
    return people


@contextmanager
def second_tab(page: Page) -> Iterator[Page]:
    """Another tab of the same browser, whose scripts must not fail either."""
    faults: list[str] = []
    other = page.context.new_page()
    other.set_default_timeout(PATIENCE)
    other.on("pageerror", lambda error: faults.append(str(error)))
    yield other
    other.close()
    assert not faults, faults


def registered(tab: Page) -> int:
    """How many records a tab tells of as sent: either may have sent one."""
    return tab.locator("#queue a", has_text="已登记").count()


def sendings(page: Page) -> Counter[str]:
    """How often the server answers each record, in whichever tab."""
    counted: Counter[str] = Counter()

    def count(response: Response) -> None:
        if response.url.endswith("/log/send/"):
            counted[json.loads(response.request.post_data or "{}")["key"]] += 1

    page.context.on("response", count)
    return counted



def typed(page: Page, words: str) -> None:
    """Half written, and kept."""
    page.locator("textarea[name=text]").fill(words)
    page.wait_for_function(KEPT_TYPING)


def leave(page: Page) -> None:
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/login/")


def enter(page: Page, user: User) -> None:
    """Beside another tab: its cookies are this one's."""
    page.goto("/login/")
    page.get_by_label("登录名").fill(user.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.locator(f"body[data-user='{user.pk}']")).to_be_attached()


def test_two_tabs_send_each_record_once_and_see_each_others(browser: Browser, live_server: LiveServer, cast: Cast) -> None:
    with walking(browser, live_server.url, "phone", forgives=CUT) as page, second_tab(page) as other:
        log_in(page, cast["cadre"].username)
        for tab in (page, other):
            tab.goto("/log/")
        page.evaluate(STOCKED)
        typed(page, "水管漏水")
        typed(other, "路灯不亮")
        for tab, words in ((page, "水管漏水"), (other, "路灯不亮")):
            tab.reload()
            expect(tab.locator("textarea[name=text]")).to_have_value(words)
        counted = sendings(page)
        page.context.set_offline(True)
        for number, (tab, words) in enumerate(((page, "水管漏水"), (other, "路灯不亮")), 1):
            log(tab, words)
            for one in (page, other):
                expect(one.locator("#queue")).to_contain_text(f"待发送 {number} 件（没有网络")
        page.goto("/drafts/")
        expect(page.locator("#drafts li")).to_have_count(2)
        page.context.set_offline(False)
        for tab in (page, other):
            expect(tab.locator("#queue")).to_have_attribute("data-waiting", "0")
            expect(tab.locator("#queue a", has_text="已登记")).to_have_count(2)
        expect(page.locator("#drafts li")).to_have_count(0)
    assert sorted(Case.objects.values_list("text", flat=True)) == ["水管漏水", "路灯不亮"]
    assert sorted(counted.values()) == [1, 1] and not Conflict.objects.exists()


def test_logging_out_in_one_tab_leaves_the_other_its_words(browser: Browser, live_server: LiveServer, cast: Cast) -> None:
    with walking(browser, live_server.url, "phone", forgives=(*CUT, *REFUSED)) as page, second_tab(page) as other:
        page.on("dialog", lambda dialog: dialog.accept())
        log_in(page, cast["cadre"].username)
        other.goto("/log/")
        choose(other)
        other.locator("label", has_text="柏树院").click()
        typed(other, "王甲家")
        page.goto("/drafts/")
        leave(page)
        expect(other.locator("#queue")).to_contain_text("已在另一页退出登录")
        other.locator("textarea[name=text]").fill("王甲家的电线")
        expect(other.get_by_role("alert")).to_contain_text("这里写的没有存在手机上")
        enter(page, cast["secretary"])
        page.goto("/drafts/")
        expect(page.locator("#no-drafts")).to_be_visible()
        other.get_by_role("button", name="发送").click()
        expect(other.locator("[data-errors]")).to_contain_text("另一个账号")
        assert not Case.objects.exists() and other.locator("textarea[name=text]").input_value() == "王甲家的电线"
        leave(page)
        enter(page, cast["cadre"])
        other.get_by_role("button", name="发送").click()
        expect(other.locator("[role=status], #queue").filter(has_text="已登记").first).to_be_visible()
        page.goto("/drafts/")
        expect(page.locator("#no-drafts")).to_be_visible()
    sent = Sent.objects.select_related("case").get()
    assert (sent.user, sent.case and sent.case.text) == (cast["cadre"], "王甲家的电线")


def test_a_session_that_ended_sends_under_its_writer_alone(browser: Browser, live_server: LiveServer, cast: Cast) -> None:
    with walking(browser, live_server.url, "phone", forgives=(*CUT, *REFUSED)) as page, second_tab(page) as other:
        log_in(page, cast["cadre"].username)
        page.goto("/log/")
        page.evaluate(KEPT)
        page.context.set_offline(True)
        for number, words in enumerate(("水管漏水", "路灯不亮"), 1):
            log(page, words)
            expect(page.locator("#queue")).to_contain_text(f"待发送 {number} 件（没有网络")
        Session.objects.all().delete()
        page.context.set_offline(False)
        expect(page.locator("#queue a", has_text="请重新登录，登录后自动发送")).to_have_count(1)
        enter(other, cast["secretary"])
        other.goto("/drafts/")
        expect(other.locator("#no-drafts")).to_be_visible()
        expect(page.locator("#queue")).to_contain_text("现在登录的是另一个账号")
        expect(page.locator("#queue")).to_have_attribute("data-waiting", "2")
        assert not Case.objects.exists()
        leave(other)
        enter(other, cast["cadre"])
        expect(page.locator("#queue")).to_have_attribute("data-waiting", "0")
        assert poll(lambda: registered(page) + registered(other) >= 2, alive=lambda: True, seconds=PATIENCE // 1000)
    assert set(Sent.objects.values_list("user", "case__text")) == {(cast["cadre"].pk, "水管漏水"), (cast["cadre"].pk, "路灯不亮")}
