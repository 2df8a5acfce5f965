"""The shop's pages: what they show to whom, what a refused form keeps, and how often they ask the database."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from governance.frame.due import lines_of
from governance.periods import today
from moral_bank.market.due import KINDS
from moral_bank.market.services import redemption_cancel, redemption_hand, redemption_hold
from moral_bank.models import FundMove, Item, Lot, Move, Redemption, Shop, StockTake, Supplier
from tests.answers import streamed
from tests.builders import make_village, settlement_of
from tests.moral_bank.market.house import MarketHouse
from tests.pages import neighbour, queries, read
from villages.households.services import household_move

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> MarketHouse:
    cache.clear()
    return MarketHouse()


def held(house: MarketHouse, item: Item | None = None) -> Redemption:
    return redemption_hold(
        account=house.account, item=item or house.soap, quantity=1, by=house.clerk
    )


def post(client: Client, path: str, **data: object) -> str:
    """The text of a refused form; a form that goes through answers 302 and gives its address."""
    response = client.post(path, data)
    assert response.status_code in (200, 302, 422, 429), path
    return response["Location"] if response.status_code == 302 else response.content.decode()


def redeem_path(house: MarketHouse) -> str:
    return f"/households/{house.account.household_id}/redeem/"


def test_it_offers_what_the_balance_reaches(client: Client, house: MarketHouse) -> None:
    house.receive(house.item("电饭锅", 500), 1, 100_00)
    text = read(client, house.clerk, redeem_path(house))
    within, beyond = text.split("现在换不了的")
    assert "香皂" in within and "食用油" in within and "10 块（50 分）" in within
    assert "电饭锅" in beyond and "积分不够" in beyond


def test_it_does_not_offer_what_is_past_its_day(client: Client, house: MarketHouse) -> None:
    milk = house.item("牛奶", 5, "箱")
    house.receive(milk, 3, 1_00, best_before=today() - timedelta(days=1))
    Lot.objects.filter(pk=house.early.pk).update(best_before=today() - timedelta(days=1))
    text = read(client, house.clerk, redeem_path(house))
    within, beyond = text.split("现在换不了的")
    assert "还有 60 块" in within and "牛奶" not in within
    assert "牛奶" in beyond and "已过保质期，请先报损" in beyond
    assert "60 块" in read(client, house.clerk, f"/market/{house.shop.pk}/")


def test_it_goes_to_the_slip_when_a_form_is_sent_twice(client: Client, house: MarketHouse) -> None:
    client.force_login(house.clerk)
    sent = {f"pick-{house.oil.pk}": 1, f"price-{house.oil.pk}": 50, "once": "1"}
    slip = f"/households/{house.account.household_id}/slip/"
    assert post(client, redeem_path(house), **sent) == post(client, redeem_path(house), **sent) == slip
    assert (Redemption.objects.count(), house.balance()) == (1, 50)
    client.force_login(house.second)
    assert "换不了" in post(client, redeem_path(house), **sent)


def test_it_takes_no_price_that_was_not_shown(client: Client, house: MarketHouse) -> None:
    client.force_login(house.clerk)
    assert f'name="price-{house.soap.pk}" value="5"' in client.get(redeem_path(house)).content.decode()
    Item.objects.filter(pk=house.soap.pk).update(points=8)
    sent = {f"pick-{house.soap.pk}": 1, f"price-{house.soap.pk}": 5}
    text = post(client, redeem_path(house), **sent)
    assert "价格刚改为 8 分" in text and f'name="price-{house.soap.pk}" value="8"' in text
    Item.objects.filter(pk=house.soap.pk).update(is_active=False)
    sent |= {f"pick-{house.oil.pk}": 1, f"price-{house.oil.pk}": 50}
    assert "选的物品里有 1 种现在换不了" in post(client, redeem_path(house), **sent)
    assert not Redemption.objects.exists()


def test_it_shows_the_slip_to_whoever_held_only(client: Client, house: MarketHouse) -> None:
    redemption = held(house)
    pages = [redeem_path(house), f"/redemptions/{redemption.pk}/"]
    slip = f"/households/{house.account.household_id}/slip/"
    assert redemption.code in read(client, house.clerk, slip)
    assert all(slip in read(client, house.clerk, page) for page in pages)
    text = read(client, house.second, slip)
    assert redemption.code not in text and "取消后重新登记" in text
    for page in pages:
        text = read(client, house.second, page)
        assert slip not in text and "取货单由登记人打印" in text


def test_it_reads_past_a_nul(client: Client, house: MarketHouse) -> None:
    shop = f"/market/{house.shop.pk}"
    assert client.get(f"{shop}/redeem/?q=%00王").status_code == 400
    assert "王小明" in read(client, house.clerk, f"{shop}/redeem/?q=王")
    head = {"on": str(today()), "number": "1", "held_by": house.clerk.pk, "handed_by": house.second.pk}
    row = {"home-1": "王小明\x00", "item-1": "香皂", "quantity-1": "1", "collector-1": "王小明", "note-1": "\x00灯下"}
    assert post(client, f"{shop}/paper/", **head, **row) == f"{shop}/"
    take: dict[str, str | int] = {"on": str(today()), "witness": house.second.name}
    for lot, expected in ((house.early, 39), (house.late, 60), (house.pot, 1)):
        take |= {f"expected-{lot.pk}": expected, f"counted-{lot.pk}": expected, f"reason-{lot.pk}": "\x00"}
    assert post(client, f"{shop}/takes/new/", **take).startswith("/market/takes/")


def test_it_shows_who_entered_a_paper_list(client: Client, house: MarketHouse) -> None:
    client.force_login(house.staff)
    head = {"on": str(today()), "number": "1", "held_by": house.clerk.pk, "handed_by": house.second.pk}
    row = {"home-1": "王小明", "item-1": "香皂", "quantity-1": "1", "collector-1": "王小明"}
    post(client, f"/market/{house.shop.pk}/paper/", **head, **row)
    text = read(client, house.second, f"/redemptions/{Redemption.objects.get().pk}/")
    assert f"<dt>补录</dt><dd>{house.staff.name}</dd>" in text


def test_it_leaves_the_goods_of_a_household_that_moved_to_both_villages(client: Client, house: MarketHouse) -> None:
    redemption = held(house)
    other = make_village(house.township, "东沟村委会", "511923102299")
    household_move(household=house.account.household, unit=settlement_of(other), by=house.staff, on=today())
    text = read(client, house.second, f"/redemptions/{redemption.pk}/")
    assert f"/redemptions/{redemption.pk}/hand/" in text and f"/redemptions/{redemption.pk}/cancel/" in text
    post(client, f"/redemptions/{redemption.pk}/hand/", code=redemption.code, collector="王小明")
    redemption.refresh_from_db()
    assert redemption.state == "done"


def test_it_redeems_several_and_shows_the_slips(client: Client, house: MarketHouse) -> None:
    client.force_login(house.clerk)
    picks = {f"pick-{house.soap.pk}": 2, f"pick-{house.oil.pk}": 1}
    slips = post(client, redeem_path(house), **picks)
    assert Redemption.objects.count() == 2
    text = client.get(slips).content.decode()
    assert all(one.code in text for one in Redemption.objects.all())
    assert "王小明" not in text and "王**" in text and text.count("<svg") == 2


def test_it_keeps_what_was_picked_where_it_is_refused(client: Client, house: MarketHouse) -> None:
    client.force_login(house.clerk)
    assert "还没有选物品" in post(client, redeem_path(house), once="1")
    picks = {f"pick-{house.soap.pk}": 10, f"pick-{house.oil.pk}": 1}
    house.hold(quantity=2)
    text = post(client, redeem_path(house), **picks)
    assert "余额不足：这一户有 90 分，兑换要 100 分。" in text
    assert '<option value="10" selected>' in text


def test_it_hands_over_by_code_to_one_of_the_household(client: Client, house: MarketHouse) -> None:
    redemption = held(house)
    client.force_login(house.second)
    assert "六位数字" in post(client, "/market/hand/", code="12")
    path = post(client, "/market/hand/", code=redemption.code)
    assert path == f"/redemptions/{redemption.pk}/hand/?code={redemption.code}"
    assert f'value="{redemption.code}"' in client.get(path).content.decode()
    assert "请从列表里选" in post(client, path, code=redemption.code, collector="张三")
    assert post(client, path, code=redemption.code, collector="王小明") == f"/market/{house.shop.pk}/"
    redemption.refresh_from_db()
    assert (redemption.state, redemption.handed_by) == ("done", house.second)
    client.force_login(house.clerk)
    own = held(house)
    assert "请另一位经办人交付" in read(client, house.clerk, f"/redemptions/{own.pk}/hand/")


def test_it_slows_who_guesses_the_code(client: Client, house: MarketHouse) -> None:
    redemption = held(house)
    client.force_login(house.second)
    wrong = "000000" if redemption.code != "000000" else "000001"
    for _ in range(5):
        assert "没有这个取货码" in post(client, "/market/hand/", code=wrong)
        assert "取货码不对" in post(client, f"/redemptions/{redemption.pk}/hand/", code=wrong, collector="王小明")
    for path in ("/market/hand/", f"/redemptions/{redemption.pk}/hand/"):
        answer = client.post(path, {"code": redemption.code, "collector": "王小明"})
        assert answer.status_code == 429 and "请过十分钟再试" in answer.content.decode()
    redemption.refresh_from_db()
    assert redemption.state == "held"


def test_it_does_not_show_the_code_where_it_is_handed_over(client: Client, house: MarketHouse) -> None:
    redemption = held(house)
    for path in ("/redemptions/", f"/redemptions/{redemption.pk}/", "/market/hand/", f"/market/{house.shop.pk}/"):
        assert redemption.code not in read(client, house.second, path), path


def test_it_cancels_and_refunds_with_a_reason(client: Client, house: MarketHouse) -> None:
    first, second = held(house), held(house)
    client.force_login(house.clerk)
    assert "请写明原因" in post(client, f"/redemptions/{first.pk}/cancel/", reason="")
    assert post(client, f"/redemptions/{first.pk}/cancel/", reason="不要了") == f"/redemptions/{first.pk}/"
    assert "不能取消" in post(client, f"/redemptions/{first.pk}/cancel/", reason="不要了")
    redemption_hand(redemption=second, code=second.code, collector="王小明", by=house.second)
    assert "请选货物是否收回" in post(client, f"/redemptions/{second.pk}/refund/", reason="坏了")
    post(client, f"/redemptions/{second.pk}/refund/", reason="坏了", goods_back="0")
    assert (house.balance(), house.stock(house.soap)) == (100, 99)
    assert "退货未收回：坏了" in read(client, house.clerk, f"/market/{house.shop.pk}/moves/?kind=scrapped")


def test_it_keeps_the_catalogue_lots_and_suppliers(client: Client, house: MarketHouse) -> None:
    client.force_login(house.clerk)
    shop = f"/market/{house.shop.pk}"
    assert "已有这个物品" in post(client, f"{shop}/items/", name="香皂", unit="块", points=5, is_active="on")
    post(client, f"{shop}/items/", name="毛巾", unit="条", points=10, is_active="on")
    towel = Item.objects.get(name="毛巾")
    post(client, f"/market/items/{towel.pk}/", name="毛巾", unit="条", points=12)
    towel.refresh_from_db()
    assert (towel.points, towel.is_active) == (12, False)
    post(client, f"{shop}/suppliers/", name="供销社", contact="周师傅", phone="15400000001", is_active="on")
    supplier = Supplier.objects.get()
    post(client, f"/market/suppliers/{supplier.pk}/", name="镇供销社", is_active="on")
    lot = {"item": house.oil.pk, "quantity": 3, "price": "45.50", "received_on": str(today())}
    text = post(client, f"{shop}/lots/new/", **lot, best_before="2020-01-01")
    assert "保质期早于进货日期" in text and 'value="45.50"' in text
    post(client, f"{shop}/lots/new/", **lot, supplier=supplier.pk)
    new = Lot.objects.get(supplier=supplier)
    assert (new.unit_cents, new.stock) == (45_50, 3)
    assert FundMove.objects.filter(kind="purchase", cents=-3 * 45_50).exists()
    post(client, f"/market/lots/{new.pk}/scrap/", quantity=1, reason="漏油")
    assert house.stock(new) == 2
    assert "镇供销社" in read(client, house.clerk, f"{shop}/lots/")


def test_it_leaves_the_money_and_the_rate_to_the_township(client: Client, house: MarketHouse) -> None:
    shop = f"/market/{house.shop.pk}"
    move = {"kind": "grant", "amount": "500", "on": str(today()), "memo": "二季度拨款"}
    client.force_login(house.clerk)
    client.post(f"{shop}/fund/", move)
    assert not FundMove.objects.filter(memo="二季度拨款").exists()
    settings = {"name": "八一村道德超市", "place": "村委会一楼", "hours": "周六", "hold_days": 5, "is_open": "on"}
    assert "您不能在这里改动每分折合的钱数" in post(client, f"{shop}/settings/", **settings, rate="2")
    post(client, f"{shop}/settings/", **settings, rate="1")
    client.force_login(house.staff)
    assert "金额应大于 0" in post(client, f"{shop}/fund/", **{**move, "amount": "-5"})
    post(client, f"{shop}/fund/", **move)
    assert FundMove.objects.get(memo="二季度拨款").cents == 500_00
    post(client, f"{shop}/settings/", **settings, rate="1.5")
    found = Shop.objects.get(pk=house.shop.pk)
    assert (found.cents_per_point, found.hold_days, found.place) == (150, 5, "村委会一楼")


def test_it_opens_a_shop_with_money_in_it(client: Client, house: MarketHouse) -> None:
    village = make_village(house.township, "马头村委会", "511923102202")
    client.force_login(house.staff)
    said = {"village": village.pk, "name": "马头村道德超市", "fund": "2000", "rate": "1", "hold_days": 7, "is_open": "on"}
    address = post(client, "/market/new/", **said)
    shop = Shop.objects.get(village=village)
    assert address == f"/market/{shop.pk}/" and shop.fund_moves.get().cents == 2000_00


def test_it_counts_the_shelf_row_by_row(client: Client, house: MarketHouse) -> None:
    client.force_login(house.clerk)
    path = f"/market/{house.shop.pk}/takes/new/"
    head = {"on": str(today()), "witness": house.second.name}
    shelf = {house.early: (40, 38), house.late: (60, 60), house.pot: (1, 1)}
    rows = {f"expected-{lot.pk}": expected for lot, (expected, _) in shelf.items()}
    rows |= {f"counted-{lot.pk}": counted for lot, (_, counted) in shelf.items()}
    text = post(client, path, **head, **{**rows, f"counted-{house.pot.pk}": ""})
    assert "请填实盘数量" in text and 'value="38"' in text
    assert "有差异，请写明原因" in post(client, path, **head, **rows)
    assert not StockTake.objects.exists()
    done = post(client, path, **head, **rows, **{f"reason-{house.early.pk}": "受潮两块"})
    take = StockTake.objects.get()
    assert done == f"/market/takes/{take.pk}/" and house.stock(house.soap) == 98
    text = read(client, house.clerk, done)
    assert "受潮两块" in text and "-2" in text and "共 3 批" in text
    assert "实盘数量" in read(client, house.clerk, f"/market/{house.shop.pk}/takes/print/")


def test_it_enters_the_paper_list_and_keeps_what_was_typed(client: Client, house: MarketHouse) -> None:
    client.force_login(house.clerk)
    path = f"/market/{house.shop.pk}/paper/"
    head = {"on": str(today()), "number": "1", "held_by": house.clerk.pk, "handed_by": house.second.pk}
    good = {"home-1": "王小明", "item-1": "香皂", "quantity-1": "1", "collector-1": "王小明"}
    bad = {"home-2": "没有人", "item-2": "香皂", "quantity-2": "1", "collector-2": "某某", "note-2": "灯下"}
    text = post(client, path, **head, **good, **bad)
    assert "有 1 行要改" in text and "本村没有“没有人”户" in text and 'value="灯下"' in text
    assert not Redemption.objects.exists()
    text = post(client, path, **head, **good, **bad, good_only="on")
    assert "已录入" in text and Redemption.objects.get().state == "done"
    assert post(client, path, **head, **good) == f"/market/{house.shop.pk}/"
    assert Redemption.objects.count() == 1
    assert "停网停电登记表" in read(client, house.clerk, f"{path}print/")


def test_it_exports_the_register_in_the_usual_columns(client: Client, house: MarketHouse) -> None:
    redemption = held(house)
    redemption_hand(redemption=redemption, code=redemption.code, collector="王小明", by=house.second)
    client.force_login(house.clerk)

    def rows(path: str) -> list[tuple[object, ...]]:
        response = client.get(path)
        assert response.status_code == 200
        book = load_workbook(BytesIO(streamed(response)))
        return [row for row in book.active.iter_rows(values_only=True) if any(row)]

    found = rows("/redemptions/export/")
    heading = next(row for row in found if row[0] == "序号")
    assert heading[:9] == ("序号", "户主", "日期", "物品", "数量", "扣减积分", "结余", "领取人签字", "经办人")
    line = found[found.index(heading) + 1]
    names = f"{house.clerk.name}、{house.second.name}"
    assert [str(cell) for cell in line[3:9]] == ["香皂", "1", "5", "95", "王小明", names]
    shop = f"/market/{house.shop.pk}"
    assert len(rows(f"{shop}/moves/export/")) > 4 and len(rows(f"{shop}/fund/export/")) > 3
    for name in ("redemptions", "moves", "fund"):
        assert "序号" in read(client, house.clerk, f"/ledgers/{name}/print/")


def test_it_lets_the_yards_see_their_village_s_shop_and_own_households_only(client: Client, house: MarketHouse) -> None:
    redemption = held(house)
    yard_head = house.cast["yard_head"]
    assert "八一村道德超市" in read(client, yard_head, f"/market/{house.shop.pk}/")
    assert "王小明" in read(client, yard_head, f"/redemptions/{redemption.pk}/")
    for stranger in neighbour().values():
        client.force_login(stranger)
        for path in (f"/market/{house.shop.pk}/", f"/redemptions/{redemption.pk}/", redeem_path(house)):
            assert client.get(path).status_code == 404


def test_it_reminds_of_what_waits_and_of_what_has_perished(house: MarketHouse) -> None:
    held(house)
    Lot.objects.filter(pk=house.late.pk).update(best_before=today() - timedelta(days=1))
    titles = [todo.title for todo in lines_of(KINDS, house.second, timezone.now())]
    assert titles == ["过期货物待报损", "道德超市待交付"]
    assert [todo.title for todo in lines_of(KINDS, house.clerk, timezone.now())] == ["过期货物待报损"]
    assert not lines_of(KINDS, house.cast["overseer"], timezone.now())


def test_it_asks_the_database_equally_often_for_many_rows(client: Client, house: MarketHouse) -> None:
    shop = f"/market/{house.shop.pk}"
    paths = ["/redemptions/", "/market/hand/", f"{shop}/redeem/", redeem_path(house)]
    paths += [f"{shop}/{name}" for name in ("", "items/", "lots/", "moves/", "takes/", "takes/new/", "fund/", "suppliers/")]
    paths += [f"/households/{house.account.household_id}/slip/"]
    redemption_cancel(redemption=held(house), reason="x", by=house.clerk)
    held(house)
    before = {path: queries(client, house.second, path) for path in paths}
    for number in range(4):
        item = house.item(f"毛巾{number}", 5)
        house.receive(item, 5, 2_00)
        held(house, item)
        house.home(f"李{number}", 5)
    assert {path: queries(client, house.second, path) for path in paths} == before
    assert Move.objects.count() > 10


def test_it_speaks_to_programs(client: Client, house: MarketHouse) -> None:
    client.force_login(house.clerk)
    [soap] = [row for row in client.get("/api/v1/items/").json()["results"] if row["name"] == "香皂"]
    assert (soap["points"], soap["stock"]) == (5, 100)
    sent = {"household": house.account.household_id, "item": soap["id"], "quantity": 2}
    made = client.post("/api/v1/redemptions/", sent, content_type="application/json")
    assert made.status_code == 201 and len(made.json()["code"]) == 6
    path = f"/api/v1/redemptions/{made.json()['id']}/"
    client.force_login(house.second)
    assert "code" not in client.get(path).json()
    refused = client.post(f"{path}hand/", {"code": "x", "collector": "王小明"}, content_type="application/json")
    assert refused.json() == {"detail": "取货码不对，请核对取货单。", "code": "code"}
    said = {"code": made.json()["code"], "collector": "王小明"}
    assert client.post(f"{path}hand/", said, content_type="application/json").json()["state"] == "done"
    back = client.post(f"{path}refund/", {"reason": "坏了", "goods_back": True}, content_type="application/json")
    assert back.json()["state"] == "refunded" and house.balance() == 100
