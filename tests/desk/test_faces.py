"""Pages as fingers, weak eyes and screen readers meet them on a phone of 390 pixels: axe finds nothing, what is tapped is 44 pixels
high, and at 200 % zoom a page is scrolled downwards only. A share of the pages; all of them with SOAK=1 (`make soak ARGS=faces`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, Route, ViewportSize

import check_static
from tests.answers import ClientAnswer
from tests.browser import WIDTHS
from tests.cases.sending.test_drafts import client_of, full_house
from tests.frame.once_forms import EVERYONE, FullHouse
from tests.matrix import patterns
from tests.test_matrix import PAGES
from tests.worlds import module_world

pytestmark = pytest.mark.django_db
HOST = "http://house.test"
SHARE = 1 if os.environ.get("SOAK") else 8
ROLES = (EVERYONE, "supervisor", "yard_head", "volunteer") if os.environ.get("SOAK") else (EVERYONE,)
WIDE = WIDTHS["phone"]
ZOOMED: ViewportSize = {"width": 195, "height": 422}
AXE = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
    .map((found) => `${found.id}: ${found.nodes[0].html.slice(0, 160)}`)"""
# Links within a sentence are as high as its lines, those around a picture as high as it; a box counts with its label.
SMALL = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter((one) => {
    const { width, height } = one.getBoundingClientRect(), style = getComputedStyle(one);
    if (!width || !height || style.visibility === 'hidden') return false;
    if (one.closest('.visually-hidden, .skip') || one.querySelector('img')) return false;
    if (one.tagName === 'A' && style.display === 'inline' && one.closest('p, li, td, dd, span')) return false;
    const label = one.matches('[type=radio], [type=checkbox]') && one.labels[0];
    return Math.max(height, label ? label.getBoundingClientRect().height : 0) < 43.5;
}).map((one) => `${one.tagName} ${(one.textContent || one.name || '').trim().slice(0, 20)}`)"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
house = module_world(full_house)


@pytest.fixture(scope="module")
def axe() -> str:
    check_static.install(settings.BASE_DIR)
    return (settings.BASE_DIR / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def addresses(house: FullHouse) -> list[str]:
    """Pages for phones and desks; the admin's look is its package's."""
    found = []
    for name, route in patterns():
        page = PAGES.get(name)
        if page is not None and page.method == "get" and not name.startswith(("api:", "admin:")) and 200 in page.answers:
            found.append(house.address(name, route, page))
    return sorted(set(found))[::SHARE]


def opened(page: Page, house: FullHouse, role: str) -> Iterator[str]:
    """Each page that opens to the role, drawn from the server's answer and the files of static/."""
    client, shown = client_of(house.cast[role]), {"text": ""}

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith(settings.STATIC_URL):
            route.fulfill(path=finders.find(path.removeprefix(settings.STATIC_URL)))
        elif route.request.is_navigation_request():
            route.fulfill(body=shown["text"], content_type="text/html; charset=utf-8")
        else:
            route.fulfill(status=204)

    page.route("**/*", answer)
    for address in addresses(house):
        got: ClientAnswer = client.get(address)
        if got.status_code == 200 and not got.streaming and b'<html lang="zh-Hans"' in got.content:
            shown["text"] = got.content.decode()
            page.set_viewport_size(WIDE)
            page.goto(f"{HOST}{address}")
            yield address


def faults_of(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    faults = [*page.evaluate(AXE), *(f"small: {one}" for one in page.evaluate(SMALL))]
    page.set_viewport_size(ZOOMED)
    return faults + [f"{over} wider than the screen"] if (over := page.evaluate(SIDEWAYS)) > 0 else faults


@pytest.mark.parametrize("role", ROLES)
def test_a_page_is_read_tapped_and_zoomed(browser: Browser, house: FullHouse, axe: str, role: str) -> None:
    context = browser.new_context(viewport=WIDE, locale="zh-CN", service_workers="block")
    page, faults, count = context.new_page(), {}, 0
    for address in opened(page, house, role):
        count += 1
        if found := faults_of(page, axe):
            faults[address] = found
    context.close()
    assert not faults, "\n".join(f"{address}: {found}" for address, found in faults.items())
    assert count > 20


