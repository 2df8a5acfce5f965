"""户月评 in the browser: 60 households on one thumb with the taps counted, the line cut in between; the overview on a desk."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from inspections.models import HouseholdCheck, Sheet
from moral_bank.closings.services import closing_compute
from moral_bank.models import Closing, Entry, Rating
from tests.browser import CUT, LATE, PATIENCE, REFUSED, log_in, shot, walking
from tests.inspections.checks.house import CheckHouse, this_month

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 3 * PATIENCE  # dozens of forms are sent one after the other
HOMES, OWN, CUT_FROM, RELOAD_AT, BACK_AT = 60, 6, 12, 30, 45
FAULTY, POOR, SAME = (3, 20, 40), 15, 8
KEPT = """async (path) => { await navigator.serviceWorker.ready;
    while (!(await caches.match(path, { ignoreVary: true }))) await new Promise(requestAnimationFrame); }"""
WORST = ("粪污外流", "院坝有垃圾", "院坝有垃圾", "院坝有垃圾", "杂草未清", "柴草乱堆", "柴草乱堆", "柴草乱堆", "农具乱放")


class Thumb:
    """Counts what it taps."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps, self.all = page, 0, 0

    def tap(self, selector: str, words: str = "") -> None:
        self.page.locator(selector, has_text=words).first.click()
        self.taps, self.all = self.taps + 1, self.all + 1

    def judge(self, *faults: str, most: int) -> None:
        """The household on the card, in at most `most` taps."""
        name, self.taps = self.page.locator("#check-name").inner_text(), 0
        for fault in faults:
            self.tap("#check-card .fault", fault)
        expect(self.page.locator("#check-save")).to_have_text("记下，下一户" if faults else "没有问题")
        self.tap("#check-save")
        expect(self.page.locator("#check-name")).not_to_have_text(name)
        assert self.taps <= most, (name, self.taps)


def start(page: Page, house: CheckHouse) -> None:
    log_in(page, house.user("sanitation").username)
    page.goto("/checks/")
    page.get_by_role("link", name="评", exact=True).click()
    expect(page.locator("#check-name")).to_have_text("王1")


def test_it_judges_sixty_households_on_one_thumb(browser: Browser, live_server: LiveServer) -> None:
    house = CheckHouse(HOMES)
    house.kin("sanitation", OWN)
    last, path = this_month().previous(), f"/checks/{house.yard.pk}/"
    house.check(SAME, by="cadre", month=last, at=None, 衣物乱晾=3)
    with walking(browser, live_server.url, "phone", forgives=CUT) as page:
        start(page, house)
        shot(page, "check-walk")
        page.evaluate(KEPT, path)
        thumb = Thumb(page)
        for number in range(HOMES):
            if number == OWN:
                continue
            if number == CUT_FROM:
                expect(page.locator("#check-waiting")).to_have_attribute("data-waiting", "0")
                page.context.set_offline(True)
            if number == RELOAD_AT:
                page.reload()
                expect(page.locator("#check-waiting")).to_have_text(f"待发送 {RELOAD_AT - CUT_FROM}")
                shot(page, "check-offline")
                assert HouseholdCheck.objects.exclude(household=house.homes[SAME]).count() == CUT_FROM - 2
            if number == BACK_AT:
                page.context.set_offline(False)
            expect(page.locator("#check-name")).to_have_text(f"王{number + 1}")
            if number == HOMES - 1:
                shot(page, "check-last")
                thumb.tap("#check-save")
            elif number == SAME:
                thumb.tap("#check-same")
            elif number == POOR:
                thumb.judge(*WORST, most=len(WORST) + 1)
            elif number in FAULTY:
                thumb.judge("占道晾晒", most=3)
            else:
                thumb.judge(most=1)
        expect(page.locator("#check-finished")).to_be_visible()
        expect(page.locator("#check-waiting")).to_have_attribute("data-waiting", "0", timeout=LONG)
        expect(page.locator("#check-done")).to_have_text(str(HOMES - 1))
        shot(page, "check-finished")
    assert thumb.all == HOMES - 1 + len(FAULTY) + len(WORST), "one tap a household, one more a deduction"
    check_month(house)


def check_month(house: CheckHouse) -> None:
    """Every household once, each plate posted, and all of it in the month's ratings."""
    month = this_month()
    checks = HouseholdCheck.objects.filter(month=month.start)
    assert checks.count() == checks.filter(revision=0).count() == Sheet.objects.count() == HOMES - 1
    assert not checks.filter(household=house.homes[OWN]).exists()
    plates = {number: checks.get(household=house.homes[number]).plate for number in (0, SAME, POOR, FAULTY[0])}
    assert plates == {0: "clean", SAME: "fair", POOR: "poor", FAULTY[0]: "clean"}
    assert Entry.objects.filter(month=month.start, head="sanitation").count() == HOMES - 2
    closing = Closing.objects.create(village=house.village, kind="month", start=month.start)
    closing_compute(closing.pk, month.bounds()[1])
    rated = {
        rating.account.household_id: rating.sanitation
        for rating in Rating.objects.filter(closing=closing).select_related("account")
    }
    assert [rated[house.homes[number].pk] for number in (0, SAME, POOR, OWN)] == [20, 15, 10, 15]
    assert sum(points == 20 for points in rated.values()) == HOMES - 3


