"""积分存折 in the browser: issued and printed by a cadre, scanned by a resident without log-in, proxies, cover, expiry."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from moral_bank.ledger.services import points_spend
from moral_bank.models import Passbook, Shop
from moral_bank.passbooks.cover_days import covers_snapshot
from moral_bank.passbooks.services import passbook_token
from tests.browser import log_in, shot, walking
from tests.moral_bank.passbooks.test_cover import fund
from tests.pages import Desk

pytestmark = pytest.mark.django_db(transaction=True)


def issue(page: Page, desk: Desk) -> None:
    page.goto(f"/households/{desk.accounts[0].household_id}/")
    page.get_by_role("link", name="存折、明细和代领人").click()
    page.get_by_role("button", name="发放存折").click()
    expect(page.get_by_role("heading", name="道德银行积分存折")).to_be_visible()
    shot(page, "passbook-paper")
    page.get_by_role("link", name="返回").click()
    page.get_by_text("登记代领人", exact=True).click()
    page.get_by_label("代领人姓名").fill("刘桂英")
    page.get_by_label("与户主关系").fill("弟媳")
    page.get_by_label("户主如何同意").fill("户主当面同意")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已登记代领人：刘桂英")
    shot(page, "passbook-household")
    page.get_by_role("link", name="打印本月明细").click()
    shot(page, "passbook-statement")


def scan(page: Page) -> None:
    passbook = Passbook.objects.get()
    page.goto(f"/public/passbook/{passbook_token(passbook)}/")
    expect(page.get_by_text("13 分")).to_be_visible()
    expect(page.get_by_text("王小明")).to_have_count(0)
    shot(page, "passbook-scan")
    page.goto("/public/passbook/AAAAAAAAAAAAAAAAAAAAAAAA/")
    expect(page.get_by_role("heading", name="没有查到这本存折")).to_be_visible()
    shot(page, "passbook-unknown")


def expire(page: Page, desk: Desk) -> None:
    page.goto("/more/")
    page.get_by_role("link", name="积分到期").click()
    shot(page, "expiry-empty")
    page.get_by_role("link", name="登记到期安排").click()
    page.get_by_label("村（社区）").select_option(str(desk.village.pk))
    page.get_by_label("哪一天以前得到的积分").fill(timezone.localdate().isoformat())
    page.get_by_label("到期日（当天仍可兑换").fill((timezone.localdate() + timedelta(days=62)).isoformat())
    page.get_by_label("依据").fill("2026年村民代表会议决定")
    shot(page, "expiry-form")
    page.get_by_role("button", name="保存并公示").click()
    expect(page.get_by_role("status")).to_contain_text("共 13 分到期")
    shot(page, "expiry-list")
    page.get_by_role("link", name="取消").click()
    shot(page, "expiry-cancel")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_walks_from_paper_to_scan(browser: Browser, live_server: LiveServer, width: str) -> None:
    cache.delete("tried:passbook:127.0.0.1")
    desk = Desk()
    for _ in range(3):
        desk.enter()
    points_spend(account=desk.accounts[0], points=2, memo="兑换：洗衣液", by=desk.cast["staff"], source_key="s")
    shop = Shop.objects.create(village=desk.village, name="八一道德超市")
    fund(shop, 1500, desk.cast["staff"])
    for days in (2, 1, 0):
        covers_snapshot(timezone.now() - timedelta(days=days))
    with walking(browser, live_server.url, width) as page:
        log_in(page, "cadre-511923102201")
        issue(page, desk)
        page.goto("/passbooks/")
        shot(page, "passbook-list")
        page.goto("/covers/")
        shot(page, "cover-list")
        page.goto(f"/covers/{desk.village.pk}/")
        shot(page, "cover-detail")
    with walking(browser, live_server.url, width, forgives=("status of 404",)) as page:
        scan(page)
    with walking(browser, live_server.url, width) as page:
        log_in(page, "staff-511923102201")
        expire(page, desk)
