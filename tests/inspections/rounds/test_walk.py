"""A quarter of 西兴镇 in the browser, from plan to 通报: 14 villages, three teams, a reply upheld, a veto, a rectification that
failed and was re-checked (plan §四(三))."""

from __future__ import annotations

import os

import docx
import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.accounts.duties import Duty
from governance.demo.sources import villages
from governance.periods import Kind, Period, today
from inspections.models import Order, Round, Scorecard
from tests.browser import log_in, shot, walking
from tests.builders import make_cast, make_township, make_user, make_village
from tests.inspections.house import RoundHouse, make_card

pytestmark = pytest.mark.django_db(transaction=True)
FAULT = "房前屋后乱堆乱放"


class Town(RoundHouse):
    """西兴镇 as it is: 14 villages with secretaries, six inspectors in three teams."""

    def __init__(self) -> None:
        self.township = make_township()
        self.villages = [make_village(self.township, one.name, one.code) for one in villages()]
        self.cast = make_cast(self.township, self.villages[0])
        self.secretaries = {self.villages[0].pk: self.cast["secretary"]}
        for village in self.villages[1:]:
            self.secretaries[village.pk] = make_user(f"shuji-{village.code}", Duty.SECRETARY, village)
        self.inspectors = [make_user(f"组员{number}", Duty.SUPERVISOR, self.township) for number in range(1, 7)]
        self.staff, self.leader = self.cast["staff"], self.cast["leader"]
        self.checklist = make_card(self.township, self.staff)


def plan(page: Page) -> None:
    page.goto("/rounds/")
    page.get_by_role("link", name="编制督查方案").first.click()
    page.get_by_label("季度").select_option(str(Period.of(Kind.QUARTER, today().replace(month=1))))
    page.get_by_label("现场督查开始").fill(today().isoformat())
    page.get_by_label("现场督查结束").fill(today().isoformat())
    page.get_by_label("督查重点").fill("人居环境整治、矛盾纠纷回访")
    shot(page, "round-plan")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")


def team(page: Page, name: str, members: list[str], places: list[str]) -> None:
    page.get_by_role("link", name="新建督查组").click()
    page.get_by_label("组名").fill(name)
    page.get_by_label("组长").select_option(label=members[0])
    for member in members:
        page.locator("label", has_text=member).last.click()
    for place in places:
        page.locator("label", has_text=place).click()
    shot(page, f"round-{name}")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")


def save(page: Page) -> None:
    page.get_by_role("button", name="保存").click()
    expect(page.locator("[data-state]:visible")).to_contain_text("已保存")


def tab(page: Page, name: str) -> None:
    page.locator(".tabs.strip a", has_text=name).click()


def score(page: Page, town: Town, number: int) -> None:
    """One village's card: up to four cases on the first line, the rest without fault; the last village has an accident."""
    page.goto(f"/cards/{town.card(number).pk}/score/")
    tab(page, "人居环境")
    for _ in range(number % 5):
        line(page, FAULT).get_by_role("button", name="加一处").click()
    page.get_by_role("button", name="没评的都没有问题").click()
    save(page)
    tab(page, "矛盾平安")
    line(page, "回访按期完成").get_by_label("百分之几").fill("100")
    line(page, "回访按期完成").get_by_label("评分依据").fill("查了纸质台账")
    save(page)
    tab(page, "一票否决")
    page.get_by_text("发生" if number == 13 else "没有发生", exact=True).click()
    if number == 13:
        line(page, "发生重大安全责任事故").get_by_label("现场情况").fill("施工便道塌方致一人死亡，县里已通报，确认")
    save(page)
    page.get_by_role("button", name="评完").click()
    expect(page.get_by_role("status")).to_contain_text("已评完")


def line(page: Page, name: str) -> Locator:
    return page.locator("fieldset.scoreline", has=page.locator("legend", has_text=name))


def find_a_fault(page: Page) -> None:
    page.goto("/findings/")
    page.get_by_role("link", name="记一个问题").first.click()
    page.get_by_label("村（社区）").select_option(label="高峰社区")
    page.get_by_label("发现的问题").fill("2组垃圾池满溢，臭味大")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("已记下")


def reply(page: Page, town: Town) -> None:
    """The second village says that its case belongs to a neighbour; the office finds it right."""
    log_in(page, town.secretaries[town.villages[1].pk].username)
    page.get_by_role("link", name="核对督查评分").click()
    page.get_by_role("link", name=f"申辩：{FAULT}").click()
    page.get_by_label("申辩理由").fill("这一处是邻村的")
    page.get_by_role("button", name="提出申辩").click()
    log_in(page, town.staff.username)
    page.get_by_role("link", name="申辩待答复").click()
    page.get_by_label("处理").select_option("1")
    page.get_by_label("更正为").fill("0")
    page.get_by_label("答复理由").fill("核实属邻村")
    page.get_by_role("button", name="答复").click()
    expect(page.get_by_role("status")).to_contain_text("已答复")


