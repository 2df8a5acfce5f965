"""A dispute in the browser: registration, two sittings, agreement, performance, return visits, filing; and its refusals."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.cases.disputes import services as disputes
from governance.cases.models import Case, ReturnVisit
from governance.periods import today
from tests.browser import REFUSED, arrive, log_in, shot, walking
from tests.builders import make_household, make_resident
from tests.cases.house import CaseHouse
from villages.models import Post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> CaseHouse:
    """王小明 is to be a party; the yard's mediator lives in his household, the cadre (李和) does not."""
    house = CaseHouse()
    household = make_household(house.village, "王小明")
    make_resident(household, "王小明")
    Post.objects.filter(kind="mediator").update(resident=make_resident(household, "王二"))
    Post.objects.filter(kind="cadre").update(resident=make_resident(make_household(house.village, "李和"), "李和"))
    return house


def save(page: Page) -> None:
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")


def sit(page: Page, content: str, outcome: str) -> None:
    page.get_by_role("link", name="登记调解", exact=True).click()
    page.get_by_label("调解情况").fill(content)
    page.get_by_label("结果").select_option(label=outcome)
    save(page)


def visit(page: Page, finding: str) -> None:
    page.get_by_role("link", name="登记回访").first.click()
    page.locator("label", has_text=finding).click()
    page.get_by_label("回访情况").fill("上门看了，两家有说有笑")
    save(page)


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_it_goes_from_registration_to_filing(
    browser: Browser, live_server: LiveServer, house: CaseHouse, width: str
) -> None:
    with walking(browser, live_server.url, width, forgives=REFUSED) as page:
        log_in(page, house.user("cadre").username)
        page.goto("/log/?kind=dispute")
        page.locator("label", has_text="邻里纠纷").click()
        page.locator("label", has_text="柏树院").click()
        page.get_by_label("当事人（姓名之间用顿号）").fill("赵六")
        page.locator("textarea[name=text]").fill("为院边过路争吵")
        page.get_by_text("更多（可不填）").click()
        page.get_by_label("由我办理").check()
        page.get_by_role("button", name="发送").click()
        arrive(page)
        expect(page.locator(".alike")).to_contain_text("还没有确定调解员")
        page.get_by_role("link", name="登记当事人").click()
        page.get_by_label("在名册里找").fill("wangxiaoming")
        page.get_by_role("button", name="查找").click()
        page.locator("label", has_text="王小明（王小明户").click()
        save(page)
        page.get_by_role("link", name="确定调解员").click()
        page.get_by_label("调解员").select_option(label="王二（柏树院矛盾纠纷调解员）")
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("alert")).to_contain_text("同户，应当回避")
        shot(page, "dispute-kin")
        page.get_by_label("调解员").select_option(label="李和（八一村村“两委”干部）")
        save(page)
        sit(page, "双方各说各的，约定后天再谈", "再次调解")
        sit(page, "双方同意共用道路", "达成一致")
        page.get_by_role("link", name="登记协议").click()
        page.get_by_label("协议内容").fill("道路共用，各让半米")
        shot(page, "dispute-agreement")
        save(page)
        page.get_by_role("link", name="登记履行").click()
        page.get_by_label("履行情况").select_option(label="已履行")
        save(page)
        page.get_by_role("link", name="办结").click()
        page.get_by_label("办理结果").fill("双方和好")
        page.get_by_role("button", name="办结").click()
        expect(page.get_by_role("status")).to_contain_text("已办结")
        page.get_by_role("button", name="归档").click()
        expect(page.get_by_text("还有 2 次回访未完成")).not_to_have_count(0)
        expect(page.locator(".alert-danger")).to_contain_text("还不能归档：还有 2 次回访未完成")
        expect(page.get_by_role("link", name="登记回访")).to_have_count(0)
        expect(page.locator("main")).to_contain_text("起可登记")
        shot(page, "dispute-visits-open")
        ReturnVisit.objects.update(due_on=today())
        page.reload()
        visit(page, "稳定，无反复")
        visit(page, "基本稳定")
        page.get_by_role("button", name="归档").click()
        expect(page.get_by_role("status")).to_contain_text("已归档")
        shot(page, "dispute-filed")
        page.get_by_role("link", name="打印协议书").click()
        expect(page.locator("h1")).to_have_text("人民调解协议书")
        shot(page, "dispute-print")
        page.go_back()
        page.get_by_role("link", name="打印卷内目录").click()
        expect(page.locator("tr", has_text="回访记录").first).to_contain_text("2 份")
        shot(page, "dispute-dossier")
    assert Case.objects.get().state == Case.State.FILED


def test_it_reopens_the_same_number_on_a_relapse(browser: Browser, live_server: LiveServer, house: CaseHouse) -> None:
    case = house.log("linli", by="cadre", mine=True, parties=("赵六", "钱七"))
    by = house.user("cadre")
    disputes.mediator_set(case=case, post=by.posts.get(), by=by)
    said: dict[str, Any] = {"held_at": case.logged_at, "place": "村委会", "present": "双方", "content": "没谈拢", "outcome": "failed"}
    disputes.sitting_add(case=case, by=by, **said)
    house.step(case, "finish", result="告知可起诉")
    ReturnVisit.objects.update(due_on=today())
    with walking(browser, live_server.url, "phone") as page:
        log_in(page, by.username)
        page.goto(f"/cases/{case.pk}/")
        visit(page, "有反复")
        expect(page.locator("main")).to_contain_text("第 2 次办理")
        expect(page.locator("h1")).to_contain_text(case.number)
        shot(page, "dispute-relapse")
