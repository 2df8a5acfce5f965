"""点单 in the browser: an old woman asks through a cadre, one declines, two come, she judges by the slip, points follow (M29, M30)."""

from __future__ import annotations

import re
from datetime import datetime, time

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.periods import SHANGHAI, Kind, Period
from moral_bank.closings.services import closing_compute, closing_publish
from moral_bank.models import Claim, Closing
from moral_bank.panel.services import Verdict, sitting_record
from tests.browser import REFUSED, arrive, leave, log_in, shot, walking
from tests.moral_bank.panel.house import NAMES, make_member
from tests.volunteers.orders.house import ServiceHouse
from volunteers.models import Hours, ServiceOrder, Volunteer
from volunteers.orders.services import slip_issue

pytestmark = pytest.mark.django_db(transaction=True)


def ask(page: Page, house: ServiceHouse) -> ServiceOrder:
    """She rings the cadre, who writes it down."""
    log_in(page, house.user("cadre").username)
    page.goto("/service-orders/log/")
    expect(page.get_by_role("link", name="急救 120")).to_be_visible()
    page.locator("label", has_text="理发").click()
    page.get_by_label("服务对象").fill("李淑珍")
    page.get_by_label("联系电话").first.fill("15400007788")
    page.get_by_label("需要什么").fill("腿脚不好，想请人上门理发，顺便打扫")
    page.locator("label", has_text="柏树院").click()
    page.get_by_label("具体位置").fill("东头第三家")
    page.get_by_text("替别人点、要几人").click()
    page.get_by_label("需要几人").fill("2")
    shot(page, "service-log")
    page.get_by_role("button", name="登记").click()
    arrive(page, re.compile(r"/service-orders/\d+/"))
    page.get_by_text("更多操作").click()
    menu, width = page.locator(".menu > div").bounding_box(), (page.viewport_size or {"width": 0})["width"]
    assert menu is not None and menu["x"] >= 0 and menu["x"] + menu["width"] <= width
    shot(page, "service-asked")
    page.get_by_text("更多操作").click()
    return ServiceOrder.objects.get()


def send_out(page: Page, volunteers: list[Volunteer]) -> None:
    page.get_by_role("link", name="派单", exact=True).click()
    for volunteer in volunteers:
        page.locator(".picks label", has_text=volunteer.name).click()
    page.get_by_role("button", name="派单").click()
    expect(page.get_by_role("alert")).to_contain_text("还差 2 人")
    shot(page, "service-dispatch")
    page.get_by_role("button", name="知道了，仍这样派").click()
    expect(page.get_by_role("status").first).to_contain_text("已派单")
    shot(page, "service-sent")


def begin(page: Page, volunteer: Volunteer) -> None:
    """Somebody else's phone: what the page before still asks the server for would bring back its log-in."""
    assert volunteer.user is not None
    page.wait_for_load_state("networkidle")
    log_in(page, volunteer.user.username)


def answer(page: Page, volunteer: Volunteer, *, takes: bool) -> None:
    begin(page, volunteer)
    page.get_by_role("link", name="接不接单：理发").click()
    expect(page.get_by_text("李淑珍")).to_have_count(0)
    shot(page, "my-offer")
    if takes:
        page.get_by_role("button", name="接单").click()
        expect(page.get_by_role("link", name="打电话 15400007788")).to_be_visible()
        shot(page, "my-order")
    else:
        page.get_by_role("link", name="不接").click()
        page.locator("label", has_text="时间不合适").click()
        shot(page, "my-decline")
        page.get_by_role("button", name="不接").click()
        expect(page.get_by_text("没有正在跑的单")).to_be_visible()


def serve(page: Page, volunteer: Volunteer, minutes: str, reason: str) -> None:
    begin(page, volunteer)
    page.goto("/my-orders/")
    page.get_by_role("button", name="出发").click()
    expect(page.get_by_role("status")).to_contain_text("已记下")
    page.get_by_role("button", name="到达").click()
    page.get_by_role("link", name="完成").click()
    if reason:
        page.get_by_label("服务时长").fill(minutes)
        page.get_by_label("原因").fill(reason)
    shot(page, "my-finish")
    page.get_by_role("button", name="完成").click()
    page.wait_for_url(lambda url: "/finish/" not in url)
    expect(page.get_by_text(f"{minutes} 分钟")).to_be_visible()
    expect(page.get_by_text("李淑珍")).to_have_count(0)
    shot(page, "my-past")