def approve(page: Page, town: Town) -> None:
    log_in(page, town.leader.username)
    page.get_by_role("link", name="督查待党委审定").click()
    page.get_by_role("link", name="登记党委审定意见").click()
    page.get_by_label("党委会日期").fill(today().isoformat())
    page.get_by_label("审定意见").fill("同意评定结果，通报各村")
    page.get_by_label("通报公布名次").check()
    shot(page, "round-decide")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="锁定").click()
    expect(page.get_by_role("status")).to_contain_text("已锁定")
    shot(page, "round-locked")


def rectify(page: Page, town: Town) -> None:
    """Issued, signed, reported, failed; reported again, passed by another."""
    log_in(page, town.staff.username)
    page.goto("/findings/")
    page.get_by_label("2组垃圾池满溢").check()
    page.get_by_role("button", name="下发整改通知").click()
    page.get_by_label("整改（督办）要求").fill("垃圾池清空并消毒")
    page.get_by_role("button", name="签发").click()
    secretary, inspectors = town.secretaries[town.villages[1].pk], town.inspectors
    log_in(page, secretary.username)
    page.get_by_role("link", name="签收整改通知书").click()
    page.get_by_role("button", name="签收").click()
    for inspector, passed in ((inspectors[0], False), (inspectors[2], True)):
        log_in(page, secretary.username)
        page.get_by_role("link", name="整改并报告").click()
        page.get_by_role("link", name="报告整改").click()
        page.get_by_label("整改情况").fill("垃圾池已清空")
        page.get_by_role("button", name="报告整改").click()
        log_in(page, inspector.username)
        page.get_by_role("link", name="复核整改").click()
        page.get_by_role("link", name="复核", exact=True).click()
        page.locator("label", has_text="整改到位" if passed else "没有到位").click()
        page.get_by_label("复核意见").fill("已清空" if passed else "池边还有垃圾")
        page.get_by_role("button", name="复核").click()
        expect(page.get_by_role("status")).to_contain_text("已复核")


def bulletin(page: Page, town: Town) -> str:
    """The words of the 通报 that the office downloads; kept below SHOTS if it is set."""
    log_in(page, town.staff.username)
    page.goto(f"/rounds/{town.round.pk}/")  # type: ignore[union-attr]
    with page.expect_download() as waiting:
        page.get_by_role("link", name="通报（Word）").click()
    path = waiting.value.path()
    if folder := os.environ.get("SHOTS"):
        waiting.value.save_as(f"{folder}/{waiting.value.suggested_filename}")
    return "\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)


def test_it_runs_a_quarter(browser: Browser, live_server: LiveServer) -> None:
    town = Town()
    names = [str(village) for village in town.villages]
    with walking(browser, live_server.url, "desktop") as page:
        log_in(page, town.staff.username)
        plan(page)
        for number in range(3):
            members = [user.name for user in town.inspectors[number * 2 : number * 2 + 2]]
            team(page, f"第{'一二三'[number]}组", members, names[number::3])
        page.get_by_role("button", name="抽样并开始现场评分").click()
        expect(page.get_by_role("status")).to_contain_text("样本已抽出")
        town.round = Round.objects.get()
        for group in range(3):
            log_in(page, town.inspectors[group * 2].username)
            for number in range(group, 14, 3):
                score(page, town, number)
            if group == 1:
                find_a_fault(page)
        log_in(page, town.staff.username)
        page.goto(f"/rounds/{town.round.pk}/")
        page.get_by_role("button", name="移交各村核对").click()
        expect(page.get_by_role("status")).to_contain_text("三个工作日")
        shot(page, "round-replying")
        reply(page, town)
        Round.objects.update(reply_due_at=timezone.now())
        approve(page, town)
        rectify(page, town)
        said = bulletin(page, town)
    assert [card.score for card in Scorecard.objects.order_by("village__path")[:3]] == [100, 100, 96]
    assert Scorecard.objects.filter(rank=14, vetoed=True, grade="poor").count() == 1
    order = Order.objects.get()
    assert (order.state, order.misses, order.checked_by) == ("closed", 1, town.inspectors[2])
    assert "垃圾池满溢" in said and "南斯村" in said and "一票否决" in said and "较好方面" in said and "综合评定" in said
