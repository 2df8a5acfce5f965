"""道德超市: shops, fund, goods, redemptions, loaded through the services."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from django.db.models import Sum

from governance.accounts.models import User
from governance.demo.households import Home
from governance.demo.posts import BAYI, MAAN, secretary_login
from governance.periods import today
from moral_bank.market.collectors import collectors
from moral_bank.market.paper import PaperList, PaperRow, paper_enter
from moral_bank.market.services import (
    redemption_cancel,
    redemption_hand,
    redemption_hold,
    redemption_refund,
    redemptions_expire,
)
from moral_bank.market.stock import (
    CountLine,
    Delivery,
    ShopDetails,
    item_save,
    lot_receive,
    on_shelf,
    shop_open,
    stock_take,
    supplier_save,
)
from moral_bank.models import Account, Item, Redemption, Shop
from villages.models import Unit

# name, unit, points, cost in cents, how many, good for how many days (domain.md §7; 1 point is 1 yuan)
GOODS = (
    ("洗洁精", "瓶", 5, 4_50, 30, 700),
    ("挂面", "把", 7, 6_00, 40, 240),
    ("牙刷", "支", 10, 8_00, 20, 0),
    ("毛巾", "条", 10, 8_50, 20, 0),
    ("洗衣液", "瓶", 20, 17_00, 15, 700),
    ("洗手液", "瓶", 25, 21_00, 10, 700),
    ("食用油", "桶", 50, 45_00, 8, 400),
)
COMFORTABLE, TIGHT = 1.7, 1.12
LEAST_CENTS, WHOLE_CENTS = 500_00, 3_000_00  # a fund; from which one on the whole list is bought
RECEIVED_DAYS_AGO = 40


def load_market(rng: Random, units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    """Shops in the first four villages, 马鞍村's money near its end; 八一村's counter has a redemption in every state."""
    found = list(dict.fromkeys(home.village.code for home in homes))
    for code in dict.fromkeys([BAYI, MAAN, *found[:4]]):
        if code in found:
            shop = _shop(units[code], TIGHT if code == MAAN else COMFORTABLE, users, now)
            _goods(shop, users[secretary_login(units[code])], now)
            if code == BAYI:
                _counter(rng, shop, users, now)
    redemptions_expire(at=now)


def _shop(village: Unit, factor: float, users: dict[str, User], now: datetime) -> Shop:
    """The township puts in `factor` of what the village's points are worth."""
    points = Account.objects.filter(household__village=village).aggregate(total=Sum("balance"))["total"] or 0
    details = ShopDetails(
        f"{village.short_name}道德超市", f"{village.short_name}便民服务室", "每周六 8:30–11:30", hold_days=1 if factor == TIGHT else 7
    )
    cents = max(int(points * factor) * 100, LEAST_CENTS)
    opened = now - timedelta(days=RECEIVED_DAYS_AGO + 5)
    return shop_open(village=village, details=details, fund_cents=cents, by=users["zhenban"], at=opened)


def _goods(shop: Shop, by: User, now: datetime) -> None:
    """About half of the fund turned into goods, and a gift where money is not short."""
    fund = shop.fund_moves.aggregate(total=Sum("cents"))["total"]
    share = min(1.0, fund / WHOLE_CENTS)
    day = today(now) - timedelta(days=RECEIVED_DAYS_AGO)
    supplier = supplier_save(village=shop.village, name="西兴镇供销社", contact="刘经理", phone="15400002001", by=by)
    for name, unit, points, cost, count, days in GOODS:
        item = item_save(shop=shop, name=name, unit=unit, points=points, by=by)
        until = day + timedelta(days=days) if days else None
        delivery = Delivery(item, max(2, int(count * share)), cost, day, supplier=supplier, best_before=until)
        lot_receive(delivery=delivery, by=by, at=now)
    if shop.village.code == MAAN:
        return
    gift = Delivery(Item.objects.get(shop=shop, name="毛巾"), 12, 8_00, day, donated=True)
    lot_receive(delivery=gift, by=by, at=now)


def _counter(rng: Random, shop: Shop, users: dict[str, User], now: datetime) -> None:
    """Done, waiting, cancelled, refunded, left until it returned by itself, and two lines of an offline day; a stock-take."""
    able = Account.objects.filter(household__village=shop.village, household__ended_on=None, balance__gte=60)
    accounts = list(able.select_related("household__village", "household__unit").order_by("household__number_key"))
    chosen = rng.sample(accounts, min(9, len(accounts)))
    if len(chosen) < 9:
        return
    first, second = users["bayi-ganbu"], users["bayi-shuji"]
    names = ("洗洁精", "食用油", "洗衣液", "毛巾", "挂面", "洗手液", "牙刷")
    held = [_hold(shop, account, name, first, now) for account, name in zip(chosen, names, strict=False)]
    for redemption in held[:4]:
        people = collectors(redemption.account)
        redemption_hand(redemption=redemption, code=redemption.code, collector=people[0], by=second, at=now)
    redemption_refund(redemption=held[3], reason="有破损，退回", goods_back=False, by=second, at=now)
    redemption_cancel(redemption=held[4], reason="户主改主意了", by=first, at=now)
    paper = PaperList(shop, today(now), "停电登记-1", first, second)
    rows = [
        PaperRow(line, account.household.number, "挂面", "2", collectors(account)[0], "停电")
        for line, account in enumerate(chosen[7:], 1)
    ]
    paper_enter(paper=paper, rows=rows, good_only=False, by=first, at=now)
    _lapsed(shop, accounts[0], first, now)
    _count(shop, second, first, now)


def _lapsed(shop: Shop, account: Account, by: User, now: datetime) -> None:
    """Held so that its time is over now."""
    Shop.objects.filter(pk=shop.pk).update(hold_days=1)
    _hold(shop, account, "洗洁精", by, now - timedelta(days=2))
    Shop.objects.filter(pk=shop.pk).update(hold_days=7)


def _count(shop: Shop, by: User, witness: User, now: datetime) -> None:
    """盘点: all as in the books but one packet of noodles."""
    lots = list(on_shelf(shop).order_by("item__name", "pk"))
    lines = [
        CountLine(lot, lot.expected, lot.expected - 1, "鼠咬一把，已扔")
        if lot.item.name == "挂面"
        else CountLine(lot, lot.expected, lot.expected)
        for lot in lots
    ]
    stock_take(shop=shop, lines=lines, witness=witness, on=today(now), by=by, at=now)


def _hold(shop: Shop, account: Account, name: str, by: User, at: datetime) -> Redemption:
    item = Item.objects.get(shop=shop, name=name)
    return redemption_hold(account=account, item=item, quantity=1, by=by, at=at)
