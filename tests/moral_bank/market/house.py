"""A village with a shop, three goods, two clerks and two households with points (for all tests of the 道德超市)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from governance.accounts.models import User
from moral_bank.market.services import redemption_hold
from moral_bank.market.stock import Delivery, ShopDetails, item_save, lot_receive, shop_open
from moral_bank.models import Account, Item, Lot, Redemption
from tests.builders import (
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

NOW = datetime(2026, 4, 2, 4, tzinfo=UTC)
TODAY = date(2026, 4, 2)
MARCH = date(2026, 3, 2)


class MarketHouse:
    """八一村 with 100 pieces of soap at 5 points in two lots (40 perishing first), 1 pot of oil at 50; 王小明 has 100 points."""

    def __init__(self, fund: int = 10_000_00) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast = make_cast(self.township, self.village)
        self.staff: User = self.cast["staff"]
        self.clerk: User = self.cast["cadre"]
        self.second: User = self.cast["secretary"]
        self.rules = make_rule_set(self.township)
        self.shop = shop_open(
            village=self.village, details=ShopDetails("八一村道德超市"), fund_cents=fund, by=self.staff, at=NOW
        )
        self.soap = self.item("香皂", 5, "块")
        self.oil = self.item("食用油", 50, "桶")
        self.late = self.receive(self.soap, 60, 3_00, best_before=date(2028, 1, 1))
        self.early = self.receive(self.soap, 40, 3_00, best_before=date(2027, 1, 1))
        self.pot = self.receive(self.oil, 1, 45_00)
        self.account = self.home("王小明", 100)

    def item(self, name: str, points: int, unit: str = "件") -> Item:
        return item_save(shop=self.shop, name=name, unit=unit, points=points, by=self.clerk)

    def receive(self, item: Item, quantity: int, cents: int, **terms: object) -> Lot:
        delivery = Delivery(item=item, quantity=quantity, unit_cents=cents, received_on=MARCH, **terms)  # type: ignore[arg-type]
        return lot_receive(delivery=delivery, by=self.clerk, at=NOW)

    def home(self, name: str, points: int) -> Account:
        """A household with one resident and so many points, five at a time."""
        household = make_household(self.village, name, unit=settlement_of(self.village))
        make_resident(household, name)
        account = make_account(household)
        self.earn(account, points)
        return account

    def earn(self, account: Account, points: int) -> None:
        deed = self.rules.deeds.get(code="S1")
        for _ in range(points // 5):
            make_entry(account, deed, MARCH, self.staff)

    def hold(
        self, item: Item | None = None, quantity: int = 1, account: Account | None = None
    ) -> Redemption:
        return redemption_hold(
            account=account or self.account,
            item=item or self.soap,
            quantity=quantity,
            by=self.clerk,
            at=NOW,
        )

    def balance(self, account: Account | None = None) -> int:
        return Account.objects.get(pk=(account or self.account).pk).balance

    def stock(self, row: Item | Lot) -> int:
        return type(row)._default_manager.get(pk=row.pk).stock