def test_it_corrects_and_hears_why_not(browser: Browser, live_server: LiveServer) -> None:
    house = CheckHouse(3)
    with walking(browser, live_server.url, "phone", forgives=REFUSED) as page:
        start(page, house)
        thumb = Thumb(page)
        page.locator("#check-save").dblclick()
        expect(page.locator("#check-name")).to_have_text("王2")
        page.locator("#check-back").click()
        expect(page.locator("#check-said")).to_contain_text("本月已评")
        thumb.judge("衣物乱晾", "衣物乱晾", "衣物乱晾", most=4)
        expect(page.locator("#check-list a").first).to_contain_text("比较清洁")
        fault = page.locator("#check-card .fault", has_text="占道晾晒")
        for words in ("1 处", "2 处", "3 处", "−5"):
            fault.click()
            expect(fault.locator("small")).to_have_text(words)
        house.homes[1].ended_on = timezone.localdate()
        house.homes[1].save()
        page.locator("#check-save").click()
        expect(page.locator("#check-list a").nth(1)).to_contain_text("没有收下")
        shot(page, "check-refused")
        page.locator("#queue a").click()
        expect(page.locator("#check-name")).to_have_text("王2")
        expect(page.locator("#check-said")).to_contain_text("已销户")
        page.once("dialog", lambda dialog: dialog.accept())
        page.locator("#check-drop").click()
        expect(page.locator("#check-name")).to_have_text("王3")
        expect(page.locator("#queue")).to_be_hidden()
        expect(page.locator("#check-list a").nth(1)).to_contain_text("未评")
    check = HouseholdCheck.objects.get()
    assert (check.plate, check.revision) == ("fair", 1)


def test_it_keeps_a_correction_made_while_the_first_is_on_its_way(browser: Browser, live_server: LiveServer) -> None:
    house = CheckHouse(2)
    with walking(browser, live_server.url, "phone") as page:
        page.add_init_script(LATE)
        start(page, house)
        thumb = Thumb(page)
        thumb.judge(most=1)
        page.locator("#check-back").click()
        expect(page.locator("#check-said")).to_contain_text("待发送")
        thumb.judge("占道晾晒", "占道晾晒", "占道晾晒", most=4)
        page.evaluate("release()")
        expect(page.locator("#check-list a").first).to_contain_text("比较清洁")
        expect(page.locator("#check-waiting")).to_have_attribute("data-waiting", "0")
    check = HouseholdCheck.objects.get()
    assert (check.plate, check.revision, Sheet.objects.count()) == ("fair", 1, 1)


def test_it_works_without_scripts(browser: Browser, live_server: LiveServer) -> None:
    house = CheckHouse(2)
    with walking(browser, live_server.url, "phone", scripts=False) as page:
        log_in(page, house.user("sanitation").username)
        page.goto(f"/checks/{house.yard.pk}/")
        page.get_by_role("link", name="王1").click()
        page.get_by_label("柴草乱堆").select_option("3")
        shot(page, "check-plain")
        page.get_by_role("button", name="记下，下一户").click()
        expect(page.get_by_role("status")).to_contain_text("王1户：")
        page.get_by_role("button", name="没有问题").click()
        expect(page.get_by_role("status")).to_contain_text("王2户：清洁，100 分")
    assert HouseholdCheck.objects.count() == 2


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_looks_at_a_month_and_prints(browser: Browser, live_server: LiveServer, width: str) -> None:
    house = CheckHouse(4)
    for number, said in enumerate([{}, {"衣物乱晾": 3}, dict.fromkeys(set(WORST), 3)]):
        house.check(number, by="cadre", month=this_month(), at=None, **said)
    with walking(browser, live_server.url, width) as page:
        log_in(page, house.user("cadre").username)
        page.goto("/more/")
        page.get_by_role("link", name="户月评").click()
        expect(page.locator("main")).to_contain_text("已评 3/4 户")
        shot(page, "check-list")
        page.get_by_role("link", name="八一村 柏树院").click()
        expect(page.locator("main")).to_contain_text("共 3 户")
        shot(page, "check-results")
        page.get_by_role("link", name="打印整改提醒").click()
        expect(page.locator(".reminder")).to_have_count(2)
        shot(page, "check-reminders")
        page.get_by_role("link", name="返回").click()
        page.get_by_role("link", name="打印清洁牌").click()
        expect(page.locator(".cleanplate")).to_have_count(3)
        shot(page, "check-plates")
        page.goto(f"/checks/{house.yard.pk}/order/")
        page.get_by_label("王4").fill("1")
        shot(page, "check-order")
        page.get_by_role("button", name="保存顺序").click()
        page.goto(f"/checks/{house.yard.pk}/")
        expect(page.locator("#check-list a").first).to_contain_text("王4")
        shot(page, "check-corrects")