def judge(page: Page, house: ServiceHouse, order: ServiceOrder) -> None:
    """The slip is printed; what its QR holds opens without an account."""
    page.wait_for_load_state("networkidle")
    log_in(page, house.user("cadre").username)
    page.get_by_role("link", name="电话代评：理发").click()
    shot(page, "service-done")
    page.get_by_role("button", name="打印评单条").click()
    expect(page.get_by_text("扫码评单")).to_be_visible()
    shot(page, "service-slip")
    token = slip_issue(order=order, by=house.user("cadre"))
    leave(page)
    page.goto(f"/public/judge/{token}/")
    page.locator("label", has_text="满意").first.click()
    page.get_by_label("想说的话").fill("两个人都很仔细")
    shot(page, "public-judge")
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_role("status")).to_contain_text("已收到您的评价")


def look_around(page: Page, house: ServiceHouse, order: ServiceOrder) -> None:
    log_in(page, house.user("cadre").username)
    for name, address in (
        ("service-judged", f"/service-orders/{order.pk}/"), ("service-list", "/service-orders/?tab=all"),
        ("service-board", "/service-board/"), ("service-month", "/service-month/"),
        ("service-claim", f"/claims/{Claim.objects.all()[0].pk}/"),
    ):  # fmt: skip
        page.goto(address)
        shot(page, name)
    page.goto("/service-board/")
    heads = [head.bounding_box() for head in page.locator(".service-board h2 a").all()]
    assert heads and all(head is not None and head["height"] >= 44 for head in heads)
    page.goto(f"/claims/{Claim.objects.all()[0].pk}/")
    expect(page.get_by_text("志愿服务评单").first).to_be_visible()
    leave(page)
    page.goto(f"/public/villages/{house.village.pk}/ask/")
    shot(page, "public-ask")


def publish(house: ServiceHouse) -> Closing:
    """The panel sits on the first day of the next month, whose notice shows the month of the service."""
    claims = list(Claim.objects.filter(state=Claim.State.VERIFIED))
    members = [make_member(house.village, name, by=house.user("staff")) for name in NAMES[:3]]
    votes = {member.pk: ("yes", "") for member in members}
    verdicts = [Verdict(claim, True, votes) for claim in claims]
    month = Period.of(Kind.MONTH, claims[0].occurred_on)
    sitting_record(
        village=house.village, held_on=month.end, members=members, verdicts=verdicts, by=house.user("secretary")
    )  # fmt: skip
    closing = closing_compute(Closing.objects.create(village=house.village, kind=month.kind, start=month.start).pk)
    closing_publish(closing=closing)
    closing.refresh_from_db()
    return closing


def see_points(page: Page, house: ServiceHouse, closing: Closing) -> None:
    """The two households' points on the sheet that hangs in the village, their names masked; none of it on the web."""
    assert closing.notice is not None
    page.goto(f"/public/notices/{closing.notice.pk}/")
    expect(page.locator("main")).not_to_contain_text("参加志愿服务")
    log_in(page, house.user("cadre").username)
    page.goto(f"/notices/{closing.notice.pk}/print/")
    shot(page, "service-notice")
    for name in ("甲", "戊"):
        number = Claim.objects.get(account__household__head_name=name).account.household.number
        expect(page.get_by_role("row", name=number)).to_contain_text("参加志愿服务 +5")


def certify(page: Page, house: ServiceHouse, volunteer: Volunteer) -> None:
    log_in(page, house.user("cadre").username)
    page.goto(f"/volunteers/{volunteer.pk}/")
    page.get_by_role("link", name="出具证明").click()
    shot(page, "certificate-form")
    page.get_by_role("button", name="出具").click()
    expect(page.get_by_role("heading", name="志愿服务记录证明")).to_be_visible()
    expect(page.get_by_text("累计1小时30分")).to_be_visible()
    shot(page, "certificate-print")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_an_old_woman_is_served_by_two_and_judges(browser: Browser, live_server: LiveServer, width: str) -> None:
    house = ServiceHouse()
    second = house.volunteer("戊", user=True, resident=True)
    with walking(browser, live_server.url, width, forgives=REFUSED) as page:
        order = ask(page, house)
        send_out(page, [house.one, second, house.three])
        answer(page, house.three, takes=False)
        answer(page, house.one, takes=True)
        answer(page, second, takes=True)
        serve(page, house.one, "60", "")
        serve(page, second, "90", "还打扫了屋子")
        judge(page, house, order)
        look_around(page, house, order)
        following = Period.of(Kind.MONTH, Claim.objects.all()[0].occurred_on).end
        with time_machine.travel(datetime.combine(following, time(10), SHANGHAI)):
            see_points(page, house, publish(house))
            certify(page, house, second)
    order.refresh_from_db()
    assert (order.state, order.rating, order.points) == ("judged", "satisfied", "released")
    assert sorted(Hours.objects.values_list("minutes", flat=True)) == [60, 90]
    homes = {claim.account.household.head_name for claim in Claim.objects.filter(state="approved")}
    assert homes == {"甲", "戊"}
