"""A cadre logs a deed on a phone in three taps, also without JavaScript, for a neighbour, and for many households off a sheet;
the yard head verifies or refuses it, and a refusal is appealed against."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.accounts.models import User
from governance.periods import today
from moral_bank.models import Claim, Entry
from tests.browser import LATE, REFUSED, log_in, shot, walking
from tests.builders import (
    make_account,
    make_cast,
    make_household,
    make_resident,
    make_rule_set,
    make_township,
    make_village,
)
from villages.models import Household

pytestmark = pytest.mark.django_db(transaction=True)
SHEET = f"序号,户主,积分事由,发生日期,申报人,分值\n1,欧阳春兰,参加志愿服务,{today()},,5\n2,赵六,参加志愿服务,{today()},,5\n"


@pytest.fixture
def household() -> Household:
    """One of a dozen in a village with rules in force and a full cast."""
    township = make_township()
    village = make_village(township)
    make_cast(township, village)
    make_rule_set(township)
    found = [make_household(village, name) for name in ("王小明", "李秀英", "张国强", "欧阳春兰", *["陈大勇"] * 8)]
    for one in found:
        make_account(one)
    make_resident(found[0], "王小明", id_number="511929199001011216")
    return found[0]


def on(page: Page, duty: str) -> User:
    """Log in as the one who holds `duty` in the village."""
    user = User.objects.get(username__startswith=f"{duty}-")
    log_in(page, user.username)
    return user


@pytest.mark.parametrize(("width", "scripts"), [("phone", True), ("desktop", True), ("phone", False)])
def test_it_logs_a_deed_in_three_taps(
    browser: Browser, live_server: LiveServer, household: Household, width: str, scripts: bool
) -> None:
    with walking(browser, live_server.url, width, scripts=scripts) as page:
        on(page, "cadre")
        shot(page, "cadre-home")
        page.get_by_role("link", name="记一笔").click()
        page.locator("tr", has_text="王小明").get_by_role("link", name="记一笔").click()
        page.locator("label", has_text="参加志愿服务").click()
        shot(page, "claim-create")
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("status")).to_contain_text("已记下：参加志愿服务")
        expect(page.locator("li", has_text="参加志愿服务")).to_contain_text("待核实")
        shot(page, "claim-saved")
        on(page, "yard_head")
        page.goto("/claims/")
        shot(page, "claims-waiting")
        page.get_by_role("button", name="核实", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("已核实，等待评议")
        page.goto(f"/households/{household.pk}/")
        expect(page.locator("li", has_text="参加志愿服务")).to_contain_text("待评议")
        shot(page, "household")
    claim = Claim.objects.get()
    assert (claim.account.household, claim.score, claim.state) == (household, 5, "verified")
    assert not Entry.objects.exists()


@pytest.mark.parametrize(("width", "scripts"), [("phone", False), ("desktop", True)])
def test_it_writes_down_for_a_neighbour_and_follows_an_appeal(
    browser: Browser, live_server: LiveServer, household: Household, width: str, scripts: bool
) -> None:
    with walking(browser, live_server.url, width, scripts=scripts, forgives=REFUSED) as page:
        on(page, "cadre")
        page.goto(f"/households/{household.pk}/log/")
        page.get_by_role("link", name="替户或邻居申报").click()
        page.locator("label", has_text="替邻居申报").click()
        page.locator("label", has_text="参加志愿服务").click()
        page.get_by_role("button", name="保存").click()
        expect(page.locator("main form")).to_contain_text("请写申报的人")
        page.get_by_label("申报的人").fill("李秀英")
        page.get_by_label("对方如何同意代录").select_option(label="当面口头同意")
        shot(page, "claim-neighbour")
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("status")).to_contain_text("李秀英申报")
        on(page, "yard_head")
        page.goto("/claims/")
        page.get_by_role("link", name="退回", exact=True).click()
        page.get_by_label("退回原因").fill("那天没有活动")
        page.get_by_role("button", name="退回").click()
        on(page, "cadre")
        page.goto("/claims/?tab=returned")
        page.get_by_role("link", name="参加志愿服务").click()
        page.locator("main").get_by_role("link", name="申诉", exact=True).click()
        page.get_by_label("理由").fill("有签到表。")
        shot(page, "appeal-create")
        page.get_by_role("button", name="提交申诉").click()
        on(page, "staff")
        page.get_by_role("link", name="申诉待答复").click()
        page.locator("label", has_text="申诉成立").click()
        page.get_by_label("答复").fill("签到表上有。")
        shot(page, "appeal-answer")
        page.get_by_role("button", name="答复").click()
        expect(page.get_by_role("status")).to_contain_text("申诉成立")
        page.goto("/appeals/")
        shot(page, "appeals")
        page.goto(f"/claims/{Claim.objects.get().pk}/")
        expect(page.locator(".timeline")).to_contain_text("申诉成立，重新评议")
        shot(page, "claim-detail")
        page.goto("/claims/?tab=all")
        shot(page, "claims-all")


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_it_logs_many_households_off_a_sheet(
    browser: Browser, live_server: LiveServer, household: Household, width: str
) -> None:
    with walking(browser, live_server.url, width) as page:
        on(page, "cadre")
        page.goto("/claims/batch/")
        page.get_by_label("哪里").select_option(index=1)
        page.get_by_role("button", name="下一步").click()
        for name in ("王小明", "李秀英", "张国强"):
            page.locator(".ticks label", has_text=name).click()
        page.locator("label", has_text="参加志愿服务").click()
        shot(page, "claim-batch")
        page.get_by_role("button", name="给勾选的户都记上").click()
        expect(page.get_by_role("status")).to_contain_text("已记下 3 户")
        shot(page, "claim-batch-done")
        page.goto("/claims/import/")
        page.set_input_files("#id_file", {"name": "台账.csv", "mimeType": "text/csv", "buffer": SHEET.encode()})
        page.get_by_role("button", name="上传并核对").click()
        expect(page.locator("main")).to_contain_text("没有户主“赵六”")
        shot(page, "claim-import")
        page.get_by_role("button", name=re.compile(r"导入 \d+ 行")).click()
        expect(page.get_by_role("status")).to_contain_text("新申报 1 条")
    assert Claim.objects.count() == 4


def test_it_asks_for_the_figure_of_a_judged_deed(
    browser: Browser, live_server: LiveServer, household: Household
) -> None:
    with walking(browser, live_server.url, "phone") as page:
        on(page, "cadre")
        page.goto(f"/households/{household.pk}/log/")
        page.locator("label", has_text="庭院整洁").click()
        page.locator(".judge label", has_text=re.compile(r"^\+7$")).click()
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("status")).to_contain_text("庭院整洁")
    assert Claim.objects.get().score == 7


def test_a_form_that_was_closed_opens_again_where_it_is_refused(
    browser: Browser, live_server: LiveServer, household: Household
) -> None:
    with walking(browser, live_server.url, "phone", forgives=REFUSED) as page:
        on(page, "cadre")
        page.add_init_script(LATE)
        page.goto(f"/households/{household.pk}/log/?told=1")
        page.locator("label", has_text="替邻居申报").click()
        page.locator("label", has_text="参加志愿服务").click()
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("status").filter(has_text="已存在手机上")).to_be_visible()
        page.evaluate("release()")
        expect(page.locator("main form")).to_contain_text("请写申报的人")
        page.get_by_label("申报的人").fill("李秀英")
        page.get_by_label("对方如何同意代录").select_option(label="当面口头同意")
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("status")).to_contain_text("李秀英申报")
    assert Claim.objects.count() == 1


def test_it_keeps_the_draft_of_a_page_that_was_left(
    browser: Browser, live_server: LiveServer, household: Household
) -> None:
    with walking(browser, live_server.url, "phone") as page:
        on(page, "cadre")
        page.goto(f"/households/{household.pk}/log/")
        page.get_by_label("说明").fill("清理河道")
        page.locator("label", has_text="参加志愿服务").click()
        expect(page.locator("form[data-offline]")).not_to_have_attribute("data-unkept", "")
        page.goto("/")
        page.goto(f"/households/{household.pk}/log/")
        expect(page.get_by_label("说明")).to_have_value("清理河道")
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("status")).to_contain_text("已记下")
        page.goto(f"/households/{household.pk}/log/")
        expect(page.get_by_label("说明")).to_have_value("")
    assert Claim.objects.get().note == "清理河道"


def test_it_finds_a_household_by_pinyin_while_typing(
    browser: Browser, live_server: LiveServer, household: Household
) -> None:
    Household.objects.exclude(pk=household.pk).update(head_pinyin="li xiu ying lixiuying lixy lxy")
    with walking(browser, live_server.url, "phone") as page:
        on(page, "cadre")
        page.goto("/households/")
        expect(page.locator("#results")).to_contain_text("共 12 户")
        page.get_by_label("查找").press_sequentially("wangx")
        expect(page.locator("#results")).to_contain_text("共 1 户")
        shot(page, "household-search")


def test_it_shows_an_id_number_on_request_only(browser: Browser, live_server: LiveServer, household: Household) -> None:
    with walking(browser, live_server.url, "desktop") as page:
        on(page, "cadre")
        page.goto(f"/households/{household.pk}/")
        expect(page.locator("body")).not_to_contain_text("511929199001011216")
        page.get_by_role("button", name="查看").click()
        expect(page.locator(".idnumber")).to_have_text("511929199001011216")
