"""A day without signal from the first hour on: every form kept at login is filled in, the line is cut before, during and after the sending,
two people share the phone, and each record is there once."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.accounts.duties import Duty
from governance.cases.disputes.services import mediator_set
from governance.cases.models import Case, ReturnVisit, Sent, Sitting, Visit
from inspections.models import Front, FrontPatrol
from moral_bank.models import Claim
from tests.browser import CUT, log_in, shot, walking
from tests.cases.sending.test_drafts import full_house
from tests.frame.once_forms import EVERYONE, FullHouse
from villages.models import Post

pytestmark = pytest.mark.django_db(transaction=True)
STOCKED = """async () => { await navigator.serviceWorker.ready;
    while (!(await caches.match('/log/kept/'))) await new Promise((over) => setTimeout(over, 50)); }"""
# The server takes the return visit and the second event, the phone does not hear of it the first time.
LOSE_ANSWERS = """(() => { const send = window.fetch; window.fetch = async (path, asked) => {
    const answer = await send(path, asked);
    const which = ['好转了', '第二件'].find((words) => decodeURIComponent(String(asked?.body).replaceAll('+', ' ')).includes(words));
    if (!which || sessionStorage[which]) return answer;
    sessionStorage[which] = answer.status;
    throw new TypeError('lost'); } })()"""
TYPED = """async () => { for (let rows = 0; rows < 1; await new Promise(requestAnimationFrame)) rows = await new Promise((done) => {
    const asked = indexedDB.open('xiangzhi', 1); asked.onsuccess = () => {
    const drafts = asked.result.transaction('drafts').objectStore('drafts').count();
    drafts.onsuccess = () => { asked.result.close(); done(drafts.result); } } }); }"""
SEALED = """async () => new Promise((done) => { const asked = indexedDB.open('xiangzhi', 1); asked.onsuccess = () => {
    const rows = asked.result.transaction(['drafts', 'keys']);
    const drafts = rows.objectStore('drafts').getAll(), keys = rows.objectStore('keys').count();
    rows.oncomplete = () => { asked.result.close(); done([drafts.result.map((row) => JSON.stringify(row)), keys.result]); } } })"""


def event(page: Page, text: str, *, here: bool) -> None:
    if here:
        page.get_by_text("更多（可不填）").click()
        page.get_by_role("button", name="记下我现在的位置").click()
        expect(page.locator("#located")).to_contain_text("北纬 31.5")
    page.locator("label", has_text="电力").click()
    page.locator(".picks label", has_text="院").first.click()
    page.locator("textarea[name=text]").fill(text)
    page.get_by_role("button", name="发送").click()


def save(page: Page, number: int) -> None:
    """A form about something is closed; what waits is counted."""
    page.locator(".savebar button").click()
    expect(page.get_by_role("status").filter(has_text="已存在手机上")).to_be_visible()
    expect(page.locator("#queue")).to_contain_text(f"待发送 {number} 件（没有网络")


def fill_in_everything(page: Page, house: FullHouse) -> None:
    """Without signal, from the pages kept at login alone."""
    page.goto("/")
    expect(page.locator("#queue")).to_contain_text("没有连上网络。这一页是")
    expect(page.get_by_role("heading", name="待办", exact=True)).to_be_visible()
    shot(page, "kept-home")
    page.goto("/log/")
    for number, text in enumerate(("第一件", "第二件"), 1):
        event(page, text, here=number == 1)
        expect(page.locator("#queue")).to_contain_text(f"待发送 {number} 件（没有网络")
        expect(page.locator("textarea[name=text]")).to_have_value("")
        expect(page.locator("#located")).to_have_text("")
        expect(page.locator("input[type=radio]:checked")).to_have_count(0)
    page.goto(f"/visits/log/?household={house.household.pk}")
    expect(page.get_by_role("heading", name="没有网络")).to_be_visible()
    expect(page.get_by_role("link", name="记走访")).to_have_attribute("href", "/visits/log/")
    shot(page, "kept-offline")
    page.get_by_role("link", name="记走访").click()
    page.locator(".picks label", has_text="院").first.click()
    page.locator("textarea[name=seen]").fill("河道干净")
    page.get_by_role("button", name="发送").click()
    expect(page.locator("#queue")).to_contain_text("待发送 3 件（没有网络")
    page.goto(f"/return-visits/{house.return_visit.pk}/")
    page.locator("label[for^=id_finding]").first.click()
    page.locator("[name=note]").fill("好转了")
    save(page, 4)
    shot(page, "kept-closed")
    page.goto(f"/cases/{house.dispute.pk}/sittings/")
    page.locator("[name=content]").fill("坐下谈了一次")
    page.locator("select[name=outcome]").select_option(index=1)
    save(page, 5)
    page.goto(f"/cases/{house.errand.pk}/step/finish/")
    page.locator("[name=result]").fill("缴清了")
    save(page, 6)
    page.goto(f"/households/{house.account.household_id}/log/")
    page.locator(f"label[for=deed-{house.deed.pk}]").click()
    page.locator("[name=note]").fill("扫院子")
    save(page, 7)
    page.goto(f"/fronts/{Front.objects.get(name='便民小店').pk}/patrol/?walk=1")
    page.locator("label[for^=item-]").first.click()
    save(page, 8)
    page.goto(f"/checks/{house.yard.pk}/")
    expect(page.locator("#check-list a").first).to_be_visible()  # filled in without signal in its own walk


def test_a_day_without_signal_loses_and_doubles_nothing(browser: Browser, live_server: LiveServer) -> None:
    house = full_house()
    mediator_set(case=house.dispute, post=Post.objects.get(kind=Duty.MEDIATOR), by=house.cast["staff"])
    before = {model: model.objects.count() for model in (Case, Visit, Sitting, Claim, FrontPatrol)}
    first, second = house.cast[EVERYONE].username, house.cast["yard_head"].username
    with walking(browser, live_server.url, "phone", forgives=CUT) as page:
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"latitude": 31.5, "longitude": 107.1})
        page.add_init_script(LOSE_ANSWERS)
        page.on("dialog", lambda dialog: dialog.accept())
        log_in(page, first)
        page.evaluate(STOCKED)
        page.context.set_offline(True)
        fill_in_everything(page, house)
        page.get_by_role("button", name="退出").click()
        expect(page.locator("#queue")).to_contain_text("还没有退出")
        page.goto("/drafts/")
        expect(page.locator("#drafts li")).to_have_count(8)
        expect(page.locator("#drafts")).to_contain_text("第二件")
        shot(page, "drafts")
        assert {model: model.objects.count() for model in before} == before
        page.context.set_offline(False)
        expect(page.locator("#queue")).to_have_attribute("data-waiting", "0")
        expect(page.locator("#drafts li")).to_have_count(0)
        assert page.evaluate("[sessionStorage['好转了'], sessionStorage['第二件']]") == ["200", "201"]
        check_records(house, before)
        share_the_phone(page, first, second)


def check_records(house: FullHouse, before: dict[Any, int]) -> None:
    made = {model.__name__: model.objects.count() - number for model, number in before.items()}
    assert made == {"Case": 2, "Visit": 1, "Sitting": 1, "Claim": 1, "FrontPatrol": 1}
    assert ReturnVisit.objects.get(pk=house.return_visit.pk).note == "好转了"
    assert Case.objects.get(pk=house.errand.pk).result == "缴清了"
    places = dict(Case.objects.filter(text__in=("第一件", "第二件")).values_list("text", "latitude"))
    assert (str(places["第一件"]), places["第二件"]) == ("31.50000", None), "the second began blank"
    for sent in Sent.objects.filter(case__text__in=("第一件", "第二件")):
        assert sent.written_at is not None and sent.written_at < sent.at <= timezone.now()


def share_the_phone(page: Page, first: str, second: str) -> None:
    """Half a text stays with its writer, sealed; the next one finds pages of their own."""
    page.goto("/log/")
    page.locator("textarea[name=text]").fill("王甲家里的事")
    page.evaluate(TYPED)
    page.goto("/drafts/")
    expect(page.locator("#drafts li")).to_contain_text("写了一半")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/login/")
    sealed, keys = page.evaluate(SEALED)
    assert (len(sealed), keys) == (1, 0) and "王甲" not in sealed[0]
    log_in(page, second)
    page.evaluate(STOCKED)
    page.goto("/drafts/")
    expect(page.locator("#no-drafts")).to_be_visible()
    page.context.set_offline(True)
    page.goto("/log/")
    expect(page.locator("textarea[name=text]")).to_have_value("")
    page.context.set_offline(False)
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/login/")
    log_in(page, first)
    page.goto("/drafts/")
    page.get_by_role("link", name="打开").click()
    expect(page.locator("textarea[name=text]")).to_have_value("王甲家里的事")
    page.goto("/drafts/")
    page.get_by_role("button", name="删除").click()
    expect(page.locator("#no-drafts")).to_be_visible()
