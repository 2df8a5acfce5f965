"""The moral bank walked from end to end in a browser, with a real Celery worker, on a desktop and on a phone:

A cadre writes down what a household says it did, the yard head verifies, the panel judges (one member recused as kin), the
month's notice shows it, a neighbour objects in vain, the lock posts it, the quarter gives the star, the points buy soap
against a pick-up code handed over by a second person, and the passbook's QR opens on a phone without log-in.
"""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.accounts.models import User
from moral_bank.market.stock import Delivery, ShopDetails, item_save, lot_receive, shop_open
from moral_bank.models import Account, Claim, Entry, PanelMember, Passbook, Rating, Redemption, Vote
from moral_bank.passbooks.services import passbook_token
from tests.browser import leave, shot, walking
from tests.builders import (
    FOUNDED,
    make_account,
    make_cast,
    make_entry,
    make_household,
    make_resident,
    make_rule_set,
    make_township,
    make_village,
    settlement_of,
)
from tests.moral_bank.closings.test_walk import PEOPLE, compute, lock, morning, on, publish, settle, told
from tests.worker import worker
from villages.models import Unit

pytestmark = pytest.mark.django_db(transaction=True)

HERO = PEOPLE[0]


@pytest.fixture
def village() -> Unit:
    """A dozen households with two settled months, a panel of four (one is kin of the first household), a shop with soap."""
    with time_machine.travel(morning("2026-03-02")):
        return _village()


def _village() -> Unit:
    township = make_township()
    village = make_village(township)
    cast = make_cast(township, village)
    rules = make_rule_set(township, five_star=66, four_star=64, three_star=62, two_star=60)
    deeds = {deed.code: deed for deed in rules.deeds.all()}
    homes = [make_household(village, name, unit=settlement_of(village)) for name in PEOPLE]
    for home in homes:
        make_resident(home, home.head_name, phone="15400000001")
    kin = make_resident(homes[0], "王建国")
    members = [kin, *(home.residents.get() for home in homes[1:4])]
    for member in members:
        PanelMember.objects.create(
            village=village, resident=member, appointed_on=FOUNDED, appointed_by=cast["staff"]
        )
    for account in [make_account(home) for home in homes][:6]:
        for month in (1, 2):
            make_entry(account, deeds["S1"], date(2026, month, 10), cast["staff"])
    for text in ("2026-01", "2026-02"):
        settle(village, text)
    _stock(village, cast)
    return village


def _stock(village: Unit, cast: dict[str, User]) -> None:
    opened = morning("2026-03-02")
    shop = shop_open(
        village=village, details=ShopDetails("八一村道德超市"), fund_cents=500_000, by=cast["staff"], at=opened
    )
    soap = item_save(shop=shop, name="香皂", unit="块", points=5, by=cast["secretary"])
    delivery = Delivery(item=soap, quantity=20, unit_cents=300, received_on=opened.date())
    lot_receive(delivery=delivery, by=cast["secretary"], at=opened)


def declare(page: Page, account: Account) -> None:
    on(page, "cadre")
    page.goto(f"/households/{account.household_id}/log/")
    page.get_by_role("link", name="替户或邻居申报").click()
    page.get_by_label("申报的人").fill(HERO)
    page.get_by_label("对方如何同意代录").select_option(label="当面口头同意")
    page.locator("label", has_text="参加志愿服务").click()
    shot(page, "bank-declare")
    page.get_by_role("button", name="保存").click()
    told(page, "已记下")


def verify(page: Page) -> None:
    on(page, "yard_head")
    page.goto("/claims/")
    shot(page, "bank-verify")
    page.get_by_role("button", name="核实").click()
    told(page, "已核实")


def judge(page: Page, village: Unit) -> None:
    """The panel's page has 王建国 recused already, who belongs to the household."""
    on(page, "secretary")
    page.goto(f"/panels/{village.pk}/")
    page.get_by_role("link", name="登记评议会").click()
    expect(page.locator("main")).to_contain_text("王建国：与申报户同户")
    page.locator("label", has_text=re.compile("^全体同意$")).first.click()
    shot(page, "bank-sitting")
    page.get_by_role("button", name="记下评议结果").click()
    told(page, "评议")
    shot(page, "bank-judged")


