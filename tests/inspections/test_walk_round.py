"""一季度 of 西兴镇 in the browser, from plan to 通报: 14 villages, three teams, a reply upheld, a veto (plan §四(三))."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.accounts.duties import Duty
from governance.desk.demo.sources import villages
from governance.periods import Kind, Period, today
from inspections.models import Round, Scorecard
from tests.browser import log_in, shot, walking
from tests.builders import make_cast, make_township, make_user, make_village
from tests.inspections.house import RoundHouse, make_card

pytestmark = pytest.mark.django_db(transaction=True)


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
    page.get_by_label("季度").select_option(str(Period.of(Kind.QUARTER, today()).previous()))
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


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_runs_a_quarter(browser: Browser, live_server: LiveServer, width: str) -> None:
    town = Town()
    names = [str(village) for village in town.villages]
    with walking(browser, live_server.url, width) as page:
        log_in(page, town.staff.username)
        plan(page)
        for number in range(3):
            members = [user.name for user in town.inspectors[number * 2 : number * 2 + 2]]
            team(page, f"第{'一二三'[number]}组", members, names[number::3])
        page.get_by_role("button", name="抽样并开始现场评分").click()
        expect(page.get_by_role("status")).to_contain_text("样本已抽出")
        town.round = Round.objects.get()
        for number in range(14):
            inspector = town.inspectors[number % 3 * 2]
            faults = {"房前屋后乱堆乱放": number % 5, "发生重大安全责任事故": int(number == 13)}
            town.judge(number, by=inspector, at=timezone.now(), **faults)
        page.reload()
        page.get_by_role("button", name="移交各村核对").click()
        expect(page.get_by_role("status")).to_contain_text("三个工作日")
        shot(page, "round-replying")
        Round.objects.update(reply_due_at=timezone.now())
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
    assert Scorecard.objects.filter(rank=14, vetoed=True).count() == 1
