"""From an empty portal to a month's published closing of twelve villages, in the browser, by clicks and uploads alone (missions M01,
M23): each click, field and upload is counted, and each page is looked at on a desktop and on a phone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.periods import SHANGHAI, Kind, Period, today
from moral_bank.models import Claim, Closing, Entry, PanelMember
from tests.browser import OVERFLOW, WIDTHS, leave, log_in, shot, walking
from tests.builders import make_township, make_user
from tests.villages.first_day import ledgers
from tests.villages.first_day.ledgers import HOMES, LOGINS, VILLAGES
from tests.worker import worker
from villages.first_day.services import first_code_make
from villages.models import Household, Post, Unit

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "Shiqiao-2026"
PEOPLE = {"系统管理员": "何平", "安全管理员": "罗静", "审计员": "苏宁"}
COMPUTING = 30_000  # milliseconds
# What the whole way may cost people: measured 93, 39 and 7 (November 2026), however many households the ledgers hold.
CLICKS, FIELDS, UPLOADS = 97, 45, 7


@pytest.fixture(autouse=True)
def untried() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


class Hand:
    """A person at a desktop who clicks, types and uploads; what that costs is counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.cost: Counter[str] = Counter()

    @property
    def main(self) -> Locator:
        return self.page.locator("main, #main").first

    def click(self, target: Locator) -> None:
        target.click()
        self.cost["clicks"] += 1

    def link(self, name: str, within: Locator | None = None) -> None:
        self.click((within or self.main).get_by_role("link", name=name, exact=True).first)

    def button(self, name: str | re.Pattern[str]) -> None:
        self.click(self.main.get_by_role("button", name=name, exact=True).first)

    def fill(self, label: str, text: str, within: Locator | None = None) -> None:
        (within or self.page).get_by_label(label, exact=True).first.fill(text)
        self.cost["fields"] += 1

    def upload(self, data: bytes) -> None:
        self.page.locator("input[type=file]").set_input_files({"name": "台账.csv", "mimeType": "text/csv", "buffer": data})
        self.cost["uploads"] += 1

    def says(self, *words: str) -> None:
        for text in words:
            expect(self.main).to_contain_text(text)

    def look(self, name: str) -> None:
        """A picture in both widths; on a phone nothing may be wider than the screen."""
        shot(self.page, f"first-{name}")
        self.page.set_viewport_size(WIDTHS["phone"])
        assert self.page.evaluate(OVERFLOW) <= 0, f"wider than the phone: {self.page.url}"
        shot(self.page, f"first-{name}")
        self.page.set_viewport_size(WIDTHS["desktop"])


def begin(hand: Hand, code: str) -> dict[str, str]:
    """The code, the form, three slips; the first password of each login name."""
    page = hand.page
    page.goto("/")
    expect(page.get_by_text("门户还没有开通")).to_be_visible()
    hand.link("开通页面", page.locator("body"))
    hand.fill("开通码", code)
    hand.button("下一步")
    hand.fill("乡镇名称", "石桥镇")
    hand.fill("乡镇的 12 位代码", "511929101000")
    hand.fill("所属县（区）名称", "柳河县")
    for number, (label, name) in enumerate(PEOPLE.items()):
        part = page.locator("section", has=page.get_by_role("heading", name=label))
        hand.fill("姓名", name, part)
        hand.fill("联系电话", f"1540000020{number}", part)
    hand.look("form")
    hand.button("开通")
    expect(page.locator(".slip")).to_have_count(3)
    hand.look("three-slips")
    return passwords_on(page)


def passwords_on(page: Page) -> dict[str, str]:
    return dict(re.findall(r"登录名：\s*(\S+)\s+初始密码：\s*(\S+)", page.locator("body").inner_text()))


def enter(hand: Hand, username: str, password: str) -> None:
    """Log in with a first password and change it, as the slip says."""
    page = hand.page
    leave(page)
    page.goto("/login/")
    hand.fill("登录名", username)
    hand.fill("密码", password)
    hand.button("登录")
    hand.fill("现在的密码", password)
    hand.fill("新密码", NEW)
    hand.fill("再填一次新密码", NEW)
    hand.button("保存新密码")
    page.wait_for_url(lambda url: "/password/" not in url)


def back(hand: Hand, username: str) -> None:
    log_in(hand.page, username, NEW)


