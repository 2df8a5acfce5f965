"""A quarter's finances in the browser: pasted from Excel by the cadre, looked at by the overseer, published and printed, asked about by a
resident, answered and looked up (mission M20); a power and an activity on the way."""

from __future__ import annotations

import re

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.disclosure.models import Affair, AffairQuestion
from governance.disclosure.powers.setting_up import powers_set_up
from tests.browser import REFUSED, leave, log_in, shot, walking
from tests.builders import make_household, make_resident
from tests.cases.house import moment
from tests.disclosure.affairs.house import AffairHouse

pytestmark = pytest.mark.django_db(transaction=True)
AT = moment("2026-04-15 10:00")
SHEET = "项目\t收入（元）\t支出（元）\n土地发包（{}）\t12000\t\n路灯电费\t\t860.50\n"
NAME = "赵丁卯"


@pytest.fixture
def house() -> AffairHouse:
    with time_machine.travel(AT):
        house = AffairHouse()
        make_resident(make_household(house.village, NAME), NAME)
        powers_set_up(township=house.township)
        house.turn()
    return house


def draft(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="应公开：村集体财务收支").click()
    shot(page, "affair-due")
    page.get_by_role("link", name="拟稿").click()
    table = page.get_by_label("表格（从 Excel 或 WPS 整块复制，带表头）")
    table.fill("")
    table.focus()
    page.keyboard.insert_text(SHEET.format(NAME))
    page.get_by_label("来源").fill("村集体财务账")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator("main")).to_contain_text(f"“{NAME}”是名册上的人，请写成“赵**”")
    shot(page, "affair-refused")
    expect(table).to_have_value(re.compile(NAME))
    table.fill(SHEET.format("赵**"))
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("status")).to_contain_text("草稿已保存")
    shot(page, "affair-draft")
    page.get_by_role("button", name="送审").click()
    expect(page.get_by_role("status")).to_contain_text("已送审")


def review(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="待审核：村集体财务收支").click()
    page.get_by_role("link", name="审核", exact=True).click()
    page.locator("label", has_text="属实，可以公开").click()
    shot(page, "affair-review")
    page.get_by_role("button", name="审核").click()
    expect(page.get_by_role("status")).to_contain_text("已登记审核意见")


def publish(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="应公开：村集体财务收支").click()
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_role("status")).to_contain_text("已发布")
    shot(page, "affair-published")
    page.get_by_role("link", name="打印").click()
    expect(page.locator(".qr svg")).to_be_visible()
    shot(page, "affair-print-a4")
    page.get_by_role("link", name="A3").click()
    shot(page, "affair-print-a3")


def ask(page: Page, code: str) -> str:
    page.goto("/public/")
    page.get_by_role("link", name="看公开").click()
    shot(page, "public-affairs")
    page.get_by_role("link", name="八一村").click()
    page.get_by_role("link", name="八一村2026年第1季度村集体财务收支").click()
    page.get_by_label("想问什么").fill("路灯电费为什么比上季度多")
    page.get_by_label("您的姓名").fill("李秀英")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#question")).to_contain_text("请写明联系电话")
    shot(page, "public-affair-refused")
    page.get_by_label("联系电话").fill("15400000002")
    page.get_by_role("button", name="提交").click()
    told = page.get_by_role("status")
    expect(told).to_contain_text("最迟 2026年4月20日 答复")
    shot(page, "public-affair")
    found = re.search(r"ZX\d{4}-\d{5}", told.inner_text())
    assert found is not None
    page.goto(f"/public/{code}/affairs/")
    shot(page, "public-village-affairs")
    return found[0]


def answer(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="质询待答复：李秀英").click()
    page.get_by_label("答复").fill("天热多开了两小时，已调回。")
    shot(page, "affair-question")
    page.get_by_role("button", name="答复").click()
    expect(page.get_by_role("status")).to_contain_text("已答复")
    page.goto("/affairs/")
    shot(page, "affair-list")


def look_up(page: Page, number: str) -> None:
    page.goto("/public/receipt/")
    page.get_by_label("受理编号").fill(number)
    page.get_by_label("后四位").fill("0002")
    page.get_by_role("button", name="查进度").click()
    expect(page.locator("main")).to_contain_text("天热多开了两小时")
    page.goto("/public/powers/?q=印章")
    page.get_by_role("link", name="村级印章使用").click()
    expect(page.locator("svg.flow")).to_be_visible()
    shot(page, "public-power")


def hold(page: Page) -> None:
    """An activity is planned by a tap on a festival and recorded on its day."""
    page.goto("/activities/")
    page.get_by_role("link", name="安排活动").click()
    page.get_by_role("link", name="全民国家安全教育日").click()
    expect(page.get_by_label("日期")).to_have_value("2026-04-15")
    page.locator("label", has_text="法律讲座").click()
    page.get_by_label("活动名称").fill("国家安全讲座")
    page.get_by_label("地点").fill("文化广场")
    shot(page, "activity-plan")
    page.get_by_role("button", name="安排", exact=True).click()
    page.get_by_role("link", name="记录活动").click()
    page.get_by_label("到场大约多少人").fill("60")
    page.get_by_role("button", name="记录活动").click()
    expect(page.locator("main")).to_contain_text("60 人")
    shot(page, "activity")
    page.goto("/activities/year/")
    page.get_by_role("link", name="1", exact=True).click()
    expect(page.locator("main")).to_contain_text("共 1 个")
    shot(page, "activity-list")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_a_quarters_finances_from_the_paste_to_the_answer(
    browser: Browser, live_server: LiveServer, house: AffairHouse, width: str
) -> None:
    with time_machine.travel(AT), walking(browser, live_server.url, width, forgives=REFUSED) as page:
        log_in(page, house.cast["cadre"].username)
        draft(page)
        log_in(page, house.cast["overseer"].username)
        review(page)
        log_in(page, house.cast["cadre"].username)
        publish(page)
        hold(page)
        leave(page)
        number = ask(page, house.village.code)
        log_in(page, house.cast["cadre"].username)
        answer(page)
        leave(page)
        look_up(page, number)
    assert Affair.objects.get().state == "published" and AffairQuestion.objects.get().answered_at is not None
