"""The 道德超市 in the browser: stocked, redeemed with a slip, handed over by another, counted, a paper list entered."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.periods import today
from moral_bank.models import Redemption
from tests.browser import REFUSED, log_in, shot, walking
from tests.moral_bank.market.house import MarketHouse

pytestmark = pytest.mark.django_db(transaction=True)


def stock(page: Page) -> None:
    page.goto("/more/")
    page.get_by_role("link", name="道德超市").click()
    expect(page.get_by_role("heading", name="八一村道德超市")).to_be_visible()
    shot(page, "shop")
    page.get_by_role("link", name="目录").first.click()
    page.get_by_label("物品").fill("洗洁精")
    page.get_by_label("兑换积分").fill("5")
    shot(page, "items")
    page.get_by_role("button", name="加入目录").click()
    expect(page.get_by_role("status")).to_contain_text("已加入目录")
    page.locator("tr", has_text="洗洁精").get_by_role("link", name="进货").click()
    page.get_by_label("数量").fill("20")
    page.get_by_label("单价").fill("4.5")
    shot(page, "receive")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("货款已从资金里支出")
    shot(page, "lots")


def redeem(page: Page, house: MarketHouse) -> Redemption:
    page.goto(f"/households/{house.account.household_id}/")
    page.get_by_role("link", name="兑换", exact=True).click()
    page.get_by_label("洗洁精").select_option("2")
    page.get_by_label("食用油").select_option("1")
    shot(page, "redeem")
    page.get_by_role("button", name="登记兑换，打印取货单").click()
    expect(page.get_by_role("heading", name="取货单").first).to_be_visible()
    shot(page, "slip")
    redemption = Redemption.objects.get(item__name="洗洁精")
    expect(page.get_by_text(redemption.code)).to_be_visible()
    page.goto(f"/market/{house.shop.pk}/redeem/?q=王")
    shot(page, "find")
    return redemption


def hand(page: Page, redemption: Redemption) -> None:
    page.goto("/")
    expect(page.get_by_text("道德超市待交付")).to_be_visible()
    page.goto("/market/hand/")
    page.get_by_label("取货码").fill("12")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("取货码是六位数字").first).to_be_visible()
    page.get_by_label("取货码").fill(redemption.code)
    shot(page, "hand-code")
    page.get_by_role("button", name="下一步").click()
    page.locator("label", has_text="王小明").click()
    shot(page, "hand")
    page.get_by_role("button", name="货已交给领取人").click()
    expect(page.get_by_role("status")).to_contain_text("已交付")
    shot(page, "shop-after")
    page.goto(f"/redemptions/{redemption.pk}/")
    shot(page, "redemption")
    page.get_by_role("link", name="退货").click()
    page.locator("label", has_text="已收回").click()
    page.get_by_label("原因").fill("漏液")
    shot(page, "refund")
    page.get_by_role("button", name="退货").click()
    expect(page.get_by_role("status")).to_contain_text("已退货")
    page.goto("/redemptions/")
    shot(page, "redemptions")


def count(page: Page, house: MarketHouse) -> None:
    page.goto(f"/market/{house.shop.pk}/takes/new/")
    page.get_by_label("监盘人").fill("王小明")
    for field in page.get_by_placeholder("实盘数量").all():
        name = field.get_attribute("name") or ""
        expected = page.locator(f"[name={name.replace('counted', 'expected')}]").get_attribute("value") or ""
        field.fill(expected)
    page.get_by_label("食用油实盘数量").fill("2")
    page.get_by_role("button", name="保存盘点").click()
    expect(page.get_by_text("有差异，请写明原因").first).to_be_visible()
    shot(page, "take-error")
    page.get_by_label("食用油差异原因").fill("上次少记")
    page.get_by_role("button", name="保存盘点").click()
    expect(page.get_by_role("status")).to_contain_text("盘点已保存")
    shot(page, "take")
    page.goto(f"/market/{house.shop.pk}/moves/")
    shot(page, "moves")
    page.goto(f"/market/{house.shop.pk}/takes/print/")
    shot(page, "take-sheet")


def paper(page: Page, house: MarketHouse) -> None:
    page.goto(f"/market/{house.shop.pk}/paper/print/")
    shot(page, "paper-sheet")
    page.goto(f"/market/{house.shop.pk}/paper/")
    page.get_by_label("登记表日期").fill(str(today()))
    page.get_by_label("登记表编号").fill("3-1")
    page.get_by_label("登记人").select_option(label=house.clerk.name)
    page.get_by_label("交付人").select_option(label=house.second.name)
    for line, home in ((1, "王小明"), (2, "没有人")):
        for heading, said in (("户号或户主", home), ("物品", "香皂"), ("数量", "1"), ("领取人", "王小明")):
            page.get_by_label(f"第 {line} 行{heading}", exact=True).fill(said)
    page.get_by_role("button", name="核对并录入").click()
    expect(page.get_by_text("本村没有“没有人”户").first).to_be_visible()
    shot(page, "paper-error")
    page.get_by_label("只录入没有问题的行").check()
    page.get_by_role("button", name="核对并录入").click()
    expect(page.get_by_text("已录入", exact=True)).to_be_visible()
    shot(page, "paper")


def fund(page: Page, house: MarketHouse) -> None:
    page.goto(f"/market/{house.shop.pk}/fund/")
    page.get_by_label("金额").fill("300")
    page.get_by_label("说明").fill("驻村单位捐赠")
    page.get_by_label("类别").select_option("donation")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("已登记捐赠 300.00 元")
    shot(page, "fund")
    page.goto(f"/market/{house.shop.pk}/settings/")
    shot(page, "settings")
    page.goto("/market/")
    shot(page, "shops")
    page.goto(f"/market/{house.shop.pk}/suppliers/")
    shot(page, "suppliers")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_walks_from_the_delivery_to_the_count(browser: Browser, live_server: LiveServer, width: str) -> None:
    cache.clear()
    house = MarketHouse()
    with walking(browser, live_server.url, width, forgives=REFUSED) as page:
        log_in(page, house.clerk.username)
        stock(page)
        redemption = redeem(page, house)
        log_in(page, house.second.username)
        hand(page, redemption)
        count(page, house)
        paper(page, house)
        log_in(page, house.staff.username)
        fund(page, house)
