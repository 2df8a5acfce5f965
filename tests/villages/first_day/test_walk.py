"""From an empty portal to a township with its villages and yards, in the browser, by clicks and pastes alone (mission M01)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.accounts.models import User
from tests.browser import log_in, shot, walking
from villages.first_day.services import first_code_make
from villages.models import Post, Unit

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "Shiqiao-2026"
NAMES = ("石桥社区居委会", "青杠", "黄桷", "水井", "龙洞", "高坪", "堰塘", "核桃", "松林", "月亮", "双河", "桃园")
CODES = "511929101000 石桥镇\n" + "\n".join(
    f"511929101{1 if number == 0 else 200 + number:03d} {name if number == 0 else name + '村委会'}" for number, name in enumerate(NAMES)
)
PLACES = "青杠村 1组：柏树院、王家院\n青杠村 2组：李家湾\n黄桷村：老屋湾、堰塘边\n石桥社区：1组、2组"
PEOPLE = {"系统管理员": "何平", "安全管理员": "罗静", "审计员": "苏宁"}


@pytest.fixture(autouse=True)
def untried() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def begin(page: Page, code: str) -> dict[str, str]:
    """Fill the form of the first day; the first password of each login name, read from the slips."""
    page.goto("/")
    expect(page.get_by_text("门户还没有开通")).to_be_visible()
    shot(page, "begin-empty")
    page.get_by_role("link", name="开通页面").click()
    page.get_by_label("开通码").fill(code)
    shot(page, "begin-code")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("乡镇名称").fill("石桥镇")
    page.get_by_label("乡镇的 12 位代码").fill("511929101000")
    page.get_by_label("所属县（区）名称").fill("柳河县")
    for number, (label, name) in enumerate(PEOPLE.items()):
        part = page.locator("section", has=page.get_by_role("heading", name=label))
        part.get_by_label("姓名").fill(name)
        part.get_by_label("联系电话").fill(f"1540000020{number}")
    shot(page, "begin-form")
    page.get_by_role("button", name="开通").click()
    expect(page.locator(".slip")).to_have_count(3)
    shot(page, "begin-slips")
    found = re.findall(r"登录名：\s*(\S+)\s+初始密码：\s*(\S+)", page.locator("body").inner_text())
    return dict(found)


def enter(page: Page, username: str, password: str) -> None:
    """Log in with a first password and change it, as the slip says."""
    page.context.clear_cookies()
    page.goto("/login/")
    page.get_by_label("登录名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.get_by_label("现在的密码").fill(password)
    page.get_by_label("新密码", exact=True).fill(NEW)
    page.get_by_label("再填一次新密码").fill(NEW)
    page.get_by_role("button", name="保存新密码").click()
    page.wait_for_url(lambda url: "/password/" not in url)


def make_account(page: Page) -> str:
    """The system administrator makes the account of the staff; its first password."""
    page.get_by_role("link", name="账号", exact=True).first.click()
    page.goto("/admin/accounts/user/add/")
    page.get_by_label("登录名").fill("zhenban")
    page.get_by_label("姓名").fill("文敏")
    page.get_by_label("联系电话").fill("15400000209")
    page.get_by_role("button", name="保存", exact=True).first.click()
    told = page.get_by_text("的初始密码：").first
    expect(told).to_be_visible()
    shot(page, "begin-account")
    found = re.search(r"初始密码：(\S+)", told.inner_text())
    assert found
    return found.group(1)


def grant(page: Page) -> None:
    """The security administrator gives the duty at the township."""
    page.goto("/admin/villages/post/add/")
    page.get_by_label("单位").select_option(label="石桥镇")
    page.get_by_label("职务").select_option(label="镇工作人员")
    page.get_by_label("账号（登录名）").fill("zhenban")
    page.get_by_label("聘任日期").fill("2026-01-01")
    shot(page, "begin-grant")
    page.get_by_role("button", name="保存", exact=True).first.click()
    page.wait_for_url("**/post/")


def load(page: Page, table: str, name: str, button: str, told: str) -> None:
    page.get_by_label("粘贴").fill(table)
    page.get_by_role("button", name="核对").click()
    shot(page, name)
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text(told)).to_be_visible()


def test_an_empty_portal_becomes_a_township(browser: Browser, live_server: LiveServer) -> None:
    code = first_code_make()
    with walking(browser, live_server.url, "phone") as page:
        passwords = begin(page, code)
    assert list(passwords) == ["xitong", "anquan", "shenji"]
    with walking(browser, live_server.url, "desktop") as page:
        enter(page, "xitong", passwords["xitong"])
        first = make_account(page)
        enter(page, "anquan", passwords["anquan"])
        grant(page)
        assert Post.objects.get().user == User.objects.get(username="zhenban")
        enter(page, "zhenban", first)
        shot(page, "begin-home")
        page.goto("/more/")
        page.get_by_role("main").get_by_role("link", name="导入单位名单").click()
        load(page, CODES, "units-tree", "导入 12 个单位", "已导入 12 个单位。")
        load(page, PLACES, "units-places", "导入 9 个组和聚居点", "已导入 9 个组和聚居点。")
        shot(page, "units-admin")
        assert Unit.objects.filter(level="village").count() == 12 and Unit.objects.filter(level="settlement").count() == 5
    with walking(browser, live_server.url, "phone") as page:
        log_in(page, "zhenban", NEW)
        page.goto("/units/load/")
        page.get_by_label("粘贴").fill(CODES + "\n511929101299 黄桷社区\n511929105201 外村委会")
        page.get_by_role("button", name="核对").click()
        expect(page.get_by_text("没有上级")).to_be_visible()
        shot(page, "units-tree")
