"""Shop, catalogue, suppliers, receipts, fund, write-offs and stock-takes of a 道德超市 (plan §三.4; mission M26).

Money is in 分 (cents). Locks are taken in the order that `moral_bank/market.py` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.guards import refused_by
from governance.periods import today
from moral_bank.market.guards import FUND
from moral_bank.market.services import MarketError, stock_lock
from moral_bank.market.witnesses import Witness, is_same
from moral_bank.models import FundMove, Item, Lot, Move, Redemption, Shop, StockCount, StockTake, Supplier
from villages.models import Resident, Unit

MOST_RECEIVED = 99_900
MOST_CENTS, MOST_DONATED_CENTS = 100_000_00, 1_000_00


@dataclass(frozen=True)
class ShopDetails:
    name: str
    place: str = ""
    hours: str = ""
    cents_per_point: int = 100
    hold_days: int = 7
    is_open: bool = True


@dataclass(frozen=True)
class Delivery:
    """Goods received: `unit_cents` is what one piece cost, of donated goods what it is worth."""

    item: Item
    quantity: int
    unit_cents: int
    received_on: date
    donated: bool = False
    supplier: Supplier | None = None
    number: str = ""
    best_before: date | None = None

    @property
    def cents(self) -> int:
        return self.quantity * self.unit_cents


@dataclass(frozen=True)
class CountLine:
    """One lot of a stock-take: what the sheet said, what was found, why it differs."""

    lot: Lot
    expected: int
    counted: int
    reason: str = ""


def shop_open(
    *, village: Unit, details: ShopDetails, fund_cents: int = 0, by: User, at: datetime | None = None
) -> Shop:
    """A village's shop, with the money it begins with. From then on grants stop at 100 % of the village's cover."""
    now = at or timezone.now()
    _may(by, Action.FUND_EDIT, village, "开设道德超市")
    if village.level != Unit.Level.VILLAGE or not village.stands_on(today(now)):
        raise MarketError("请选现有的村（社区）。", "place")
    with transaction.atomic():
        shop = Shop(village=village, **vars(details))
        save_by(shop, by, MarketError)
        if fund_cents:
            _fund(shop, FundMove.Kind.GRANT, fund_cents, today(now), "启动资金", f"shop:{shop.pk}", by, now)
    return shop


def shop_change(*, shop: Shop, details: ShopDetails, by: User) -> Shop:
    """The points' rate moves the village's liability, so it takes the right over the money."""
    with transaction.atomic():
        shop = Shop.objects.select_for_update(of=("self",), no_key=True).select_related("village").get(pk=shop.pk)
        _may(by, Action.MARKET_STOCK, shop.village, "维护道德超市")
        if details.cents_per_point != shop.cents_per_point:
            _may(by, Action.FUND_EDIT, shop.village, "改动每分折合的钱数")
        for name, value in vars(details).items():
            setattr(shop, name, value)
        save_by(shop, by, MarketError)
    return shop


def item_save(
    *, shop: Shop, item: Item | None = None, name: str, unit: str, points: int, is_active: bool = True, by: User
) -> Item:
    """A line of the catalogue, new or changed; what is held already keeps its price."""
    _may(by, Action.MARKET_STOCK, shop.village, "维护目录")
    with transaction.atomic():
        row = stock_lock([item.pk])[item.pk].item if item is not None else Item(shop=shop)
        row.name, row.unit, row.points, row.is_active = name.strip(), unit.strip(), points, is_active
        save_by(row, by, MarketError, None if item is None else ["name", "unit", "points", "is_active"])
    return row


def supplier_save(
    *, village: Unit, supplier: Supplier | None = None, name: str, contact: str = "", phone: str = "", is_active: bool = True,
    by: User,
) -> Supplier:  # fmt: skip
    _may(by, Action.MARKET_STOCK, village, "维护供货单位")
    row = supplier or Supplier(village=village)
    row.name, row.contact, row.phone, row.is_active = name.strip(), contact.strip(), phone.strip(), is_active
    with transaction.atomic():
        save_by(row, by, MarketError)
    return row


def lot_receive(*, delivery: Delivery, by: User, at: datetime | None = None) -> Lot:
    """验收入库: the lot, its move in, and unless the goods are donated the payment out of the fund."""
    now = at or timezone.now()
    item = Item.objects.select_related("shop__village").get(pk=delivery.item.pk)
    _may(by, Action.MARKET_STOCK, item.shop.village, "验收进货")
    _check_delivery(delivery, item, today(now))
    _check_donation(delivery, item.shop, by)
    with transaction.atomic():
        Shop.objects.select_for_update(no_key=True).get(pk=item.shop_id)
        stock_lock([item.pk], Q(pk=None))
        terms = {name: value for name, value in vars(delivery).items() if name != "quantity"}
        lot = Lot(**terms, received_by=by)
        save_by(lot, by, MarketError)
        key = f"lot:{lot.pk}"
        if not delivery.donated:
            memo = f"进货：{item.name}×{delivery.quantity}"
            _fund(item.shop, FundMove.Kind.PURCHASE, -delivery.cents, delivery.received_on, memo, key, by, now)
        _move(lot, Move.Kind.RECEIVED, delivery.quantity, "", key, by, now)
    return lot


def fund_move(
    *, shop: Shop, kind: str, cents: int, on: date, memo: str, by: User, at: datetime | None = None
) -> FundMove:
    """Money in (拨入, 捐赠: positive) or out (其他支出, 更正: negative); never below zero."""
    now = at or timezone.now()
    _may(by, Action.FUND_EDIT, shop.village, "登记资金")
    if kind == FundMove.Kind.PURCHASE:
        raise MarketError("进货付款请在“进货”里登记。", "fund")
    if not memo.strip():
        raise MarketError("请写说明。", "reason")
    if on > today(now):
        raise MarketError("日期不能晚于今天。", "date")
    with transaction.atomic():
        return _fund(shop, kind, cents, on, memo, None, by, now)


def lot_scrap(*, lot: Lot, quantity: int, reason: str, by: User, at: datetime | None = None) -> Move:
    """报损: expired, broken or lost goods leave the stock with a reason."""
    now = at or timezone.now()
    if not 0 < len(reason.strip()) <= 100:
        raise MarketError("报损须写明原因（100 字以内）。", "reason")
    with transaction.atomic():
        shelf = stock_lock([lot.item_id], Q(pk=lot.pk))[lot.item_id]
        _may(by, Action.MARKET_STOCK, shelf.item.shop.village, "报损")
        available = shelf.lots[0].stock
        if not 0 < quantity <= available:
            raise MarketError(f"这一批可报损的数量是 1 到 {available}。" if available else "这一批没有可报损的货。", "quantity")
        return _move(shelf.lots[0], Move.Kind.SCRAPPED, -quantity, reason.strip(), None, by, now)


def good_on(day: date) -> Coalesce:
    """How much of an article is in stock and not past its day, as a subquery on `Item`."""
    good = Lot.objects.filter(Q(best_before=None) | Q(best_before__gte=day), item=OuterRef("pk")).order_by().values("item")
    return Coalesce(Subquery(good.annotate(total=Sum("stock")).values("total"), output_field=IntegerField()), 0)


def on_shelf(shop: Shop) -> QuerySet[Any]:
    """Lots with `held` (set aside but not handed over) and `expected` (what stands on the shelf), without the empty ones."""
    held = (
        Move.objects.filter(lot=OuterRef("pk"), redemption__state=Redemption.State.HELD)
        .order_by()
        .values("lot")
        .annotate(total=-Sum("quantity"))
        .values("total")
    )
    lots = Lot.objects.filter(item__shop=shop).select_related("item", "supplier")
    counted = lots.annotate(held=Coalesce(Subquery(held, output_field=IntegerField()), 0))
    return counted.annotate(expected=F("stock") + F("held")).filter(expected__gt=0)


def stock_take(
    *,
    shop: Shop,
    lines: Sequence[CountLine],
    witness: Witness,
    on: date,
    by: User,
    at: datetime | None = None,
) -> StockTake:
    """盘点 by two people. Raises MarketError (`rows`) where a lot moved meanwhile or a difference is not explained."""
    now = at or timezone.now()
    _may(by, Action.MARKET_STOCK, shop.village, "盘点")
    if is_same(witness, by):
        raise MarketError("监盘人须是另一个人。", "another")
    if on > today(now):
        raise MarketError("盘点日期不能晚于今天。", "date")
    if not lines:
        raise MarketError("货架上没有要盘点的货。", "count")
    with transaction.atomic():
        lots = [line.lot.pk for line in lines]
        stock_lock((line.lot.item_id for line in lines), Q(pk__in=lots))
        _check_counts(lines, {lot.pk: lot for lot in on_shelf(shop).filter(pk__in=lots)})
        take = StockTake(shop=shop, on=on, by=by, witness=witness.name[:40], at=now)
        take.witness_account = witness if isinstance(witness, User) else None
        take.witness_resident = witness if isinstance(witness, Resident) else None
        save_by(take, by, MarketError)
        try:
            _write_counts(take, lines, by, now)
        except IntegrityError as error:
            raise MarketError("清点期间有进出，请重新清点。", "count") from error
    return take


def _write_counts(take: StockTake, lines: Sequence[CountLine], by: User, now: datetime) -> None:
    StockCount.objects.bulk_create(StockCount(stock_take=take, **vars(line)) for line in lines)
    Move.objects.bulk_create(
        Move(
            lot=line.lot,
            item_id=line.lot.item_id,
            kind=Move.Kind.COUNTED,
            quantity=line.counted - line.expected,
            stock_take=take,
            township_id=take.shop.village.parent_id or 0,
            reason=line.reason,
            source_key=f"take:{take.pk}:{line.lot.pk}",
            by=by,
            at=now,
        )
        for line in lines
        if line.counted != line.expected
    )


def _check_counts(lines: Sequence[CountLine], shelf: dict[int, Lot]) -> None:
    """`shelf`: lots as `on_shelf` annotates them, under their lock."""
    rows = {row: reason for row, line in enumerate(lines) if (reason := _count_refusal(line, shelf.get(line.lot.pk)))}
    if rows:
        raise MarketError("有几行要改，盘点还没有保存。", "rows", rows)


def _count_refusal(line: CountLine, lot: Lot | None) -> str:
    expected: int = lot.expected if lot is not None else 0  # type: ignore[attr-defined]
    held: int = lot.held if lot is not None else 0  # type: ignore[attr-defined]
    if expected != line.expected:
        return f"清点期间有进出，账面已变为 {expected}，请重新清点这一批。"
    if line.counted < held:
        return f"有 {held} 件已被预留，实盘不能少于它；请先取消预留。"
    if line.counted != expected and not line.reason.strip():
        return "有差异，请写明原因。"
    return ""


def _check_delivery(delivery: Delivery, item: Item, day: date) -> None:
    if not 0 < delivery.quantity <= MOST_RECEIVED:
        raise MarketError(f"数量应是 1 到 {MOST_RECEIVED}。", "quantity")
    if delivery.unit_cents < 0 or (not delivery.unit_cents and not delivery.donated):
        raise MarketError("请填单价；捐赠的货物可以填 0 元。", "fund")
    if delivery.cents > MOST_CENTS:
        raise MarketError("这批货总价超过 10 万元，请核对数量和单价。", "fund")
    if delivery.received_on > day:
        raise MarketError("进货日期不能晚于今天。", "date")
    if delivery.best_before is not None and delivery.best_before < delivery.received_on:
        raise MarketError("保质期早于进货日期，不能入库。", "date")
    if delivery.supplier is not None and delivery.supplier.village_id != item.shop.village_id:
        raise MarketError("请选本村的供货单位。", "place")


def _check_donation(delivery: Delivery, shop: Shop, by: User) -> None:
    """A donated lot covers points at whatever it is said to be worth."""
    if delivery.donated and delivery.cents > MOST_DONATED_CENTS and not by.may(Action.FUND_EDIT, shop.village.path):
        raise MarketError("估价超过 1000 元的捐赠货物，请镇上登记超市资金的人登记。", "scope")


def _fund(
    shop: Shop, kind: str, cents: int, on: date, memo: str, source_key: str | None, by: User, now: datetime
) -> FundMove:
    move = FundMove(shop=shop, kind=kind, cents=cents, on=on, memo=memo.strip(), source_key=source_key, by=by, at=now)
    try:
        with transaction.atomic():
            save_by(move, by, MarketError)
    except IntegrityError as error:
        if refused_by(error) != FUND:
            raise
        available = FundMove.objects.filter(shop=shop).aggregate(total=Coalesce(Sum("cents"), 0))["total"]
        words = f"资金不足：还有 {available / 100:.2f} 元，要支出 {-cents / 100:.2f} 元。请镇上先登记拨入或捐赠。"
        raise MarketError(words, "fund") from error
    return move


def _move(lot: Lot, kind: str, quantity: int, reason: str, key: str | None, by: User, now: datetime) -> Move:
    return Move.objects.create(
        lot=lot, item_id=lot.item_id, kind=kind, quantity=quantity, reason=reason, source_key=key, by=by, at=now
    )


def _may(by: User, action: Action, village: Unit, words: str) -> None:
    if not by.may(action, village.path):
        raise MarketError(f"您不能在这里{words}。", "scope")
