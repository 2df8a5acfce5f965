"""A cadre on a phone without signal: three events with photos, one of them sent twice, and nothing lost or doubled."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from governance.cases.categories.setting_up import cases_set_up
from governance.cases.models import Case, Conflict, Photo, Sent, Visit
from tests.browser import CUT, log_in, shot, walking
from tests.builders import make_cast, make_township, make_village

pytestmark = pytest.mark.django_db(transaction=True)
TEXTS = ("院口电线垂下来了", "水管漏水", "路灯不亮")
KEPT = """async () => { await navigator.serviceWorker.ready;
    while (!(await caches.match('/log/'))) await new Promise(requestAnimationFrame); }"""
STORED = """async () => { for (let rows = 0; rows < 1; await new Promise(requestAnimationFrame)) rows = await new Promise((done) => {
    const asked = indexedDB.open('xiangzhi', 1); asked.onsuccess = () => {
    const drafts = asked.result.transaction('drafts').objectStore('drafts').count();
    drafts.onsuccess = () => { asked.result.close(); done(drafts.result); } } }); }"""
# The server has taken the second event and says so, the phone does not hear of it.
LOSE_ANSWER = """(() => { const send = window.fetch; window.fetch = async (path, asked) => {
    const answer = await send(path, asked);
    if (sessionStorage.lost || !String(asked?.body).includes('水管漏水')) return answer;
    sessionStorage.lost = answer.status;
    throw new TypeError('lost'); } })()"""
LEFT = """async () => new Promise((done) => { const asked = indexedDB.open('xiangzhi', 1); asked.onsuccess = () => {
    const rows = asked.result.transaction(['drafts', 'keys']);
    const drafts = rows.objectStore('drafts').count(), keys = rows.objectStore('keys').count();
    rows.oncomplete = () => { asked.result.close(); done([drafts.result, keys.result]); } } })"""
# The server answers when and how the page says: `answers` are the requests that wait.
HELD = """(() => { const send = window.fetch; window.answers = []; window.fetch = (path, asked) =>
    String(path).includes('/log/send/') && !sessionStorage.open ? new Promise((give) => answers.push(give)) : send(path, asked); })()"""
ANSWER = """async (status) => { while (!answers.length) await new Promise(requestAnimationFrame);
    answers.shift()(new Response('', { status })); }"""
TWO_KEPT = """async () => {
    const { unsent } = await import(document.querySelector('script[src*="offline/store"]').src), patience = Date.now() + 10000;
    while (Date.now() < patience && (await unsent()).length < 2) await new Promise(requestAnimationFrame);
    return (await unsent()).length === 2; }"""
GPS = {1: "N", 2: (31.0, 33.0, 0.0), 3: "E", 4: (107.0, 6.0, 0.0)}


def jpeg_with_place() -> bytes:
    image, stream = Image.new("RGB", (2400, 1200), "green"), io.BytesIO()
    exif = image.getexif()
    exif[0x010F], exif[0x0112] = "Phone", 6
    exif.get_ifd(0x8825).update(GPS)
    image.save(stream, "JPEG", exif=exif)
    return stream.getvalue()


@pytest.fixture(autouse=True)
def house(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    township = make_township()
    make_cast(township, make_village(township))
    cases_set_up(township=township)


def choose(page: Page) -> None:
    """What was not chosen lately stands behind the first ones."""
    label = page.locator("label", has_text="电力")
    if not label.is_visible():
        page.get_by_text("别的类别").click()
    label.click()


def log(page: Page, text: str, photo: Path | None = None) -> None:
    """Three taps and one sentence."""
    choose(page)
    page.locator("label", has_text="柏树院").click()
    page.get_by_role("textbox", name="什么情况").or_(page.locator("textarea[name=text]")).first.fill(text)
    if photo is not None:
        page.locator("#photos").set_input_files(photo)
        expect(page.locator("#photo-count")).to_contain_text("已选 1 张")
    page.get_by_role("button", name="发送").click()


def test_it_sends_three_events_with_photos_once_each(browser: Browser, live_server: LiveServer, tmp_path: Path) -> None:
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(jpeg_with_place())
    with walking(browser, live_server.url, "phone", forgives=CUT) as page:
        page.add_init_script(LOSE_ANSWER)
        log_in(page, "cadre-511923102201")
        page.goto("/log/")
        page.evaluate(KEPT)
        page.context.set_offline(True)
        page.reload()
        for number, text in enumerate(TEXTS, 1):
            log(page, text, picture)
            expect(page.locator("#queue")).to_contain_text(f"待发送 {number} 件（没有网络")
        shot(page, "offline-queue")
        page.reload()
        expect(page.locator("#queue")).to_contain_text("待发送 3 件")
        assert not Case.objects.exists()
        page.context.set_offline(False)
        page.wait_for_function("() => sessionStorage.lost")
        assert page.evaluate("sessionStorage.lost") == "201"
        page.goto("/cases/?tab=logged")
        expect(page.locator("#queue")).to_have_attribute("data-waiting", "0")
        page.reload()
        for text in TEXTS:
            expect(page.locator("main")).to_contain_text(text)
        shot(page, "offline-sent")
        page.locator("a", has_text="电力 SJ").first.click()
        expect(page.locator(".photos img")).to_be_visible()
        shot(page, "case-with-photo")
    assert sorted(Case.objects.values_list("text", flat=True)) == sorted(TEXTS)
    assert (Sent.objects.count(), Conflict.objects.count()) == (3, 0)
    photos = list(Photo.objects.select_related("case"))
    assert sorted(photo.case.text for photo in photos if photo.case) == sorted(TEXTS)
    for photo in photos:
        with Image.open(photo.file.path) as image:
            assert not image.getexif() and max(image.size) <= 1600


def test_it_logs_in_three_taps_and_says_the_number(browser: Browser, live_server: LiveServer) -> None:
    for width in ("phone", "desktop"):
        with walking(browser, live_server.url, width) as page:
            log_in(page, "cadre-511923102201")
            page.get_by_role("link", name="记一件事").click()
            shot(page, "case-log")
            log(page, f"{width}：院口电线垂下来了")
            expect(page.locator("[role=status], #queue").filter(has_text=re.compile("已登记.*SJ2026-0000")).first).to_be_visible()
            shot(page, "case-logged")
    assert Case.objects.count() == 2


def test_it_frees_the_page_at_once_and_says_what_to_do(browser: Browser, live_server: LiveServer) -> None:
    with walking(browser, live_server.url, "phone") as page:
        page.add_init_script(HELD)
        log_in(page, "cadre-511923102201")
        page.goto("/log/")
        log(page, TEXTS[0])
        queue, text = page.locator("#queue"), page.locator("textarea[name=text]")
        expect(queue).to_contain_text("1 件已存在手机上，正在发送")
        expect(text).to_have_value("")
        expect(page.get_by_role("button", name="发送")).to_be_enabled()
        page.evaluate(ANSWER, 500)
        expect(queue).to_contain_text("会自动再发")
        page.evaluate(ANSWER, 413)
        expect(queue).to_contain_text("减少照片再保存")
        shot(page, "refused")
        page.evaluate("sessionStorage.open = 1")
        queue.get_by_role("link", name="减少照片").click()
        expect(text).to_have_value(TEXTS[0])
        page.get_by_role("button", name="发送").click()
        expect(page.locator("[role=status], #queue").filter(has_text="已登记").first).to_be_visible()
    assert Case.objects.get().text == TEXTS[0]


def test_it_works_without_scripts(browser: Browser, live_server: LiveServer, tmp_path: Path) -> None:
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(jpeg_with_place())
    with walking(browser, live_server.url, "phone", scripts=False) as page:
        log_in(page, "cadre-511923102201")
        page.goto("/log/")
        choose(page)
        page.locator("label", has_text="柏树院").click()
        page.locator("textarea[name=text]").fill(TEXTS[0])
        page.locator("#photos").set_input_files(picture)
        page.get_by_role("button", name="发送").click()
        expect(page.get_by_role("status")).to_contain_text("已登记")
        page.goto("/log/")
        choose(page)
        page.locator("textarea[name=text]").fill("还是那根电线")
        page.get_by_role("button", name="发送").click()
        expect(page.get_by_role("alert")).to_contain_text("是同一件吗")
        shot(page, "case-alike")
        page.get_by_role("button", name="不是同一件").click()
        expect(page.get_by_role("status")).to_contain_text("已登记")
    assert Case.objects.count() == 2
    with Image.open(Photo.objects.get().file.path) as image:
        assert not image.getexif() and image.size == (800, 1600), "upright, small, bare"


def test_it_keeps_what_was_refused_and_what_was_typed(browser: Browser, live_server: LiveServer) -> None:
    with walking(browser, live_server.url, "phone", forgives=CUT) as page:
        log_in(page, "cadre-511923102201")
        page.goto("/visits/log/")
        page.locator("label", has_text="柏树院").click()
        page.get_by_label("看到的、听到的").fill("老人身体还好")
        page.evaluate(STORED)
        page.reload()
        expect(page.get_by_label("看到的、听到的")).to_have_value("老人身体还好")
        page.get_by_role("button", name="发送").click()
        expect(page.locator("[role=status], #queue").filter(has_text="已登记").first).to_be_visible()
        shot(page, "visit")
        page.get_by_role("button", name="退出").click()
        page.wait_for_url("**/login/")
        assert page.evaluate(LEFT) == [0, 0]
        assert page.evaluate("async () => (await caches.keys()).filter((name) => name.startsWith('pages')).length") == 0
    assert Visit.objects.get().seen == "老人身体还好"


def test_what_is_typed_before_the_script_is_there_stays(browser: Browser, live_server: LiveServer) -> None:
    held: list[Route] = []
    with walking(browser, live_server.url, "phone") as page:
        log_in(page, "cadre-511923102201")
        page.goto("/visits/log/")
        page.get_by_label("看到的、听到的").fill("昨天写了一半")
        page.evaluate(STORED)
        page.goto("/")
        page.route("**/offline/form*.js", lambda route: held.append(route))
        with page.expect_request("**/offline/form*.js"):
            page.goto("/visits/log/", wait_until="commit")
        page.get_by_label("看到的、听到的").fill("今天的")
        for route in held:
            route.continue_()
        page.wait_for_load_state()
        page.unroute("**/offline/form*.js")
        assert page.evaluate(TWO_KEPT)
        page.goto("/drafts/")
        page.locator("#drafts li", has_text="今天的").get_by_role("link", name="打开").click()
        expect(page.get_by_label("看到的、听到的")).to_have_value("今天的")