def onward(hand: Hand) -> None:
    """To 开通进度, from wherever somebody stands."""
    crumb = hand.page.locator("nav.crumbs").get_by_role("link", name="开通进度")
    if crumb.count():
        return hand.click(crumb)
    hand.link("首页", hand.page.locator("body"))
    hand.link("继续开通")
    return None


def admin_import(hand: Hand, data: bytes) -> None:
    """Upload, look, take; on the page where one adds."""
    hand.upload(data)
    hand.button("保存")
    hand.look("preview")
    hand.click(hand.page.locator("a[href$='/commit/']").first)
    hand.button(re.compile(r"^导入\s*\d+\s*行"))


def open_accounts(hand: Hand) -> dict[str, str]:
    """The system administrator: the list, then slips for whoever is new."""
    hand.link("账号导入")
    hand.click(hand.main.locator("a[href$='/add/']").first)
    admin_import(hand, ledgers.accounts())
    hand.click(hand.page.locator("a[href='/admin/accounts/user/']").first)
    hand.link("打印初始密码条")
    hand.button("打印")
    hand.look("slips")
    return passwords_on(hand.page)


def grant(hand: Hand, told: str) -> None:
    hand.look("proposals")
    hand.button("授予所选的职务")
    hand.says(told)


def bring_ledgers(hand: Hand) -> None:
    """Units and roster; from the first page on each page leads to the next."""
    hand.look("home")
    hand.link("继续开通")
    hand.look("progress")
    hand.link("导入单位")
    hand.upload(ledgers.units())
    hand.button("核对")
    hand.look("units")
    hand.button("导入 12 个单位")
    hand.says("已导入 12 个单位。")
    onward(hand)
    hand.link("导入名册")
    admin_import(hand, ledgers.roster())
    hand.says(f"新增 {len(VILLAGES) * HOMES} 人")


def set_up(hand: Hand, month: Period) -> None:
    """Officers, defaults, rules from `month` on, panels."""
    onward(hand)
    hand.link("导入一长四员")
    hand.upload(ledgers.officers())
    hand.button("上传并核对")
    hand.look("officers")
    hand.button("导入 24 人")
    onward(hand)
    hand.button("全部采用默认（10 项）")
    hand.link("记会议、施行")
    hand.says("也会按它计算、公示")
    hand.look("adopt")
    hand.link("石桥镇道德银行积分细则 第1版")
    hand.link("改施行日期、分数线和五类分值")
    hand.fill("施行日期", f"{month.start}")
    hand.button("保存")
    hand.link("施行")
    hand.fill("通过日期", f"{month.start - timedelta(days=5)}")
    hand.fill("通过的会议", "镇人大主席团会议")
    hand.fill("会议记录摘要（会在公示栏公布，不要写个人姓名和电话）", "全体通过")
    hand.button("施行")
    hand.says("正在施行")
    onward(hand)
    hand.link("按名单登记")
    hand.upload(ledgers.panels())
    hand.button("核对")
    hand.look("panels")
    hand.button("登记 48 人")
    hand.says("已登记 48 名评议小组成员。")


def bring_points(hand: Hand, month: Period) -> None:
    """The township is set up, so the first page asks for nothing more; its past points come in from 更多."""
    hand.link("首页", hand.page.locator("body"))
    expect(hand.page.get_by_text("继续开通")).to_have_count(0)
    hand.link("更多", hand.page.locator("body"))
    hand.link("导入积分台账")
    hand.upload(ledgers.points(month.start + timedelta(days=9)))
    hand.button("上传并核对")
    hand.look("points")
    hand.button("导入 12 行")
    hand.says("新申报 12 条")


def declare(hand: Hand, month: Period) -> None:
    """A cadre declares a deed of the month and verifies what came by the ledger."""
    hand.look("cadre")
    hand.link("记一笔")
    hand.link("记一笔", hand.main.locator("tr", has_text=ledgers.heads()[1][2]))
    hand.page.get_by_label("发生日期").first.select_option(value=f"{month.start + timedelta(days=19)}")
    hand.cost["clicks"] += 2
    hand.look("declare")
    hand.click(hand.main.locator("label", has_text="参加义务劳动").first)
    hand.button("保存")
    hand.says("已记下")
    hand.link("首页")
    verify(hand)


