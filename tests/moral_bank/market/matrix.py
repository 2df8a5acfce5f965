"""The part of the matrix that belongs to the 道德超市: its URLs, and one object of each kind in the house's village."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action
from governance.periods import today
from moral_bank.models import Account, Entry, FundMove, Item, Lot, Move, Redemption, Shop, StockTake, Supplier
from tests.matrix import Page

_SHOP = "shop"
PAGES: dict[str, Page] = {
    "moral_bank:market-list": Page(Action.MARKET_VIEW, answers=(200, 302)),
    "moral_bank:market-create": Page(Action.FUND_EDIT),
    "moral_bank:market-hand": Page(Action.MARKET_HAND),
    "moral_bank:market-detail": Page(Action.MARKET_VIEW, _SHOP),
    "moral_bank:market-edit": Page(Action.MARKET_STOCK, _SHOP),
    "moral_bank:market-redeem": Page(Action.MARKET_REDEEM, _SHOP),
    "moral_bank:market-fund": Page(Action.MARKET_VIEW, _SHOP),
    "moral_bank:market-fund-export": Page(Action.EXPORT, _SHOP),
    "moral_bank:market-items": Page(Action.MARKET_VIEW, _SHOP),
    "moral_bank:market-lots": Page(Action.MARKET_VIEW, _SHOP),
    "moral_bank:market-receive": Page(Action.MARKET_STOCK, _SHOP),
    "moral_bank:market-suppliers": Page(Action.MARKET_VIEW, _SHOP),
    "moral_bank:market-moves": Page(Action.MARKET_VIEW, _SHOP),
    "moral_bank:market-moves-export": Page(Action.EXPORT, _SHOP),
    "moral_bank:market-takes": Page(Action.MARKET_VIEW, _SHOP),
    "moral_bank:market-take-create": Page(Action.MARKET_STOCK, _SHOP),
    "moral_bank:market-take-sheet": Page(Action.MARKET_STOCK, _SHOP),
    "moral_bank:market-paper": Page(Action.MARKET_STOCK, _SHOP),
    "moral_bank:market-paper-sheet": Page(Action.MARKET_STOCK, _SHOP),
    "moral_bank:market-item": Page(Action.MARKET_STOCK, "goods"),
    "moral_bank:market-scrap": Page(Action.MARKET_STOCK, "lot"),
    "moral_bank:market-supplier": Page(Action.MARKET_STOCK, "supplier"),
    "moral_bank:market-take": Page(Action.MARKET_VIEW, "stock_take"),
    "moral_bank:household-redeem": Page(Action.MARKET_REDEEM, "household"),
    "moral_bank:household-slip": Page(Action.MARKET_REDEEM, "household"),
    "moral_bank:redemption-list": Page(Action.MARKET_VIEW),
    "moral_bank:redemption-export": Page(Action.EXPORT),
    "moral_bank:redemption-detail": Page(Action.MARKET_VIEW, "redemption"),
    "moral_bank:redemption-hand": Page(Action.MARKET_HAND, "redemption"),
    "moral_bank:redemption-cancel": Page(Action.MARKET_REDEEM, "redemption"),
    "moral_bank:redemption-refund": Page(Action.MARKET_HAND, "redemption"),
}


def build(house: Any) -> None:
    """One object of each kind; called in the order claims, panel, rules, market, awards, passbooks, proof."""
    staff, now = house.cast["staff"], timezone.now()
    terms = {"by": staff, "at": now}
    house.shop = Shop.objects.create(village=house.village, name="道德超市")
    house.fund_move = FundMove.objects.create(
        shop=house.shop, kind="grant", cents=10_000_00, on=today(), memo="x", source_key=f"matrix:{house.village.code}", **terms
    )
    house.supplier = Supplier.objects.create(village=house.village, name="供销社")
    house.goods = Item.objects.create(shop=house.shop, name="香皂", points=1)
    house.lot = Lot.objects.create(item=house.goods, received_on=today(), unit_cents=1, received_by=staff)
    into = {"lot": house.lot, "item": house.goods, **terms}
    house.stock_move = Move.objects.create(**into, kind="received", quantity=9, source_key=f"matrix:{house.village.code}")
    house.stock_take = StockTake.objects.create(shop=house.shop, on=today(), witness="x", witness_account=house.cast["cadre"], **terms)
    account = Account.objects.get(household=house.household)
    spent = Entry(
        account=account, township=house.township, village=house.village, memo="x", score=0, points=-1, occurred_on=today(),
        month=today().replace(day=1), source_key=f"matrix:spent:{house.village.code}", posted_by=staff, posted_at=now,
    )  # fmt: skip
    spent.save()
    house.redemption = Redemption.objects.create(
        shop=house.shop, account=account, item=house.goods, points=1, code="123456", on=today(),
        held_by=staff, held_at=now, expires_at=now, entry=spent,
    )  # fmt: skip
    Move.objects.create(**into, kind="held", quantity=-1, redemption=house.redemption, source_key=f"matrix:held:{house.village.code}")
