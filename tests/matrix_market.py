"""The part of the matrix that belongs to the 道德超市: its URLs, and one object of each kind in the house's village."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.utils import timezone

from governance.accounts.duties import Action
from governance.periods import today
from moral_bank.models import Account, Entry, FundMove, Item, Lot, Move, Redemption, Shop, StockTake, Supplier
from tests.matrix import Page

_SHOP = "shop"
MARKET: dict[str, Page] = {
    "desk:market-list": Page(Action.MARKET_VIEW, answers=(200, 302)),
    "desk:market-create": Page(Action.FUND_EDIT),
    "desk:market-hand": Page(Action.MARKET_HAND),
    "desk:market-detail": Page(Action.MARKET_VIEW, _SHOP),
    "desk:market-edit": Page(Action.MARKET_STOCK, _SHOP),
    "desk:market-redeem": Page(Action.MARKET_REDEEM, _SHOP),
    "desk:market-fund": Page(Action.MARKET_VIEW, _SHOP),
    "desk:market-fund-export": Page(Action.EXPORT, _SHOP),
    "desk:market-items": Page(Action.MARKET_VIEW, _SHOP),
    "desk:market-lots": Page(Action.MARKET_VIEW, _SHOP),
    "desk:market-receive": Page(Action.MARKET_STOCK, _SHOP),
    "desk:market-suppliers": Page(Action.MARKET_VIEW, _SHOP),
    "desk:market-moves": Page(Action.MARKET_VIEW, _SHOP),
    "desk:market-moves-export": Page(Action.EXPORT, _SHOP),
    "desk:market-takes": Page(Action.MARKET_VIEW, _SHOP),
    "desk:market-take-create": Page(Action.MARKET_STOCK, _SHOP),
    "desk:market-take-sheet": Page(Action.MARKET_STOCK, _SHOP),
    "desk:market-paper": Page(Action.MARKET_STOCK, _SHOP),
    "desk:market-paper-sheet": Page(Action.MARKET_STOCK, _SHOP),
    "desk:market-item": Page(Action.MARKET_STOCK, "goods"),
    "desk:market-scrap": Page(Action.MARKET_STOCK, "lot"),
    "desk:market-supplier": Page(Action.MARKET_STOCK, "supplier"),
    "desk:market-take": Page(Action.MARKET_VIEW, "stock_take"),
    "desk:household-redeem": Page(Action.MARKET_REDEEM, "household"),
    "desk:household-slip": Page(Action.MARKET_REDEEM, "household"),
    "desk:redemption-list": Page(Action.MARKET_VIEW),
    "desk:redemption-export": Page(Action.EXPORT),
    "desk:redemption-detail": Page(Action.MARKET_VIEW, "redemption"),
    "desk:redemption-hand": Page(Action.MARKET_HAND, "redemption"),
    "desk:redemption-cancel": Page(Action.MARKET_REDEEM, "redemption"),
    "desk:redemption-refund": Page(Action.MARKET_HAND, "redemption"),
}


def add_market(house: Any) -> None:
    """One object of each kind; called in the order claims, panel, rules, market, awards, passbooks, proof."""
    staff, now = house.cast["staff"], timezone.now()
    terms = {"by": staff, "at": now}
    house.shop = Shop.objects.create(village=house.village, name="道德超市")
    house.fund_move = FundMove.objects.create(
        shop=house.shop, kind="grant", cents=10_000_00, on=today(), memo="x", source_key="matrix", **terms
    )
    house.supplier = Supplier.objects.create(village=house.village, name="供销社")
    house.goods = Item.objects.create(shop=house.shop, name="香皂", points=1)
    house.lot = Lot.objects.create(item=house.goods, received_on=today(), unit_cents=1, received_by=staff, source_key="matrix")
    into = {"lot": house.lot, "item": house.goods, **terms}
    house.stock_move = Move.objects.create(**into, kind="received", quantity=9, source_key="matrix")
    house.stock_take = StockTake.objects.create(shop=house.shop, on=today(), witness="x", client_key=uuid4(), **terms)
    account = Account.objects.get(household=house.household)
    spent = Entry(
        account=account, township=house.township, village=house.village, memo="x", score=0, points=-1, occurred_on=today(),
        month=today().replace(day=1), source_key="matrix:spent", posted_by=staff, posted_at=now,
    )  # fmt: skip
    spent.save()
    house.redemption = Redemption.objects.create(
        shop=house.shop, account=account, item=house.goods, points=1, code="123456", client_key=uuid4(), on=today(),
        held_by=staff, held_at=now, expires_at=now, entry=spent,
    )  # fmt: skip
    Move.objects.create(**into, kind="held", quantity=-1, redemption=house.redemption, source_key="matrix:held")
