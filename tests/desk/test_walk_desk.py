"""Walks of the rest of the desk: today's work, the list, handing on, the roster with a swap, the inbox, ledgers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.accounts.models import User
from governance.cases.engine.services import Report, case_log
from governance.cases.models import Shift, Swap
from governance.cases.visits.services import VisitReport, visit_log
from governance.periods import Kind, Period, today
from tests.browser import arrive, log_in, shot, walking
from tests.builders import make_user
from tests.cases.house import CaseHouse

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> CaseHouse:
    house = CaseHouse()
    house.cast["cadre2"] = make_user("cadre2", "cadre", house.village)
    User.objects.filter(username="cadre2").update(name="李和")
    return house


def on(page: Page, house: CaseHouse, role: str) -> None:
    log_in(page, house.user(role).username)


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_it_takes_a_case_from_the_days_work_to_its_end(
    browser: Browser, live_server: LiveServer, house: CaseHouse, width: str
) -> None:
    report = Report(category=house.category("dianli"), unit=house.yard, text="院口电线垂下来了")
    case_log(report=report, by=house.user("informant"))
    with walking(browser, live_server.url, width) as page:
        on(page, house, "cadre")
        expect(page.locator(".todo li")).to_contain_text("八一村村“两委”干部")
        shot(page, "home-todo")
        page.get_by_role("link", name="待受理：电力").click()
        page.get_by_role("button", name="受理").click()
        expect(page.get_by_role("status")).to_contain_text("已受理")
        page.get_by_text("更多操作").click()
        page.get_by_role("link", name="转办").click()
        page.locator("label", has_text="李和").click()
        page.get_by_label("原因").fill("他管电")
        shot(page, "case-transfer")
        page.get_by_role("button", name="转办").click()
        expect(page.get_by_role("status")).to_contain_text("已转办")
        shot(page, "case-detail")
        on(page, house, "cadre2")
        page.get_by_role("link", name="消息").click()
        shot(page, "inbox")
        page.get_by_role("link", name="转办给您").click()
        page.get_by_role("button", name="受理").click()
        page.get_by_role("link", name="办结").click()
        page.get_by_label("办理结果").fill("换好了")
        page.get_by_role("button", name="办结").click()
        expect(page.get_by_role("status")).to_contain_text("已办结")
        page.goto("/cases/?tab=all")
        shot(page, "case-list")
        page.get_by_role("navigation", name="主导航").get_by_role("link", name="更多").click()
        shot(page, "more")
        page.get_by_role("link", name="台账导出和打印").click()
        shot(page, "ledgers")
        page.locator("main").get_by_role("link", name="打印").first.click()
        expect(page.locator("h1")).to_have_text("志愿服务台账")
        shot(page, "ledger-print")


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_it_makes_publishes_and_swaps_a_roster(
    browser: Browser, live_server: LiveServer, house: CaseHouse, width: str
) -> None:
    month = Period.of(Kind.MONTH, today()).next()
    with walking(browser, live_server.url, width) as page:
        on(page, house, "secretary")
        page.goto(f"/shifts/?month={month}")
        page.get_by_role("link", name="先设班次").click()
        page.get_by_role("button", name="用常用的三种").click()
        shot(page, "shift-kinds")
        page.goto(f"/shifts/?month={month}")
        page.get_by_role("button", name="自动排班").click()
        page.get_by_role("button", name="发布").click()
        expect(page.get_by_role("status")).to_contain_text("已发布")
        shot(page, "shifts")
        mine = Shift.objects.filter(post__user=house.user("cadre")).order_by("day").first()
        assert mine is not None
        on(page, house, "cadre")
        page.goto(f"/shifts/{mine.pk}/swap/")
        option = page.locator("#id_other option", has_text="李和").first
        page.get_by_label("换哪个班").select_option(value=option.get_attribute("value"))
        shot(page, "swap")
        page.get_by_role("button", name="请对方换班").click()
        expect(page.get_by_role("status")).to_contain_text("等对方同意")
        on(page, house, "cadre2")
        expect(page.locator(".todo")).to_contain_text("换班待答复")
        page.get_by_role("link", name="换班待答复").click()
        page.get_by_role("button", name="同意换班").click()
        expect(page.get_by_role("status")).to_contain_text("已答复")
        page.goto(f"/public/{house.village.code}/")
        shot(page, "public-village")
    assert Swap.objects.get().state == "agreed"


def test_it_opens_from_a_visit_what_comes_of_it(browser: Browser, live_server: LiveServer, house: CaseHouse) -> None:
    household, _ = house.family()
    report = VisitReport(kind="call", unit=house.yard, household=household, seen="老人独自在家，水缸漏了")
    visit = visit_log(report=report, by=house.user("cadre"))
    with walking(browser, live_server.url, "phone") as page:
        on(page, house, "cadre")
        page.goto(f"/visits/{visit.pk}/")
        shot(page, "visit-detail")
        page.get_by_role("link", name="登记事件").click()
        expect(page.locator("textarea[name=text]")).to_have_value("老人独自在家，水缸漏了")
        page.locator("label", has_text="饮水").click()
        page.get_by_role("button", name="发送").click()
        arrive(page)
        page.goto(f"/visits/{visit.pk}/")
        page.get_by_role("link", name="关爱记录").click()
        page.get_by_label("情况").select_option(label="需要帮助")
        page.get_by_label("需要什么").fill("换水缸")
        page.get_by_role("button", name="保存").click()
        expect(page.locator("main")).to_contain_text("换水缸")
        page.goto(f"/households/{household.pk}/")
        shot(page, "household-cases")
        page.goto("/visits/")
        shot(page, "visit-list")
