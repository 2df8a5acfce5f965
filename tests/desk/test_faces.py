"""Pages as fingers, weak eyes and screen readers meet them: axe finds nothing on a phone of 390 pixels nor on a desk, what is tapped
is 44 pixels high, and at 200 % zoom a page is scrolled downwards only. A share of the pages for one role; all pages for all roles
of the matrix with SOAK=1 (`make soak ARGS=faces`), where a page is read again only if it is built otherwise than for a role before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from time import monotonic
from urllib.parse import urlsplit

import lxml.html  # type: ignore[import-untyped]
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Route, ViewportSize

import check_static
from tests.answers import ClientAnswer, page_of
from tests.browser import WIDTHS
from tests.cases.sending.test_drafts import client_of, full_house
from tests.frame.once_forms import EVERYONE, FullHouse
from tests.matrix import patterns
from tests.test_matrix import ANONYMOUS, PAGES
from tests.test_matrix import ROLES as ALL_ROLES
from tests.worlds import module_world

pytestmark = pytest.mark.django_db
HOST = "http://house.test"
SHARE = 1 if os.environ.get("SOAK") else 8
ROLES = tuple(dict.fromkeys((EVERYONE, *ALL_ROLES))) if SHARE == 1 else (EVERYONE,)
NOWHERE = "/nowhere/"
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
Skeletons = set[tuple[object, ...]]
house = module_world(full_house)


@pytest.fixture(scope="module")
def axe() -> str:
    check_static.install(settings.BASE_DIR)
    return (settings.BASE_DIR / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def known() -> Skeletons:
    """What was read for the roles before."""
    return set()


def addresses(house: FullHouse) -> list[str]:
    """Pages for phones and desks; the admin's look is its package's."""
    found = {NOWHERE, *(address for address, _ in house.more_pages())}
    for name, route in patterns():
        page = PAGES.get(name)
        if page is not None and page.method == "get" and not name.startswith(("api:", "admin:")) and 200 in page.answers:
            found.add(house.address(name, route, page))
    return sorted(found)[::SHARE]


def skeletons(address: str, text: str) -> Skeletons:
    """The page without its words, tags, classes and roles in their order: the header by itself, all else at this address."""
    page = lxml.html.fromstring(text)
    parts = {"": page.xpath("//body/header//*"), address: page.xpath("//body//*[not(ancestor-or-self::header/parent::body)]")}
    return {(place, *((one.tag, one.get("class"), one.get("role")) for one in part)) for place, part in parts.items()}


def opened(house: FullHouse, role: str) -> Iterator[tuple[str, str]]:
    """Address and text of each page that opens to the role."""
    client = Client() if role == ANONYMOUS else client_of(house.cast[role])
    for address in addresses(house):
        got: ClientAnswer = client.get(address)
        if (got.status_code == 200 or address == NOWHERE) and b'<html lang="zh-Hans"' in (page := page_of(got)):
            yield address, page.decode()


def drawn(page: Page, address: str, text: str) -> None:
    """The page from the server's answer and the files of static/."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith(settings.STATIC_URL):
            route.fulfill(path=finders.find(path.removeprefix(settings.STATIC_URL)))
        elif route.request.is_navigation_request():
            route.fulfill(body=text, content_type="text/html; charset=utf-8")
        else:
            route.fulfill(status=204)

    page.unroute_all()
    page.route("**/*", answer)
    page.set_viewport_size(WIDE)
    page.goto(f"{HOST}{address}")


def faults_of(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    faults = [*page.evaluate(AXE), *(f"small: {one}" for one in page.evaluate(SMALL))]
    page.set_viewport_size(ZOOMED)
    if (over := page.evaluate(SIDEWAYS)) > 0:
        faults.append(f"{over} wider than the screen")
    page.set_viewport_size(WIDTHS["desktop"])
    return faults + [f"on a desk: {one}" for one in page.evaluate(AXE)]


@pytest.mark.parametrize("role", ROLES)
def test_a_page_is_read_tapped_and_zoomed(browser: Browser, house: FullHouse, axe: str, known: Skeletons, role: str) -> None:
    context = browser.new_context(viewport=WIDE, locale="zh-CN", service_workers="block")
    page, faults, count, read, began = context.new_page(), {}, 0, 0, monotonic()
    for address, text in opened(house, role):
        count += 1
        if (skeleton := skeletons(address, text)) <= known:
            continue
        known |= skeleton
        read += 1
        drawn(page, address, text)
        if found := faults_of(page, axe):
            faults[address] = found
    context.close()
    print(f"{role}: {count} pages open, {read} built as none before, {len(faults)} with faults, {monotonic() - began:.0f} s")
    assert not faults, "\n".join(f"{address}: {found}" for address, found in faults.items())
    assert count > (10 if role == ANONYMOUS else 20)
