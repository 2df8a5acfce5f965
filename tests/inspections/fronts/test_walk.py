"""门前三包 in the browser: registered, signed, patrolled, reminded, re-checked by another (plan §三.1–2; mission M17)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from inspections.models import Front, FrontPatrol
from tests.browser import log_in, shot, walking
from tests.builders import make_resident
from tests.inspections.fronts.house import FrontHouse

pytestmark = pytest.mark.django_db(transaction=True)


def register(page: Page, house: FrontHouse) -> None:
    page.goto("/more/")
    page.get_by_role("link", name="门前三包").click()
    shot(page, "front-empty")
    page.get_by_role("link", name="登记商铺或住户").click()
    page.get_by_label("店名").fill("便民超市")
    page.get_by_label("在哪里").select_option(str(house.yard.pk))
    page.get_by_label("门牌或位置").fill("兴隆街9号")
    page.get_by_label("责任人").fill("李四")
    page.get_by_label("联系电话").fill("15400000011")
    shot(page, "front-form")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("责任牌编号 八一-001")


def register_household(page: Page) -> None:
    page.goto("/fronts/new/")
    page.get_by_label("户主姓名、拼音或户号").fill("王小明")
    page.get_by_role("button", name="查找").click()
    shot(page, "front-roster")
    page.get_by_role("link", name="选这一户").click()
    expect(page.get_by_label("联系电话")).to_have_value("15400000021")
    shot(page, "front-household")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("责任牌编号 八一-002")


def sign(page: Page) -> None:
    page.goto(f"/fronts/{Front.objects.get(name='便民超市').pk}/")
    page.get_by_role("link", name="打印责任书").click()
    expect(page.get_by_role("heading", name="门前“三包”责任书")).to_be_visible()
    shot(page, "front-duty")
    page.get_by_role("link", name="返回").click()
    page.get_by_role("link", name="打印责任牌").click()
    expect(page.locator(".plate-number")).to_have_text("八一-001")
    shot(page, "front-plate")
    page.get_by_role("link", name="返回").click()
    page.get_by_role("button", name="记下已签订").click()
    expect(page.get_by_role("status")).to_contain_text("已记下签订日期")


def patrol(page: Page) -> None:
    page.goto("/fronts/")
    page.get_by_role("link", name="沿街巡查").click()
    shot(page, "front-walk")
    page.locator("li", has_text="王小明").get_by_role("button", name="合格").click()
    expect(page.get_by_role("status")).to_contain_text("王小明：合格")
    page.locator("li", has_text="便民超市").get_by_role("link", name="有问题").click()
    page.locator("label", has_text="门前有垃圾").click()
    page.get_by_role("radiogroup", name="门前有垃圾").get_by_text("3", exact=True).click()
    page.locator("label", has_text="占道经营").click()
    page.get_by_label("现场情况").fill("店外摆摊")
    shot(page, "front-patrol")
    page.get_by_role("button", name="记下问题，提醒整改").click()
    expect(page.get_by_role("status")).to_contain_text("已记下 2 项问题")
    shot(page, "front-reminded")
    page.get_by_role("link", name="打印提醒单").click()
    expect(page.get_by_text("门前有垃圾 3 处")).to_be_visible()
    shot(page, "front-slip")


def recheck(page: Page) -> None:
    page.goto("/fronts/?state=reminded")
    shot(page, "front-list")
    page.get_by_role("link", name="便民超市").click()
    page.get_by_role("link", name="复查", exact=True).click()
    page.locator("label", has_text="已整改到位").click()
    page.get_by_label("复查情况").fill("已清扫")
    shot(page, "front-recheck")
    page.get_by_role("button", name="保存复查").click()
    expect(page.get_by_role("status")).to_contain_text("复查合格")
    shot(page, "front-fixed")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_takes_a_shop_from_its_plate_to_the_recheck(browser: Browser, live_server: LiveServer, width: str) -> None:
    house = FrontHouse()
    make_resident(house.household, phone="15400000021")
    with walking(browser, live_server.url, width) as page:
        log_in(page, house.cast["cadre"].username)
        register(page, house)
        register_household(page)
        sign(page)
        log_in(page, house.cast["sanitation"].username)
        patrol(page)
        page.goto(f"/patrols/{FrontPatrol.objects.get(state='reminded').pk}/recheck/")
        expect(page.get_by_role("alert")).to_have_text("这次巡查是您做的，复查要由另一名巡查人办理。")
        shot(page, "front-recheck-own")
        log_in(page, house.cast["yard_head"].username)
        recheck(page)
    done = FrontPatrol.objects.get(front__name="便民超市")
    assert (done.state, done.by, done.rechecked_by) == ("fixed", house.cast["sanitation"], house.cast["yard_head"])
    assert done.score == 75 and Front.objects.get(name="便民超市").signed_on is not None


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_takes_a_list_of_shops(browser: Browser, live_server: LiveServer, width: str) -> None:
    house = FrontHouse()
    with walking(browser, live_server.url, width) as page:
        log_in(page, house.cast["cadre"].username)
        page.goto("/fronts/import/")
        page.get_by_label("这些商铺在哪里").select_option(str(house.yard.pk))
        page.get_by_label("或者粘贴表格").fill("店名\t责任人\t位置\n便民超市\t李四\t兴隆街9号\n花店\t\t兴隆街12号\n药店\t孙七\t兴隆街3号")
        page.get_by_role("button", name="核对").click()
        expect(page.get_by_text("B3 没有责任人")).to_be_visible()
        page.get_by_label("只写入没有问题的行").check()
        shot(page, "front-import")
        page.get_by_role("button", name="写入 2 行").click()
        expect(page.get_by_role("status")).to_contain_text("已登记 2 处")
    assert list(Front.objects.values_list("name", "plate_number")) == [("便民超市", "八一-001"), ("药店", "八一-002")]
