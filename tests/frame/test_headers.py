"""What every answer says to the browser: nothing of somebody who is signed in is kept, and nothing runs but the house's own files.
Walked over all pages, of the seven that each model has in the admin over a share; in Chromium over a share of all. Over all of them with
SOAK=1 (`make soak ARGS=faces`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import transaction
from django.test import Client
from playwright.sync_api import Browser, Page, Route

from governance.accounts.duties import Guard
from tests.answers import ClientAnswer
from tests.browser import WIDTHS
from tests.cases.sending.test_drafts import client_of, full_house
from tests.frame.once_forms import EVERYONE, FullHouse
from tests.matrix import patterns
from tests.test_matrix import PAGES
from tests.worlds import module_world

HOST = "http://house.test"
SHARE = 1 if os.environ.get("SOAK") else 12
OF_EACH_MODEL = ("_changelist", "_add", "_change", "_delete", "_history", "_simple_history", "_export")
MODELS_SHARE = 1 if os.environ.get("SOAK") else 5  # of these seven, so that each is met of other models
ALWAYS = ("api:docs", "accounts:login", "admin:index", "admin:villages_household_changelist", "admin:villages_household_change")
PARTS = ("/admin/jsi18n/", "/api/v1/docs/?script=", "/api/v1/schema/")  # what pages fetch that is no file
HEARD = "addEventListener('securitypolicyviolation', (one) => (window.heard ||= []).push(`${one.violatedDirective} ${one.blockedURI}`))"
IDLE = "new Promise((done) => requestIdleCallback(() => setTimeout(done, 50)))"
house = module_world(full_house)


@pytest.fixture(scope="module", autouse=True)
def begun(browser: Browser) -> None:
    """Begun before the house is built: what was built before it, the browser's loop does not see."""


def addresses(house: FullHouse) -> Iterator[tuple[str, str]]:
    """Name and address of every page that is fetched."""
    for name, route in patterns():
        page = PAGES.get(name)
        if page is not None and page.method == "get":
            yield name, house.address(name, route, page)


def walked(house: FullHouse) -> Iterator[tuple[str, str]]:
    """Of the pages that every model has in the admin only a share, as all are drawn by the same code; every other page."""
    models = 0
    for name, address in addresses(house):
        models += name.startswith("admin:") and name.endswith(OF_EACH_MODEL)
        if not (name.startswith("admin:") and name.endswith(OF_EACH_MODEL)) or models % MODELS_SHARE == 0:
            yield name, address


def fetched(client: Client, address: str) -> ClientAnswer:
    with transaction.atomic():
        answer: ClientAnswer = client.get(address)
        transaction.set_rollback(True)
    return answer


@pytest.mark.django_db
@pytest.mark.parametrize("role", [EVERYONE, *Guard.values])
def test_no_browser_keeps_what_was_answered_to_somebody(house: FullHouse, role: str) -> None:
    client, kept, loose = client_of(house.cast[role]), [], []
    for name, address in walked(house):
        answer = fetched(client, address)
        if "no-store" not in answer.get("Cache-Control", "") or "max-age=3600" in answer["Cache-Control"]:
            kept.append(address)
        policy = answer.get("Content-Security-Policy", "")
        if "default-src 'self'" not in policy or ("unsafe" in policy) != name.startswith("admin:"):
            loose.append(f"{address} {policy}")
    assert (kept, loose) == ([], [])


@pytest.mark.django_db
def test_logging_out_clears_what_was_kept_but_never_the_phone_s_drafts(house: FullHouse) -> None:
    client = client_of(house.cast["cadre"])
    assert "Clear-Site-Data" not in client.get("/")
    assert client.post("/logout/")["Clear-Site-Data"] == '"cache"'


def violations(page: Page, answers: dict[str, ClientAnswer], address: str, patient: bool) -> list[str]:
    """What the browser refused of a page, drawn from the server's `answers` and the files of static/; `patient`: also of what it fetches
    long after it is drawn."""

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HOST)
        if path.startswith(settings.STATIC_URL):
            route.fulfill(path=finders.find(urlsplit(path).path.removeprefix(settings.STATIC_URL)))
        elif path in answers:
            route.fulfill(body=answers[path].content, headers=dict(answers[path].items()))
        else:
            route.fulfill(status=204)

    page.route("**/*", answer)
    page.goto(f"{HOST}{address}")
    if patient:
        page.wait_for_load_state("networkidle")
    page.evaluate(IDLE)
    found: list[str] = page.evaluate("window.heard || []")
    page.unroute_all(behavior="ignoreErrors")
    return found


@pytest.mark.django_db
def test_nothing_of_a_page_is_refused_by_its_own_policy(browser: Browser, house: FullHouse) -> None:
    context = browser.new_context(viewport=WIDTHS["desktop"], locale="zh-CN", service_workers="block")
    context.add_init_script(HEARD)
    page, client, found, count = context.new_page(), client_of(house.cast[EVERYONE]), {}, 0
    parts = {path: fetched(client, path) for path in PARTS}
    for number, (name, address) in enumerate(addresses(house)):
        if number % SHARE and name not in ALWAYS:
            continue
        answer = fetched(client, address)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            count += 1
            if refused := violations(page, {**parts, address: answer}, address, SHARE == 1 or name in ALWAYS):
                found[address] = refused
    context.close()
    assert not found, "\n".join(f"{address}: {refused}" for address, refused in found.items())
    assert count > 20
