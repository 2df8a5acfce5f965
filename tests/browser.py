"""A real browser for walks through the pages: Debian's Chromium, two widths, and no fault forgiven.

A page fails its test on console errors, script errors, requests to any host but the live server, and on phones where
something is wider than the screen. Set SHOTS to a folder to keep pictures (`shot`).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, TimeoutError, ViewportSize, expect, sync_playwright

from tests.builders import PASSWORD

WIDTHS: dict[str, ViewportSize] = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
]
CUT = ("net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED")
REFUSED = ("status of 422",)
# The first answer comes when the page says `release()`.
LATE = """(() => { const send = window.fetch; let held = new Promise((done) => { window.release = done; });
    window.fetch = async (path, asked) => { const answer = await send(path, asked);
    if (asked?.method === 'POST') await held; return answer; } })()"""
WIDTH_SECONDS = 3
BY_ITSELF = 5_000  # milliseconds after which a page does not open by itself any more
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

# Playwright keeps an event loop in this thread; the ORM is called between its steps, never inside them.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


# A form that was sent leaves its page when the answer is there; until then the page says so.
UNDER_WAY = "addEventListener('submit', (sent) => { window.underWay = !sent.defaultPrevented; })"
PATIENCE = 90_000  # milliseconds that a page may take where the machine is busy with other things
expect.set_options(timeout=PATIENCE)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium from CHROMIUM or the path; the runner installs it or says what is missing."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.fail("no chromium on this machine: run the tests by `make test`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def walking(
    browser: Browser, address: str, width: str, *, scripts: bool = True, forgives: tuple[str, ...] = ()
) -> Iterator[Page]:
    """A fresh page of the given width at the live server `address`; leaving it asserts that nothing went wrong, but
    for what the test brings about itself and `forgives` (CUT: no network, REFUSED: a form sent back).

    Only a walk that cuts the line keeps pages on the phone: fetching them takes the server's time."""
    faults: list[str] = []
    host = urlsplit(address).netloc
    forgives = forgives if scripts else (*forgives, " csp")  # a page's modules, which are not to be loaded
    context = browser.new_context(
        viewport=WIDTHS[width],
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        base_url=address,
        java_script_enabled=scripts,
        service_workers="allow" if set(CUT) <= set(forgives) else "block",
    )
    context.add_init_script(UNDER_WAY)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)

    def check_width() -> None:
        """Asked again on the next page where the last tap still leads to one."""
        page.wait_for_load_state()
        try:
            page.wait_for_function(f"{OVERFLOW} <= 0", timeout=WIDTH_SECONDS * 1000)
        except TimeoutError:
            faults.append(f"wider than the phone: {page.url}")

    def note(text: str) -> None:
        if not any(words in text for words in forgives):
            faults.append(text)

    page.on("console", lambda message: note(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: None if _own(request.url, host) else faults.append(f"request to {request.url}"))
    page.on("requestfailed", lambda request: note(f"failed {request.url} {request.failure}") if _is_fault(request) else None)
    page.expose_function("noteWidth", lambda excess: faults.append(f"wider than the phone by {excess}: {page.url}"))
    if width == "phone":
        page.add_init_script(f"addEventListener('load', () => {{ const w = {OVERFLOW}; if (w > 0) noteWidth(w); }})")
    yield page
    if width == "phone":
        check_width()
    context.close()
    assert not faults, faults


def _is_fault(request: Request) -> bool:
    """Going on to the next page before the last one is whole aborts its files; that is no fault."""
    return request.failure != "net::ERR_ABORTED"


def _own(url: str, host: str) -> bool:
    return urlsplit(url).netloc == host or url.startswith(("data:", "blob:"))


def leave(page: Page) -> None:
    """Nobody is signed in any more, once what was sent is answered: a form under way takes its sender's cookies along."""
    page.wait_for_function("!window.underWay")
    page.context.clear_cookies()


def log_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Through the login page, as people do; ends on the first page."""
    leave(page)
    page.goto("/login/")
    page.get_by_label("登录名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: urlsplit(url).path != "/login/")


def arrive(page: Page, at: str | re.Pattern[str] = "**/cases/*/**") -> None:
    """To what was just sent: its page opens by itself, or, where the server took its time, the line in the bar leads there.

    The line comes first in either case, and goes with the page."""
    there, line = page.locator("[role=status]", has_text="已登记"), page.locator("#queue a", has_text="已登记")
    expect(there.or_(line).first).to_be_visible()
    try:
        page.wait_for_url(at, timeout=BY_ITSELF)
    except TimeoutError:
        page.goto(line.first.get_attribute("href") or "")
    page.wait_for_load_state("networkidle")


def shot(page: Page, name: str) -> None:
    """Keep a picture of the whole page below SHOTS, if it is set."""
    folder = os.environ.get("SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        viewport = page.viewport_size or {"width": 0}
        page.screenshot(path=f"{folder}/{viewport['width']}-{name}.png", full_page=True)
