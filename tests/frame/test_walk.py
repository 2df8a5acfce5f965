"""A list in the browser: filter, take off, sort, keep under a name, use, remove; a wrong filter says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from governance.accounts.models import SavedFilter
from tests.browser import log_in, shot, walking
from tests.inspections.orders.house import OrderHouse

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_a_list_is_filtered_sorted_and_its_filter_kept(browser: Browser, live_server: LiveServer, width: str) -> None:
    house = OrderHouse()
    house.closed()
    house.issue(house.finding("柴堆占道"), house.finding("沟渠堵塞"), house.finding("路灯不亮"))
    house.issue(kind="oversight", number=1)
    with walking(browser, live_server.url, width) as page:
        log_in(page, house.staff.username)
        page.goto("/orders/?tab=all")
        expect(page.locator("tbody tr")).to_have_count(3)
        shot(page, "list")
        page.get_by_label("类别").select_option(label="督办单")
        page.get_by_role("button", name="查找").click()
        expect(page.locator("tbody tr")).to_have_count(1)
        page.get_by_text("保存这个筛选").click()
        shot(page, "list-filtered")
        page.get_by_label("筛选的名称").fill("只看督办")
        page.get_by_role("button", name="保存").click()
        page.get_by_role("link", name="去掉筛选 类别").click()
        expect(page.locator("tbody tr")).to_have_count(3)
        page.get_by_role("link", name="只看督办").click()
        expect(page.locator("tbody tr")).to_have_count(1)
        shot(page, "list-saved")
        page.get_by_role("button", name="删除“只看督办”").click()
        expect(page.get_by_role("link", name="只看督办")).to_have_count(0)
        assert not SavedFilter.objects.exists()
        if width == "desktop":
            page.goto("/orders/?tab=all")
            for order in ("ascending", "descending"):
                page.get_by_role("link", name="签发").click()
                expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", order)
        page.goto("/orders/?kind=letters")
        expect(page.get_by_text("筛选条件有误")).to_be_visible()
        shot(page, "list-wrong")
