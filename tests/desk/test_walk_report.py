"""The figures by village looked at in a browser: the day before a merger, then restated, on a desktop and on a phone."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import log_in, shot, walking
from tests.builders import make_household, make_resident, make_village
from tests.pages import Desk
from villages.units.services import NewUnit, units_merge

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_walks_from_the_first_page_to_both_bases(live_server: LiveServer, browser: Browser, width: str) -> None:
    desk = Desk(2)
    other = make_village(desk.township, "马鞍村委会", "511923102202")
    make_resident(make_household(other))
    desk.enter(day=date(2026, 2, 3))
    staff = desk.cast["staff"]
    units_merge(
        sources=[desk.village, other], into=NewUnit("兴隆村委会", "511923102210"), on=date(2026, 3, 1), by=staff
    )
    with walking(browser, live_server.url, width) as page:
        log_in(page, staff.username)
        shot(page, "home")
        page.get_by_role("navigation", name="主导航").get_by_role("link", name="更多").click()
        page.get_by_role("link", name="村情统计").click()
        page.get_by_label("日期", exact=True).select_option(label="合并前一天（2026-02-28）")
        page.get_by_role("button", name="查看").click()
        expect(page.get_by_role("heading", name="2026年2月28日户数与人口")).to_be_visible()
        expect(page.get_by_text("马鞍村")).to_have_count(2)
        shot(page, "report-then")
        page.get_by_label("口径").select_option(label="按现在的村")
        page.get_by_role("button", name="查看").click()
        expect(page.get_by_text("兴隆村")).to_have_count(2)
        expect(page.get_by_text("马鞍村")).to_have_count(0)
        shot(page, "report-now")
        page.get_by_label("或填其他日期").fill("2026.1.1")
        page.get_by_role("button", name="查看").click()
        expect(page.get_by_text("日期应写作 2025-06-30。")).to_be_visible()
        shot(page, "report-wrong")
        page.goto("/reports/?other=2019-01-01")
        expect(page.get_by_text("没有可以统计的村（社区）。")).to_be_visible()
        shot(page, "report-empty")
        page.goto("/reports/?day=before_merger")
        with page.expect_download() as download:
            page.get_by_role("link", name="导出表格").click()
        assert download.value.suggested_filename.startswith("各村统计-")
