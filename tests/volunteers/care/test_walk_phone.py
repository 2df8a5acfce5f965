"""A helper's phone without signal: two people in a row by one tap each, the defaults stay; with signal it says that it is kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.periods import today
from tests.browser import CUT, log_in, walking
from tests.volunteers.care.house import CareHouse
from volunteers.models import CareNote

pytestmark = pytest.mark.django_db(transaction=True)


def note(page: Page, name: str) -> None:
    page.locator("label", has_text=name).click()
    page.locator("label", has_text="平安").first.click()
    page.get_by_role("button", name="记下").click()


def test_it_takes_two_in_a_row_without_signal(browser: Browser, live_server: LiveServer) -> None:
    house = CareHouse()
    for name in ("独居甲", "独居乙", "独居丙"):
        house.enter(name=name, helper=house.cast["volunteer"], on=today())
    with walking(browser, live_server.url, "phone", forgives=CUT) as page:
        log_in(page, house.cast["volunteer"].username)
        page.goto("/my-care/")
        page.evaluate("navigator.serviceWorker.ready")
        page.wait_for_load_state("networkidle")
        page.context.set_offline(True)
        for number, name in enumerate(("独居甲", "独居乙"), 1):
            note(page, name)
            expect(page.locator("#queue")).to_contain_text(f"待发送 {number} 件（没有网络")
            expect(page.locator("input[name=record]:checked")).to_have_count(0)
        page.context.set_offline(False)
        expect(page.locator("#queue")).to_have_attribute("data-waiting", "0")
        page.goto("/my-care/")
        note(page, "独居丙")
        expect(page.get_by_role("status").filter(has_text="已记下")).to_be_visible()
    found = CareNote.objects.order_by("pk").values_list("resident__name", "condition", "visit__kind")
    assert sorted(found) == sorted((name, "well", "phone") for name in ("独居甲", "独居乙", "独居丙"))
