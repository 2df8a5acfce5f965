"""The criterion walked in a browser, with a real Celery worker, on a desktop and on a phone:

March 2026 is computed, shown, objected to with success, recomputed with a claim that the panel let pass, and locked, which
posts it; a later deed for March is refused with a reason; the first quarter's stars follow; one star is explained down to its
entries.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.accounts.models import User
from governance.periods import SHANGHAI, Period
from moral_bank.closings.services import closing_compute, closing_lock, closing_publish
from moral_bank.models import Account, Closing, Rating
from tests.browser import REFUSED, leave, log_in, shot, walking
from tests.builders import (
    make_account,
    make_cast,
    make_entry,
    make_household,
    make_rule_set,
    make_township,
    make_village,
)
from tests.moral_bank.panel.house import make_member
from tests.worker import worker
from villages.models import Unit

pytestmark = pytest.mark.django_db(transaction=True)

COMPUTING = 30_000  # milliseconds
PEOPLE = [
    "王小明",
    "李秀英",
    "张国强",
    "欧阳春兰",
    "陈大勇",
    "刘桂芳",
    "赵永福",
    "黄德贵",
    "周玉珍",
    "吴天成",
    "徐素华",
    "孙明礼",
]


def morning(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), SHANGHAI) + timedelta(hours=9)


@pytest.fixture
def village() -> Unit:
    """A dozen households, two months settled through the services, entries in March that give four stars, not five."""
    township = make_township()
    village = make_village(township)
    staff = make_cast(township, village)["staff"]
    rules = make_rule_set(township, five_star=66, four_star=64, three_star=62, two_star=60)
    deeds = {deed.code: deed for deed in rules.deeds.all()}
    accounts = [make_account(make_household(village, name)) for name in PEOPLE]
    for account in accounts[-3:]:
        make_member(village, account.household.head_name, household=account.household, by=staff)
    for account in accounts[:6]:
        for month in (1, 2, 3):
            make_entry(account, deeds["S1"], date(2026, month, 10), staff)
    for text in ("2026-01", "2026-02"):
        settle(village, text)
    return village


def settle(village: Unit, text: str) -> None:
    """A month computed on the first day after it, shown for five days and locked."""
    period = Period.parse(text)
    shown = datetime.combine(period.end, datetime.min.time(), SHANGHAI)
    closing = Closing.objects.create(village=village, kind=period.kind, start=period.start)
    closing_compute(closing.pk, shown)
    closing_publish(closing=closing, at=shown)
    closing_lock(closing=closing, at=shown + timedelta(days=5))


def on(page: Page, duty: str) -> None:
    log_in(page, User.objects.get(username__startswith=f"{duty}-").username)


def told(page: Page, text: str) -> None:
    expect(page.get_by_role("status")).to_contain_text(text)


def compute(page: Page, label: str) -> None:
    """All villages of a period from the township's page, watched until the worker is done."""
    page.goto("/closings/run/")
    page.get_by_label("期间").select_option(label=label)
    page.get_by_role("button", name="计算所有村").click()
    expect(page.locator("#progress")).to_contain_text("算完 1 个", timeout=COMPUTING)
    shot(page, "closing-run")
    page.get_by_role("link", name="八一村").click()


def publish(page: Page) -> None:
    page.get_by_role("button", name="公示", exact=True).click()
    told(page, "已公示")


def lock(page: Page) -> None:
    page.reload()
    page.get_by_role("button", name="锁定").click()
    told(page, "已锁定")


def object_to_first_row(page: Page) -> None:
    """A resident without an account finds the notice on the board and objects."""
    leave(page)
    page.goto("/public/")
    shot(page, "board")
    page.get_by_role("link", name="八一村").click()
    page.get_by_role("link", name="八一村2026年3月").click()
    page.get_by_label("名单序号").fill("1")
    page.get_by_label("您的姓名").fill("王小明")
    page.get_by_label("联系电话").fill("15400000001")
    page.get_by_label("异议内容").fill("三月二十八日参加志愿服务，没有记。")
    shot(page, "notice")
    page.get_by_role("button", name="提交异议").click()
    told(page, "受理编号")