def verify(hand: Hand) -> None:
    hand.link("去核实")
    hand.look("verify")
    hand.button("核实")
    hand.says("已核实")


def sit(hand: Hand) -> None:
    """The secretary verifies what the cadre declared, and writes down what the panel said; kin are recused already."""
    verify(hand)
    hand.link("首页")
    hand.link("待评议 2 条")
    hand.look("sitting")
    for claim in hand.main.get_by_text("全体同意", exact=True).all():
        hand.click(claim)
    hand.button("记下评议结果")
    hand.says("已记下评议会，评议 2 条申报。")


def publish(hand: Hand) -> None:
    hand.link("全镇计算")
    hand.button("计算所有村")
    expect(hand.main).to_contain_text("算完 12 个", timeout=COMPUTING)
    hand.look("computed")
    hand.button("公示 12 个村")
    hand.says("已公示 12 个村。")
    hand.link("石桥社区")
    hand.look("closing")
    hand.link("看公示")
    hand.look("notice")
    hand.link("打印完整名单")
    hand.says("参与志愿服务 +5", "参加义务劳动 +5")


def lock(hand: Hand, shown: datetime, month: Period) -> None:
    """After the five days that the rules give to objections; by then it may be the month before last."""
    with time_machine.travel(shown + timedelta(days=5, minutes=1), tick=True):
        back(hand, LOGINS["staff"])
        hand.link("全镇计算")
        hand.link("结算")
        hand.page.get_by_label("期间").select_option(label=month.label)
        hand.cost["clicks"] += 2
        hand.button("查找")
        hand.link("全镇计算")
        hand.button("锁定 12 个村")
        hand.says("已锁定 12 个村。")


def test_an_empty_portal_closes_its_first_month(browser: Browser, live_server: LiveServer) -> None:
    """On the day on which it is begun, the month before is computed and shown; the notice's days later it is locked."""
    month = Period.of(Kind.MONTH, today()).previous()
    with worker(), walking(browser, live_server.url, "desktop") as page:
        hand = Hand(page)
        passwords = begin(hand, first_code_make())
        assert list(passwords) == ["xitong", "anquan", "shenji"]
        enter(hand, "xitong", passwords["xitong"])
        passwords |= open_accounts(hand)
        enter(hand, "anquan", passwords["anquan"])
        hand.link("待授予的职务")
        grant(hand, "已授予 3 项职务。")
        enter(hand, LOGINS["staff"], passwords[LOGINS["staff"]])
        bring_ledgers(hand)
        back(hand, "xitong")
        passwords |= open_accounts(hand)
        back(hand, LOGINS["staff"])
        hand.link("继续开通")
        hand.link("待授予的职务")
        grant(hand, "已授予 24 项职务。")
        set_up(hand, month)
        bring_points(hand, month)
        enter(hand, LOGINS["cadre"], passwords[LOGINS["cadre"]])
        declare(hand, month)
        enter(hand, LOGINS["secretary"], passwords[LOGINS["secretary"]])
        sit(hand)
        back(hand, LOGINS["staff"])
        publish(hand)
        lock(hand, datetime.now(SHANGHAI), month)
    assert (Household.objects.count(), PanelMember.objects.count(), Claim.objects.count()) == (48, 48, 13)
    assert Post.objects.filter(user=None).count() == 24 and Unit.objects.filter(level="village").count() == 12
    assert set(Closing.objects.values_list("start", "state", "household_count")) == {(month.start, "locked", HOMES)}
    assert sorted(Entry.objects.values_list("score", flat=True)) == [5, 5]
    assert hand.cost["uploads"] == UPLOADS
    assert hand.cost["clicks"] <= CLICKS and hand.cost["fields"] <= FIELDS, hand.cost


def test_a_list_of_units_is_looked_at_as_a_tree_on_a_phone(browser: Browser, live_server: LiveServer) -> None:
    make_user("clerk", "staff", make_township())
    with walking(browser, live_server.url, "phone") as page:
        log_in(page, "clerk")
        page.goto("/units/load/")
        page.get_by_label("粘贴").fill("511923102299 黄桷社区\n511929105201 外村委会")
        page.get_by_role("button", name="核对").click()
        expect(page.get_by_text("没有上级")).to_be_visible()
        shot(page, "units-tree")