def object_and_dismiss(page: Page, closing_page: str) -> None:
    """A neighbour has read the sheet in the village and objects; the township looks into it and answers."""
    leave(page)
    page.goto("/public/")
    page.get_by_role("link", name="八一村").click()
    page.get_by_role("link", name="八一村2026年3月").click()
    expect(page.locator("main")).to_contain_text("完整名单张贴在村公开栏")
    expect(page.locator("main")).not_to_contain_text("王*")
    page.get_by_label("名单序号").fill("1")
    page.get_by_label("您的姓名").fill("李秀英")
    page.get_by_label("联系电话").fill("15400000002")
    page.get_by_label("异议内容").fill("那天没有看见他们来。")
    shot(page, "bank-notice")
    page.get_by_role("button", name="提交异议").click()
    told(page, "受理编号")
    on(page, "staff")
    page.goto(closing_page)
    page.locator("label", has_text="不采纳").click()
    page.get_by_label("答复").fill("查了签到表，当天在场。")
    page.get_by_role("button", name="答复").click()
    told(page, "已答复")


def redeem(page: Page, account: Account) -> Redemption:
    """The cadre sets soap aside, the secretary hands it over against the code."""
    on(page, "cadre")
    page.goto(f"/households/{account.household_id}/redeem/")
    page.get_by_label("香皂").select_option("2")
    shot(page, "bank-redeem")
    page.get_by_role("button", name="登记兑换").click()
    expect(page.locator("body")).to_contain_text("取货单")
    shot(page, "bank-slip")
    held = Redemption.objects.get()
    assert held.state == Redemption.State.HELD
    expect(page.locator("body")).to_contain_text(held.code)
    on(page, "secretary")
    page.goto("/market/hand/")
    page.get_by_label("取货码").fill(held.code)
    page.get_by_role("button", name="下一步").click()
    page.locator("label", has_text=HERO).click()
    shot(page, "bank-hand")
    page.get_by_role("button", name="货已交给领取人").click()
    told(page, "已交付")
    held.refresh_from_db()
    return held


def open_passbook(page: Page, account: Account) -> str:
    """Issue and print the passbook; the address behind its QR."""
    page.goto(f"/households/{account.household_id}/passbook/")
    shot(page, "bank-passbook")
    page.get_by_role("button", name="发放存折").click()
    page.wait_for_url("**/passbooks/*/print/")
    expect(page.locator("svg").first).to_be_visible()
    shot(page, "bank-passbook-print")
    return f"/public/passbook/{passbook_token(Passbook.objects.get())}/"


def scan(browser: Browser, address: str, path: str) -> None:
    """A resident's own phone, which has never seen this portal."""
    with walking(browser, address, "phone") as phone:
        phone.goto(path)
        expect(phone.locator("main")).to_contain_text("现在结余")
        shot(phone, "bank-scanned")
        phone.goto(f"{path}?month=2026-04")
        expect(phone.locator("main")).to_contain_text("参加志愿服务")
        assert HERO not in phone.content()
        assert urlsplit(phone.url).path == path


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_goes_from_a_claim_to_soap(browser: Browser, live_server: LiveServer, village: Unit, width: str) -> None:
    account = Account.objects.get(household__head_name=HERO)
    before = account.balance
    with (
        worker(),
        time_machine.travel(morning("2026-03-28")) as clock,
        walking(browser, live_server.url, width) as page,
    ):
        declare(page, account)
        verify(page)
        judge(page, village)
        recused = Vote.objects.get(choice=Vote.Choice.RECUSED)
        assert recused.member.resident.name == "王建国"
        assert not Entry.objects.filter(claim__isnull=False).exists()
        clock.move_to(morning("2026-04-01"))
        on(page, "staff")
        compute(page, "2026年3月")
        closing_page = page.url
        publish(page)
        object_and_dismiss(page, closing_page)
        clock.move_to(morning("2026-04-06"))
        on(page, "staff")
        page.goto(closing_page)
        lock(page)
        claim = Claim.objects.get()
        assert (claim.state, claim.entry and claim.entry.points) == (Claim.State.POSTED, 5)
        compute(page, "2026年第1季度")
        publish(page)
        clock.move_to(morning("2026-04-12"))
        on(page, "staff")
        page.goto("/closings/?period=2026-Q1")
        page.get_by_role("link", name="八一村").first.click()
        lock(page)
        assert Rating.objects.get(account=account, closing__kind="quarter").stars == 4
        held = redeem(page, account)
        assert (held.state, held.points) == (Redemption.State.DONE, 10)
        account.refresh_from_db()
        assert account.balance == before + 5 - 10
        book = open_passbook(page, account)
        scan(browser, live_server.url, book)
