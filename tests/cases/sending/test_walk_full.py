"""A phone that is full: the page says so, lets nobody leave unasked, and loses nothing that stands on it.

The browser asks its quota when it first writes and remembers the answer for half a minute; a phone that is full before the first page is
walked in the suite, one that fills up later with SOAK=1 as well (`make soak ARGS=sending`).
"""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.cases.categories.setting_up import cases_set_up
from governance.cases.models import Case
from tests.browser import CUT, log_in, shot, walking
from tests.builders import make_cast, make_township, make_village
from tests.cases.sending.test_walk_offline import choose

pytestmark = pytest.mark.django_db(transaction=True)
FILLED = [True, False] if os.environ.get("SOAK") == "1" else [True]
REFUSES = """async () => { for (;;) {
    const fits = await new Promise((done) => { const asked = indexedDB.open('probe', 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore('rows', { autoIncrement: true });
        asked.onerror = () => done(false);
        asked.onsuccess = () => { const writing = asked.result.transaction('rows', 'readwrite');
            writing.objectStore('rows').add('x'); writing.oncomplete = () => done(true); writing.onabort = () => done(false); } });
    if (!fits) return;
    await new Promise((over) => setTimeout(over, 500)); } }"""


def allot(page: Page, origin: str, **quota: int) -> None:
    """How many bytes the browser gives the portal: `quotaSize`, or as many as ever."""
    page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", {"origin": origin, **quota})


def fill_in(page: Page, words: str) -> None:
    choose(page)
    page.locator("label", has_text="柏树院").click()
    page.locator("textarea[name=text]").press_sequentially(words)
    expect(page.locator(".savebar [role=alert]")).to_contain_text("没能存在手机上")


@pytest.mark.parametrize("from_the_first", FILLED)
def test_a_full_phone_says_so_and_loses_nothing(browser: Browser, live_server: LiveServer, from_the_first: bool) -> None:
    township = make_township()
    cast = make_cast(township, make_village(township))
    cases_set_up(township=township)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    with walking(browser, live_server.url, "phone", forgives=CUT) as page:
        page.on("dialog", stay)
        if not from_the_first:
            log_in(page, cast["cadre"].username)
            page.goto("/log/")
            page.evaluate("async () => (await import(document.querySelector('script[src*=\"offline/store\"]').src)).personKey()")
        allot(page, live_server.url, quotaSize=1)
        if from_the_first:
            log_in(page, cast["cadre"].username)
        page.evaluate(REFUSES)
        page.goto("/log/")
        sends_on_line(page)
        assert Case.objects.get().text == "水管漏水"
        stays_without_signal(page, asked)
        allot(page, live_server.url)
        page.context.set_offline(False)
        page.locator("textarea[name=text]").press_sequentially("了")
        expect(page.locator(".savebar [role=alert]")).to_have_count(0)
        page.get_by_role("button", name="发送").click()
        expect(page.locator("[role=status], #queue").filter(has_text="已登记").first).to_be_visible()
    assert sorted(Case.objects.values_list("text", flat=True)) == ["水管漏水", "路灯不亮了"]


def sends_on_line(page: Page) -> None:
    """As any form, without the phone's queue."""
    fill_in(page, "水管漏水")
    shot(page, "full-typing")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("status")).to_contain_text("已登记")


def stays_without_signal(page: Page, asked: list[str]) -> None:
    assert not asked, "what was sent does not ask"
    page.goto("/log/")
    page.context.set_offline(True)
    fill_in(page, "路灯不亮")
    page.get_by_role("button", name="发送").click()
    expect(page.locator("[data-errors]")).to_contain_text("没有网络，本机也存不下")
    shot(page, "full-sending")
    page.evaluate("location.href = '/'")
    expect(page.locator("textarea[name=text]")).to_have_value("路灯不亮")
    assert asked == ["beforeunload"]
