"""整改 in the browser: a village fixes, fails, gets more days and is closed by another; a second miss ends in 约谈 (plan §四(三))."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.accounts.models import User
from governance.periods import today
from inspections.models import Blame, Evidence, Order
from tests.browser import REFUSED, log_in, shot, walking
from tests.inspections.orders.house import OrderHouse, picture

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = ["desktop", "phone"]


def issue(page: Page, house: OrderHouse, texts: list[str]) -> None:
    """Findings written down by an inspector, put on an order by the office."""
    log_in(page, house.supervisor.username)
    for text in texts:
        page.goto("/findings/")
        page.get_by_role("link", name="记一个问题").first.click()
        page.get_by_label("村（社区）").select_option(label=str(house.village))
        page.get_by_label("发现的问题").fill(text)
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("status")).to_contain_text("已记下")
    log_in(page, house.staff.username)
    page.goto("/orders/")
    shot(page, "order-list-empty")
    page.get_by_role("link", name="下发整改通知").click()
    for text in texts:
        page.get_by_label(text).check()
    shot(page, "finding-list")
    page.get_by_role("button", name="下发整改通知").click()
    page.get_by_label("整改（督办）要求").fill("垃圾池清空并消毒，柴堆搬离通道")
    shot(page, "order-issue")
    page.get_by_role("button", name="签发").click()
    expect(page.get_by_role("status")).to_contain_text("已下发")


def sign(page: Page, house: OrderHouse) -> None:
    log_in(page, house.secretary.username)
    shot(page, "order-todo")
    page.get_by_role("link", name="签收整改通知书").click()
    shot(page, "order-to-sign")
    page.get_by_role("button", name="签收").click()
    expect(page.get_by_role("status")).to_contain_text("已签收")


def report(page: Page, house: OrderHouse, text: str, photos: int = 0) -> None:
    log_in(page, house.secretary.username)
    page.get_by_role("link", name="整改并报告").click()
    page.get_by_role("link", name="报告整改").click()
    page.get_by_label("整改情况").fill(text)
    files = [picture(f"{number}.png") for number in range(photos)]
    sent = [{"name": file.name, "mimeType": "image/png", "buffer": file.read()} for file in files]
    page.get_by_label("照片").set_input_files(sent)  # type: ignore[arg-type]
    shot(page, "order-report")
    page.get_by_role("button", name="报告整改").click()
    expect(page.get_by_role("status")).to_contain_text("已报告")


def check(page: Page, user: User, passed: bool, opinion: str) -> None:
    log_in(page, user.username)
    page.get_by_role("link", name="复核整改").click()
    page.get_by_role("link", name="复核", exact=True).click()
    page.locator("label", has_text="整改到位" if passed else "没有到位").click()
    page.get_by_label("复核意见").fill(opinion)
    shot(page, f"order-check-{passed}")
    page.get_by_role("button", name="复核").click()
    expect(page.get_by_role("status")).to_contain_text("已复核")


@pytest.mark.parametrize("width", WIDTHS)
def test_it_is_fixed_extended_and_closed_by_another(browser: Browser, live_server: LiveServer, width: str) -> None:
    house = OrderHouse()
    with walking(browser, live_server.url, width, forgives=REFUSED) as page:
        issue(page, house, ["2组垃圾池满溢，臭味大", "3组柴堆占了消防通道"])
        sign(page, house)
        report(page, house, "垃圾池已清空，柴堆搬了一半", photos=2)
        page.goto("/orders/?tab=all")
        page.get_by_role("link", name="ZG").first.click()
        expect(page.get_by_role("link", name="复核", exact=True)).to_have_count(0)
        check(page, house.supervisor, False, "柴堆还占着通道")
        shot(page, "order-failed")
        log_in(page, house.secretary.username)
        page.get_by_role("link", name="整改并报告").click()
        page.get_by_role("link", name="申请延期").click()
        page.get_by_label("延期到哪一天").fill(today().isoformat())
        page.get_by_label("延期理由").fill("户主外出务工，下周回来")
        page.get_by_role("button", name="申请延期").click()
        expect(page.get_by_role("alert")).to_contain_text("延期须晚于")
        page.get_by_label("延期到哪一天").fill((today() + timedelta(days=30)).isoformat())
        shot(page, "order-extend")
        page.get_by_role("button", name="申请延期").click()
        expect(page.get_by_role("status")).to_contain_text("已申请延期")
        log_in(page, house.leader.username)
        page.get_by_role("link", name="整改延期待批准").click()
        page.locator("label", has_text="同意延期").first.click()
        shot(page, "order-decide")
        page.get_by_role("button", name="答复延期").click()
        expect(page.get_by_role("status")).to_contain_text("已答复")
        report(page, house, "柴堆已全部搬离")
        check(page, house.second, True, "现场看过，已整改到位")
        expect(page.get_by_text("已销号").first).to_be_visible()
        shot(page, "order-closed")
        page.goto("/orders/?tab=closed")
        shot(page, "order-list-closed")
    order = Order.objects.get()
    assert (order.state, order.misses, order.checked_by, order.closed_on) == ("closed", 1, house.second, today())
    assert order.fix_due_on == today() + timedelta(days=30) and Evidence.objects.filter(order=order).count() == 2


@pytest.mark.parametrize("width", WIDTHS)
def test_it_ends_in_a_talk_after_the_second_miss(browser: Browser, live_server: LiveServer, width: str) -> None:
    house = OrderHouse()
    with walking(browser, live_server.url, width) as page:
        issue(page, house, ["沟渠堵塞"])
        sign(page, house)
        for words in ("还没有清", "仍没有清"):
            report(page, house, "正在清理")
            check(page, house.supervisor, False, words)
        log_in(page, house.leader.username)
        shot(page, "blame-todo")
        page.get_by_role("link", name="建议约谈：八一村").click()
        page.get_by_role("link", name="登记约谈").click()
        page.get_by_label("对象（姓名、职务）").fill("张书记（村党组织书记）")
        page.get_by_label("结果").fill("承诺三日内整改到位")
        shot(page, "blame-form")
        page.get_by_role("button", name="登记").click()
        expect(page.get_by_role("status")).to_contain_text("只有镇领导看得到")
        shot(page, "blame-list")
        page.get_by_role("link", name="ZG").click()
        shot(page, "order-talk")
        log_in(page, house.staff.username)
        page.goto(f"/orders/{Order.objects.get().pk}/")
        expect(page.get_by_text("建议约谈")).to_be_visible()
        expect(page.get_by_text("张书记")).to_have_count(0)
    blame = Blame.objects.get()
    assert (blame.kind, blame.by, blame.village) == ("talk", house.leader, house.village)
    assert "2 次未按要求整改" in blame.facts
