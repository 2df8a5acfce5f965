"""资金与库存覆盖: what a village's points are worth against the money and goods behind them (plan §三.4; mission M26).

Liability = Σ balances × rate; cover = fund + stock at its price, in 分 (cents). A grant is refused by the ledger's trigger
(migration 0007) if liability after it were greater than cover; the page warns from 80 % and says 停发 from 100 % on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, ExpressionWrapper, F, QuerySet, Sum
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast

from moral_bank.claims.points import ClaimPoints
from moral_bank.models import Account, Claim, CoverDay, FundMove, Lot, Shop
from villages.models import Unit

WARN_PERCENT, BLOCK_PERCENT = 80, 100
OK, WARN, BLOCK = "ok", "warn", "block"
VILLAGES = 25  # on one page: each sums the balances of its households
LEVELS = {OK: "正常", WARN: "预警", BLOCK: "停发"}


@dataclass(frozen=True)
class Cover:
    """One village with a shop: points as they stand, money in cents. `pending_points` are approved and not yet posted."""

    village_id: int
    balance: int
    cents_per_point: int
    fund_cents: int
    goods_cents: int
    pending_points: int

    @property
    def liability_cents(self) -> int:
        return self.balance * self.cents_per_point

    @property
    def cover_cents(self) -> int:
        return self.fund_cents + self.goods_cents

    @property
    def yuan(self) -> dict[str, Decimal]:
        """The money for people: `rate`, `liability`, `fund`, `goods`, `cover` in 元."""
        cents = {
            "rate": self.cents_per_point,
            "liability": self.liability_cents,
            "fund": self.fund_cents,
            "goods": self.goods_cents,
            "cover": self.cover_cents,
        }
        return {name: Decimal(amount) / 100 for name, amount in cents.items()}

    @property
    def ratio(self) -> float | None:
        """Liability ÷ cover; None where nothing stands behind the points."""
        return self.liability_cents / self.cover_cents if self.cover_cents > 0 else None

    @property
    def percent(self) -> int | None:
        """The ratio for people, rounded down, so that 100 is not said before it is reached."""
        return self.liability_cents * 100 // self.cover_cents if self.cover_cents > 0 else None

    @property
    def level(self) -> str:
        """`ok`, `warn` from 80 % on, `block` from 100 % on or where there is no cover."""
        return level_of(self.liability_cents, self.cover_cents)

    @property
    def label(self) -> str:
        return LEVELS[self.level]

    @property
    def left_points(self) -> int:
        """How many points can still be granted."""
        return max(0, (self.cover_cents - self.liability_cents) // self.cents_per_point)

    @property
    def pending_over(self) -> bool:
        """Whether what waits for its month's notice would be more than the cover allows."""
        return self.pending_points > self.left_points


def level_of(liability_cents: int, cover_cents: int) -> str:
    if liability_cents >= cover_cents:
        return BLOCK
    return WARN if liability_cents * 100 >= cover_cents * WARN_PERCENT else OK


def cover_of(village: Unit) -> Cover | None:
    """The village's cover; None where it has no shop, where nothing stops grants."""
    return covers_of([village]).get(village.pk)


def covers_of(villages: Iterable[Unit]) -> dict[int, Cover]:
    """Village id → cover, for the villages that have a shop; five queries, however many there are."""
    townships = {village.pk: village.parent_id for village in villages}
    shops = list(Shop.objects.filter(village__in=townships).order_by().values_list("pk", "village", "cents_per_point"))
    if not shops:
        return {}
    ids, places = [shop for shop, _, _ in shops], [village for _, village, _ in shops]
    accounts = Account.objects.filter(township__in={townships[place] for place in places}, household__village__in=places)
    balances = _sums(accounts, "household__village", F("balance"))
    funds = _sums(FundMove.objects.filter(shop__in=ids), "shop", F("cents"))
    goods = _sums(Lot.objects.filter(item__shop__in=ids), "item__shop", _worth())
    waiting = Claim.objects.filter(state=Claim.State.APPROVED, account__household__village__in=places)
    pending = _sums(waiting, "account__household__village", ClaimPoints())
    return {
        village: Cover(
            village_id=village,
            balance=balances.get(village, 0),
            cents_per_point=rate,
            fund_cents=funds.get(shop, 0),
            goods_cents=goods.get(shop, 0),
            pending_points=pending.get(village, 0),
        )
        for shop, village, rate in shops
    }


def day_cover(day: CoverDay) -> Cover:
    """The figures of an evening as `covers_of` gives them; what was pending is not kept."""
    return Cover(day.village_id, day.balance, day.cents_per_point, day.fund_cents, day.goods_cents, pending_points=0)


def _worth() -> ExpressionWrapper[CombinedExpression]:
    """What is left of a lot at what it cost; PostgreSQL multiplies two int4 within int4."""
    return ExpressionWrapper(Cast("stock", BigIntegerField()) * F("unit_cents"), BigIntegerField())


def _sums(rows: QuerySet[Any], key: str, amount: Any) -> dict[int, int]:
    """Key → Σ amount, in one query; none without rows."""
    found = rows.order_by().values_list(key).annotate(total=Sum(amount, output_field=BigIntegerField()))
    return {pk: total or 0 for pk, total in found}