def answer(page: Page) -> None:
    page.locator("label", has_text="采纳（异议成立）").click()
    page.get_by_label("答复").fill("属实，补记一次后重新计算。")
    shot(page, "objection")
    page.get_by_role("button", name="答复").click()
    told(page, "已答复")
    expect(page.locator("main")).to_contain_text("异议成立，请更正后重新计算并公示")


def declare(page: Page, account: Account, day: str) -> None:
    """The cadre declares a deed of `day`; what comes of it is on the page."""
    on(page, "cadre")
    page.goto(f"/households/{account.household_id}/log/")
    page.get_by_label("发生日期").select_option(value=day)
    page.locator("label", has_text="参加志愿服务").click()
    page.get_by_role("button", name="保存").click()


def verify_and_judge(page: Page) -> None:
    """The yard head verifies, the panel sits, the cadre writes it down by one tap."""
    told(page, "已记下")
    on(page, "yard_head")
    page.goto("/claims/")
    page.get_by_role("button", name="核实", exact=True).click()
    told(page, "已核实，等待评议")
    on(page, "cadre")
    page.get_by_role("link", name="待评议 1 条").click()
    page.locator("label", has_text=re.compile("^全体同意$")).click()
    page.get_by_role("button", name="记下评议结果").click()
    told(page, "评议 1 条申报")


def explain_star(page: Page, account: Account) -> None:
    """From the quarter's star over the month to the entry in the ledger."""
    page.goto("/ratings/?period=2026-Q1")
    row = page.locator("tr", has_text=account.household.head_name)
    expect(row.get_by_label("5 星")).to_be_visible()
    shot(page, "ratings")
    row.get_by_role("link", name="为什么是这个分").click()
    expect(page.locator("main")).to_contain_text("66.67")
    shot(page, "why-quarter")
    page.get_by_role("link", name="2026年3月").click()
    expect(page.locator("tr", has_text="志愿服务")).to_contain_text("+10")
    shot(page, "why-month")
    page.get_by_role("link", name="参加志愿服务").last.click()
    expect(page.locator("tr:target")).to_contain_text("2026-03-28")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_closes_march_and_the_quarter(browser: Browser, live_server: LiveServer, village: Unit, width: str) -> None:
    account = Account.objects.get(household__head_name="王小明")
    with (
        worker(),
        time_machine.travel(morning("2026-04-01")) as clock,
        walking(browser, live_server.url, width, forgives=REFUSED) as page,
    ):
        on(page, "staff")
        shot(page, "staff-home")
        compute(page, "2026年3月")
        closing_page = page.url
        publish(page)
        shot(page, "closing-noticed")
        object_to_first_row(page)
        on(page, "staff")
        page.goto(closing_page)
        answer(page)
        declare(page, account, "2026-03-28")
        verify_and_judge(page)
        on(page, "staff")
        page.goto(closing_page)
        page.get_by_role("button", name="重新计算").click()
        page.locator("label", has_text=re.compile("公示到")).click()
        page.get_by_label("撤回原因").fill("异议成立，补记一次")
        shot(page, "closing-take-down")
        page.get_by_role("button", name="撤回所选公示并重新计算").click()
        page.goto(closing_page)
        expect(page.get_by_role("button", name="公示", exact=True)).to_be_enabled(timeout=COMPUTING)
        publish(page)
        clock.move_to(morning("2026-04-06"))
        on(page, "staff")
        page.goto(closing_page)
        lock(page)
        shot(page, "closing-locked")
        declare(page, account, "2026-03-30")
        expect(page.locator(".alert-danger")).to_contain_text("该月评分已锁定")
        shot(page, "claim-refused")
        on(page, "staff")
        compute(page, "2026年第1季度")
        quarter_page = page.url
        publish(page)
        clock.move_to(morning("2026-04-11"))
        on(page, "staff")
        page.goto(quarter_page)
        lock(page)
        explain_star(page, account)
        page.goto(f"/public/{village.code}/")
        expect(page.get_by_role("row", name="全村")).to_contain_text("1")
        expect(page.locator("main")).not_to_contain_text("王*")
        shot(page, "village-stars")
    assert Rating.objects.get(account=account, closing__kind="quarter").stars == 5
