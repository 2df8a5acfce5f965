"""The bar and the groups beside it: what somebody may open, and where they are."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import log_in, shot, walking
from tests.builders import make_cast, make_township, make_village
from tests.pages import Desk, read


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/", [("/", "page")]),
        ("/more/", [("/more/", "page")]),
        ("/claims/", [("/claims/", "page"), ("/claims/", "page")]),
        ("/claims/batch/", [("/claims/", "true"), ("/claims/batch/", "page")]),
        ("/visits/log/", [("/visits/", "true")]),
        ("/inbox/", []),
    ],
)
def test_it_says_where_one_is(client: Client, path: str, marked: list[tuple[str, str]]) -> None:
    page = read(client, Desk(3).cast["staff"], path)
    header = page[: page.index("<main")]
    assert re.findall(r'<a href="([^"]+)" aria-current="([^"]+)"', header) == marked
    assert header.count("<details open>") == (1 if marked and marked[-1][0] not in ("/", "/more/") else 0)


@pytest.mark.django_db
def test_it_offers_beside_the_page_what_stands_under_more(client: Client) -> None:
    desk = Desk(3)
    for duty in ("staff", "yard_head"):
        page = read(client, desk.cast[duty], "/more/")
        header, main = page[: page.index("<main")], page[page.index("<main") :]
        beside = re.findall(r'<a href="([^"]+)"', header[header.index("<details") : header.index("</nav>")])
        assert beside == re.findall(r'<li><a href="([^"]+)"', main)
        assert ("/ledgers/" in beside) == (duty == "staff")


@pytest.mark.django_db(transaction=True)
def test_it_stands_at_the_side_of_a_wide_screen(browser: Browser, live_server: LiveServer) -> None:
    township = make_township()
    make_cast(township, make_village(township))
    with walking(browser, live_server.url, "desktop") as page:
        log_in(page, "staff-511923102201")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main", "the first link leads over the navigation"
        page.get_by_text("督查和整改").click()
        page.get_by_role("link", name="整改和督办").click()
        page.wait_for_url("**/orders/")
        expect(page.get_by_role("link", name="整改和督办")).to_have_attribute("aria-current", "page")
        shot(page, "side")
        page.set_viewport_size({"width": 1199, "height": 800})
        expect(page.get_by_text("督查和整改")).to_be_hidden()
        expect(page.get_by_role("link", name="更多")).to_be_visible()
