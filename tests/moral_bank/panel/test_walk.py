"""A panel in the browser, with and without scripts: a member is seated, a sitting written down with one recusal, one against
and a judged figure, the record printed, an objection upheld and its claim struck (mission M23)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.disclosure.notices import objection_file
from governance.periods import SHANGHAI
from moral_bank.closings.services import closing_publish
from moral_bank.models import Claim, Closing, Sitting, Vote
from tests.browser import REFUSED, log_in, shot, walking
from tests.builders import make_household, make_resident
from tests.moral_bank.panel.house import make_member
from tests.moral_bank.panel.test_pages import PanelDesk

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 4, 2, 10, tzinfo=SHANGHAI)
HEADS = ("王小明", "欧阳春兰", "张国强")


@pytest.fixture
def desk() -> PanelDesk:
    """Three households with claims, a panel of five of whom one belongs to the first household."""
    with time_machine.travel(AT):
        desk = PanelDesk(households=0, members=4)
        desk.grow(3)
        for account, name in zip(desk.accounts, HEADS, strict=True):
            account.household.head_name = name
            account.household.save()
        desk.members.append(make_member(desk.village, "王小红", household=desk.accounts[0].household, by=desk.cast["staff"]))
        make_resident(make_household(desk.village, "冯七"), "冯七")
        desk.verified(note="河道清理，三小时", account=desk.accounts[0])
        desk.verified("J1", score=6, account=desk.accounts[1])
        desk.verified("L1", account=desk.accounts[2])
    return desk


def seat(page: Page, desk: PanelDesk) -> None:
    page.goto("/more/")
    page.get_by_role("link", name="评议小组和评议会").click()
    shot(page, "panel")
    page.get_by_role("link", name="登记成员").click()
    page.get_by_label("姓名或拼音").fill("冯七")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="选", exact=True).click()
    shot(page, "panel-seat")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("冯七已登记为评议小组成员")


def sit(page: Page) -> None:
    """Two are carried, one of them without a member who recuses himself and one at another figure; one is refused, first
    without saying why."""
    page.goto("/")
    page.get_by_role("link", name="待评议 3 条").click()
    shot(page, "sitting-preset")
    first = page.locator("section", has_text="王小明户")
    expect(first).to_contain_text("王小红：与申报户同户")
    first.locator("label", has_text=re.compile("^全体同意$")).click()
    first.locator("summary").click()
    first.get_by_label("赵永福", exact=True).select_option(label="回避")
    first.get_by_label("赵永福的回避原因").fill("是亲戚")
    second = page.locator("section", has_text="欧阳春兰户")
    second.locator("label", has_text=re.compile("^全体同意$")).click()
    second.get_by_label("评议定分").fill("8")
    second.get_by_label("定分理由").fill("比上月整洁")
    third = page.locator("section", has_text="张国强户")
    third.locator("label", has_text="全体不同意").click()
    page.get_by_role("button", name="记下评议结果").click()
    expect(page.get_by_role("alert")).to_contain_text("张国强户“参与赌博”：不通过须写明评议意见")
    shot(page, "sitting-refused")
    expect(page.get_by_label("赵永福的回避原因").first).to_have_value("是亲戚")
    page.locator("section", has_text="张国强户").get_by_label("评议意见").fill("没有证据")
    page.get_by_role("button", name="记下评议结果").click()
    expect(page.get_by_role("status")).to_contain_text("评议 3 条申报")


def look(page: Page) -> None:
    shot(page, "sitting")
    page.locator("section", has_text="王小明户").locator("summary").click()
    expect(page.locator("section", has_text="王小明户")).to_contain_text("是亲戚")
    page.get_by_role("link", name="打印评议记录").click()
    expect(page.get_by_role("heading", name="道德银行评议记录")).to_be_visible()
    shot(page, "sitting-print")
    page.goto("/sittings/")
    shot(page, "sitting-list")


def strike(page: Page, closing: Closing) -> None:
    """The office upholds an objection and strikes the claim behind it."""
    page.goto(f"/closings/{closing.pk}/")
    page.locator("label", has_text="采纳（异议成立）").click()
    page.get_by_label("答复").fill("查实，没有参加。")
    page.get_by_role("button", name="答复").click()
    page.get_by_role("link", name="撤销该申报").click()
    page.get_by_label("撤销原因").fill("没有参加")
    shot(page, "closing-strike")
    page.get_by_role("button", name="撤销该申报").click()
    expect(page.get_by_role("status")).to_contain_text("已撤销该申报")
    shot(page, "closing-struck")


def shown(desk: PanelDesk) -> Closing:
    closing = desk.computed()
    closing_publish(closing=closing, at=AT + timedelta(minutes=1))
    closing.refresh_from_db()
    assert closing.notice is not None
    line = [row[1] for row in closing.notice.rows].index(desk.accounts[0].household.number) + 1
    objection_file(notice=closing.notice, row_number=line, name="李秀英", phone="15400000002", text="没有参加清理")
    return closing


@pytest.mark.parametrize(("width", "scripts"), [("desktop", True), ("phone", True), ("phone", False)])
def test_it_walks_from_the_seat_to_the_strike(
    browser: Browser, live_server: LiveServer, desk: PanelDesk, width: str, scripts: bool
) -> None:
    with (
        time_machine.travel(AT),
        walking(browser, live_server.url, width, scripts=scripts, forgives=REFUSED) as page,
    ):
        log_in(page, desk.cast["secretary"].username)
        seat(page, desk)
        sit(page)
        look(page)
        closing = shown(desk)
        log_in(page, desk.cast["staff"].username)
        strike(page, closing)
        page.goto(f"/ratings/{closing.ratings.get(account=desk.accounts[1]).pk}/")
        expect(page.locator("main")).to_contain_text("待入账")
        shot(page, "why-pending")
        assert desk.recomputed().entry_count == 1
    assert dict(Claim.objects.values_list("account__household__head_name", "state")) == dict(
        zip(HEADS, ("rejected", "approved", "rejected"), strict=True)
    )
    assert set(Vote.objects.filter(choice="recused").values_list("member__resident__name", "reason")) == {
        ("王小红", "与申报户同户"),
        ("赵永福", "是亲戚"),
    }
    assert Sitting.objects.get().members.count() == 6
