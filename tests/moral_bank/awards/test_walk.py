"""最美家庭 in the browser at both widths: nominated, judged with a recusal, noticed, confirmed, on the red list, on paper;
and a household without a star told in private."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.disclosure.models import Notice
from governance.periods import today
from moral_bank.models import Honour, Nomination, Rating, Reminder
from tests.browser import log_in, shot, walking
from tests.builders import make_resident
from tests.moral_bank.awards.house import AwardHouse
from tests.moral_bank.awards.test_honours import quarter_of
from villages.models import Post

pytestmark = pytest.mark.django_db(transaction=True)


def nominate(page: Page, house: AwardHouse) -> None:
    page.goto("/more/")
    page.get_by_role("link", name="最美家庭").click()
    shot(page, "award-empty")
    page.get_by_role("link", name="提名一户").click()
    page.get_by_label("户主姓名、拼音或户号").fill(house.accounts[0].household.number)
    page.get_by_role("button", name="查找").click()
    shot(page, "award-roster")
    page.get_by_role("link", name="选这一户").click()
    page.get_by_label("评哪个半年").select_option("2026-H1")
    page.locator("label", has_text="邻居推荐").click()
    page.get_by_label("提名的人或组织").fill("李四")
    page.get_by_label("主要事迹").fill("三年如一日照顾独居老人，邻里和睦。")
    shot(page, "award-form")
    page.get_by_role("button", name="提名").click()
    expect(page.get_by_role("status")).to_contain_text("待村评议")
    page.goto("/awards/candidates/?half=2026-H1")
    shot(page, "award-candidates")
    page.get_by_role("button", name="提名这一户").first.click()
    expect(page.get_by_role("status")).to_contain_text("已按积分提名")


def judge(page: Page) -> None:
    page.get_by_role("link", name="最美家庭村评议").click()
    expect(page.get_by_text("须回避：王小强（村民小组长）")).to_be_visible()
    for label, words in (("到会人数", "9"), ("同意票", "8"), ("不同意票", "1")):
        page.get_by_label(label, exact=label != "到会人数").fill(words)
    page.get_by_role("textbox", name="回避人员").fill("王小强")
    shot(page, "award-judge")
    page.get_by_role("button", name="保存评议").click()
    expect(page.get_by_role("status")).to_contain_text("村评议通过")
    expect(page.get_by_label("到会人数")).to_have_value("9")
    page.get_by_label("同意票", exact=True).fill("3")
    page.get_by_label("不同意票").fill("6")
    page.get_by_role("button", name="保存评议").click()
    expect(page.locator(".pagehead")).to_contain_text("未通过")


def publish(page: Page, house: AwardHouse) -> None:
    page.goto("/awards/board/?half=2026-H1")
    shot(page, "award-board")
    page.get_by_role("button", name="公示").click()
    expect(page.get_by_role("status")).to_contain_text("已公示")
    page.goto(f"/public/notices/{Notice.objects.get(kind='award').pk}/")
    expect(page.get_by_role("cell", name="王**")).to_be_visible()
    shot(page, "award-notice")
    day = today() - timedelta(days=7)
    Notice.objects.filter(kind="award").update(opens_on=day, closes_on=day + timedelta(days=2))


def confirm(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="最美家庭审定").click()
    shot(page, "award-list")
    page.get_by_role("link", name="王小明").click()
    shot(page, "award-detail")
    page.get_by_role("button", name="审定为最美家庭").click()
    expect(page.get_by_role("status")).to_contain_text("西兴镇2026上美0001")
    shot(page, "honour-detail")


def papers(page: Page, house: AwardHouse) -> None:
    for link, words, name in (("打印证书", "荣誉证书", "certificate"), ("打印最美家庭牌", "最美家庭", "plate")):
        page.get_by_role("link", name=link).click()
        expect(page.get_by_role("heading", name=words)).to_be_visible()
        shot(page, f"honour-{name}")
        page.get_by_role("link", name="返回").click()
    page.goto("/honours/")
    shot(page, "honour-list")
    page.get_by_role("link", name="打印红榜").click()
    expect(page.get_by_role("heading", name="八一村红榜")).to_be_visible()
    shot(page, "honour-sheet")
    page.goto(f"/public/{house.village.code}/")
    page.get_by_role("link", name="红榜").click()
    expect(page.get_by_text("王**")).to_be_visible()
    shot(page, "honour-public")


def revoke(page: Page) -> None:
    page.goto(f"/honours/{Honour.objects.get().pk}/")
    page.get_by_text("撤销荣誉").click()
    page.get_by_label("原因").fill("弄虚作假")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("status")).to_contain_text("已退出红榜")
    shot(page, "honour-revoked")


def remind(page: Page) -> None:
    page.goto("/more/")
    page.get_by_role("link", name="整改提醒").click()
    shot(page, "reminder-list")
    page.get_by_role("link", name="王小明").click()
    page.get_by_role("link", name="打印提醒单").click()
    expect(page.get_by_text("参与赌博")).to_be_visible()
    shot(page, "reminder-slip")
    page.get_by_role("link", name="返回").click()
    page.get_by_label("约定怎么改").fill("不再参与赌博，参加村里的志愿服务")
    shot(page, "reminder-detail")
    page.get_by_role("button", name="已当面提醒").click()
    expect(page.get_by_role("status")).to_contain_text("已记下提醒王小明户")
    shot(page, "reminder-told")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_takes_a_family_from_the_nomination_to_the_red_list(browser: Browser, live_server: LiveServer, width: str) -> None:
    house = AwardHouse()
    son = make_resident(house.accounts[0].household, "王小强")
    Post.objects.create(kind="group_head", unit=house.village, resident=son, appointed_on=date(2026, 1, 1))
    house.enter("S1", date(2026, 1, 5), house.accounts[1])
    house.lock("2026-01")
    with walking(browser, live_server.url, width) as page:
        log_in(page, house.cast["yard_head"].username)
        nominate(page, house)
        log_in(page, house.cast["secretary"].username)
        judge(page)
        log_in(page, house.cast["staff"].username)
        publish(page, house)
        confirm(page)
        papers(page, house)
        revoke(page)
    assert dict(Nomination.objects.values_list("source", "state")) == {"neighbour": "confirmed", "score": "refused"}


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_tells_a_household_in_private(browser: Browser, live_server: LiveServer, width: str) -> None:
    house = AwardHouse()
    rating: Rating = quarter_of(house)
    with walking(browser, live_server.url, width) as page:
        log_in(page, house.cast["yard_head"].username)
        remind(page)
    assert Reminder.objects.get().rating == rating
