"""兑换 in the 道德超市: hold → hand-over by a second person, or back: cancelled, expired, refunded (plan §三.4; mission M26).

Everybody locks in one order, so that nobody waits in a circle: the shop (money only), the articles by id, their lots by id, the
redemption, the account (by the ledger's own insert). What ends a redemption goes goods back → entry reversed → state, each of
which the next one's trigger looks for (moral_bank/market/guards.py).
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.guards import refused_by
from governance.periods import SHANGHAI, today
from moral_bank.ledger.services import LedgerError, entry_reverse, points_spend
from moral_bank.market.collectors import collectors
from moral_bank.models import Account, Entry, Item, Lot, Move, Redemption, Shop
from moral_bank.passbooks.expiry import lapse_returned
from villages.models import Household

MOST_ROWS = 20
MOST_QUANTITY = 999
CODE_TRIES = 20
STOCKED = Q(stock__gt=0)
State = Redemption.State
logger = logging.getLogger(__name__)


class MarketError(DomainError):
    """What a shop refuses: `scope`, `closed`, `place`, `item`, `quantity`, `stock`, `overdrawn`, `conflict`, `state`,
    `another`, `code`, `collector`, `reason`, `fund`, `date`, `count`, `rows`.

    `rows`: where several rows were asked for, the reason of each that is refused, by its place from 0.
    """

    def __init__(self, message: str, code: str | None = None, rows: dict[int, str] | None = None) -> None:
        super().__init__(message, code)
        self.rows = rows or {}


@dataclass(frozen=True)
class Shelf:
    """An article and its lots, both locked."""

    item: Item
    lots: list[Lot]

    def take(self, quantity: int, on: date) -> list[tuple[Lot, int]]:
        """`quantity` from the lots still good on a day, what perishes first going first; their stock goes down in memory.
        Raises MarketError (`stock`)."""
        good = [lot for lot in self.lots if lot.stock > 0 and (lot.best_before is None or lot.best_before >= on)]
        available = sum(lot.stock for lot in good)
        if available < quantity:
            raise MarketError(f"“{self.item.name}”{self._shortage(available)}。", "stock")
        taken: list[tuple[Lot, int]] = []
        for lot in sorted(good, key=lambda lot: (lot.best_before or date.max, lot.received_on, lot.pk)):
            part = min(lot.stock, quantity - sum(count for _, count in taken))
            if part:
                taken.append((lot, part))
                lot.stock -= part
        return taken

    def _shortage(self, available: int) -> str:
        if available:
            return f"只剩 {available} {self.item.unit}"
        stale = sum(lot.stock for lot in self.lots)
        return f"有 {stale} {self.item.unit}已过保质期，请先报损" if stale else "没有货了"


@dataclass(frozen=True)
class Order:
    """One article for one household: `on` is the day, `by` who signed it out; the rest is an offline day's: its list, the line."""

    account: Account
    item: Item
    quantity: int
    by: User
    on: date
    paper: str = ""
    note: str = ""
    row_key: UUID | None = None


def stock_lock(items: Iterable[int], lots: Q = STOCKED) -> dict[int, Shelf]:
    """Item id → its shelf with those of its lots that `lots` asks for: the articles locked by id, then the lots by id."""
    rows = Item.objects.select_for_update(of=("self",), no_key=True).select_related("shop")
    shelves = {item.pk: Shelf(item, []) for item in rows.filter(pk__in=set(items)).order_by("pk")}
    for lot in Lot.objects.select_for_update(of=("self",), no_key=True).filter(lots, item__in=shelves).order_by("pk"):
        shelves[lot.item_id].lots.append(lot)
    return shelves


def redemption_hold(*, account: Account, item: Item, quantity: int, by: User, at: datetime | None = None) -> Redemption:
    """Set goods aside for a household and take its points."""
    return redemptions_hold(account=account, wanted=[(item, quantity)], by=by, at=at)[0]


def redemptions_hold(
    *, account: Account, wanted: Sequence[tuple[Item, int]], by: User, at: datetime | None = None
) -> list[Redemption]:
    """Several articles in one form, all or none: a redemption for each (item, quantity). Raises MarketError with `rows`."""
    now = at or timezone.now()
    if not 0 < len(wanted) <= MOST_ROWS:
        raise MarketError(f"请选 1 到 {MOST_ROWS} 种物品。", "item")
    orders = [Order(account, item, quantity, by, today(now)) for item, quantity in wanted]
    try:
        with transaction.atomic():
            return _hold_all(orders, by, now)
    except LedgerError as error:
        raise plain_refusal(error, account, sum(item.points * quantity for item, quantity in wanted)) from error


def _hold_all(orders: Sequence[Order], by: User, now: datetime) -> list[Redemption]:
    shelves = stock_lock(order.item.pk for order in orders)
    check_home(orders[0].account.household, [shelf.item.shop for shelf in shelves.values()], by)
    taken = _take_all(orders, shelves)
    return [hold(order, shelves[order.item.pk], lots, by, now) for order, lots in zip(orders, taken, strict=True)]


def plain_refusal(error: LedgerError, account: Account, points: int) -> DomainError:
    """What the ledger refuses, in the words of the counter; read after the spending was rolled back."""
    if error.code != "overdrawn":
        return error
    balance = Account.objects.values_list("balance", flat=True).get(pk=account.pk)
    return MarketError(f"余额不足：这一户有 {balance} 分，兑换要 {points} 分。", "overdrawn")


def check_home(household: Household, shops: Iterable[Shop], by: User, closed_too: bool = False) -> None:
    """Whether `by` may redeem for a household at open shops of its village, or `closed_too`. Raises MarketError."""
    if not by.may(Action.MARKET_REDEEM, household.unit.path):
        raise MarketError("这一户不在您可以登记兑换的范围内。", "scope")
    if household.ended_on is not None:
        raise MarketError("这一户已销户，不能兑换。", "place")
    for shop in shops:
        if shop.village_id != household.village_id:
            raise MarketError("请在这一户自己村（社区）的道德超市兑换。", "place")
        if not shop.is_open and not closed_too:
            raise MarketError("道德超市现在不开放兑换。", "closed")


def order_refusal(item: Item, quantity: int) -> MarketError | None:
    """What is wrong with a row whatever is in stock."""
    if not item.is_active:
        return MarketError(f"“{item.name}”已下架。", "item")
    if not 0 < quantity <= MOST_QUANTITY:
        return MarketError(f"数量应是 1 到 {MOST_QUANTITY}。", "quantity")
    return None


def hold(order: Order, shelf: Shelf, lots: Sequence[tuple[Lot, int]], by: User, now: datetime) -> Redemption:
    """Under `stock_lock`: entry, then redemption, then moves out of the lots. `by` posts; `order.by` stands for the hold."""
    item = shelf.item
    redemption = Redemption(
        shop=item.shop,
        account=order.account,
        item=item,
        quantity=order.quantity,
        points=item.points * order.quantity,
        row_key=order.row_key,
        on=order.on,
        paper=order.paper,
        held_by=order.by,
        held_at=now,
        expires_at=datetime.combine(today(now) + timedelta(days=item.shop.hold_days), time(23, 59, 59), SHANGHAI),
    )
    redemption.entry = _spend(redemption, by, now)
    _insert(redemption)
    Move.objects.bulk_create(
        Move(
            lot=lot,
            item=item,
            kind=Move.Kind.HELD,
            quantity=-count,
            redemption=redemption,
            township_id=redemption.township_id,
            reason=order.note,
            source_key=f"redemption:{redemption.pk}:out:{lot.pk}",
            by=by,
            at=now,
        )
        for lot, count in lots
    )
    return redemption


def redemption_hand(
    *, redemption: Redemption, code: str, collector: str, by: User, at: datetime | None = None
) -> Redemption:
    """交付 by another than who held, against the code, to one of the household's people."""
    now = at or timezone.now()
    with transaction.atomic():
        redemption = _locked(redemption, by, Action.MARKET_HAND)
        _check_hand(redemption, code, collector, by)
        redemption.state = State.DONE
        redemption.handed_by, redemption.handed_at, redemption.collector = by, now, collector
        redemption.save(update_fields=["state", "handed_by", "handed_at", "collector"])
    return redemption


def hand_refusal(redemption: Redemption, by: User) -> MarketError | None:
    """Why `by` cannot hand a redemption over, whoever comes for it."""
    if redemption.state != State.HELD:
        return MarketError(f"这笔兑换{redemption.get_state_display()}，不能再交付。", "state")
    if redemption.held_by_id == by.pk:
        return MarketError("这笔兑换是您登记的，请另一位经办人交付。", "another")
    return None


def redemption_cancel(*, redemption: Redemption, reason: str, by: User, at: datetime | None = None) -> Redemption:
    """Before hand-over: points and goods go back."""
    return _give_back(redemption, State.CANCELLED, reason, by, at or timezone.now())


def redemption_refund(
    *, redemption: Redemption, reason: str, goods_back: bool, by: User, at: datetime | None = None
) -> Redemption:
    """After hand-over: the points go back; the goods go back on the shelf, or are written off with the reason."""
    return _give_back(redemption, State.REFUNDED, reason, by, at or timezone.now(), goods_back)


def redemptions_expire(*, at: datetime | None = None) -> int:
    """Return every hold whose time is over, each in its own transaction; a second run finds nothing. Returns how many."""
    now = at or timezone.now()
    over = Redemption.objects.filter(state=State.HELD, expires_at__lte=now).order_by("expires_at", "pk")
    returned = 0
    for redemption in list(over):
        try:
            _give_back(redemption, State.EXPIRED, "逾期未领，自动退回", None, now)
        except (DomainError, IntegrityError) as error:
            logger.warning("redemption %s not returned: %s", redemption.pk, error)
        else:
            returned += 1
    return returned


_FROM = {State.CANCELLED: State.HELD, State.EXPIRED: State.HELD, State.REFUNDED: State.DONE}
_MAY_END = {State.CANCELLED: Action.MARKET_REDEEM, State.REFUNDED: Action.MARKET_HAND}


def _give_back(
    redemption: Redemption, state: State, reason: str, by: User | None, now: datetime, goods_back: bool = True
) -> Redemption:
    """Goods back, entry reversed, state changed; the beat has no `by` and acts for who held."""
    reason = reason.strip()
    if not 0 < len(reason) <= 100:
        raise MarketError("请写明原因（100 字以内）。", "reason")
    with transaction.atomic():
        stock_lock([redemption.item_id], Q(moves__redemption=redemption))
        redemption = _locked(redemption, by, _MAY_END.get(state))
        if redemption.state != _FROM[state]:
            raise MarketError(f"这笔兑换{redemption.get_state_display()}，不能{_WORDS[state]}。", "state")
        _goods_back(redemption, "" if goods_back else f"退货未收回：{reason}"[:100], by, now)
        entry_reverse(entry=redemption.entry, reason=f"兑换{_WORDS[state]}，{reason}", by=by or redemption.held_by, at=now)
        lapse_returned(spent=redemption.entry, key=f"redemption:{redemption.pk}", now=now)
        redemption.state, redemption.reason, redemption.ended_by, redemption.ended_at = state, reason, by, now
        redemption.save(update_fields=["state", "reason", "ended_by", "ended_at"])
    return redemption


_WORDS = {State.CANCELLED: "取消", State.EXPIRED: "逾期退回", State.REFUNDED: "退货"}


def _goods_back(redemption: Redemption, lost: str, by: User | None, now: datetime) -> None:
    """What went out of each lot goes back into it; where it is `lost` (why), it is written off at once."""
    moves = []
    for out in redemption.moves.filter(kind=Move.Kind.HELD).select_related("lot"):
        key = f"redemption:{redemption.pk}:{{}}:{out.lot_id}"
        shared = {"lot": out.lot, "item_id": redemption.item_id, "township_id": redemption.township_id, "by": by, "at": now}
        back = Move(quantity=-out.quantity, **shared)
        back.kind, back.redemption, back.source_key = Move.Kind.RETURNED, redemption, key.format("back")
        moves.append(back)
        if lost:
            gone = Move(quantity=out.quantity, **shared)
            gone.kind, gone.reason, gone.source_key = Move.Kind.SCRAPPED, lost, key.format("lost")
            moves.append(gone)
    Move.objects.bulk_create(moves)


def _take_all(orders: Sequence[Order], shelves: dict[int, Shelf]) -> list[list[tuple[Lot, int]]]:
    """The lots of each order. Raises MarketError; of a single order its own, of several one with `rows`."""
    taken, refused = [], {}
    for row, order in enumerate(orders):
        try:
            shelf = shelves[order.item.pk]
            if refusal := order_refusal(shelf.item, order.quantity):
                raise refusal
            taken.append(shelf.take(order.quantity, order.on))
        except MarketError as error:
            refused[row] = error
    if refused and len(orders) == 1:
        raise refused[0]
    if refused:
        rows = {row: error.message for row, error in refused.items()}
        raise MarketError("有物品不能兑换，都没有登记。", "rows", rows)
    return taken


def _spend(redemption: Redemption, by: User, now: datetime) -> Entry:
    """The spending entry on the redemption's day; of a paper list whose month is locked today, and the memo says the day."""
    memo = f"道德超市兑换：{redemption.item.name}×{redemption.quantity}"
    days = [(redemption.on, memo)]
    if redemption.on != today(now):
        days.append((today(now), f"{memo}（{redemption.on} 纸质登记）"))
    for day, words in days:
        try:
            return points_spend(
                account=redemption.account,
                points=redemption.points,
                memo=words,
                by=by,
                source_key=f"redeem:{redemption.row_key or uuid4()}",
                occurred_on=day,
                at=now,
            )
        except LedgerError as error:
            if error.code != "locked" or day == days[-1][0]:
                raise
    raise AssertionError("the last day returns or raises")


def new_code() -> str:
    return f"{secrets.randbelow(10**6):06d}"


def _insert(redemption: Redemption) -> None:
    """Insert under a code that no other hold of the shop has. Everything else was checked under its lock."""
    for _ in range(CODE_TRIES):
        redemption.code = new_code()
        try:
            with transaction.atomic():
                redemption.save(force_insert=True)
            return
        except IntegrityError as error:
            if refused_by(error) != "redemption_code_once":
                raise
    raise MarketError("取货码用完了，请先办理待领取的兑换。", "code")


def may_end(redemption: Redemption, by: User, action: Action) -> bool:
    """Whether `by` may do `action` where the household lives or, it having moved since, where its goods lie."""
    places = (redemption.account.household.unit.path, redemption.shop.village.path)
    return any(by.may(action, path) for path in places)


def _locked(redemption: Redemption, by: User | None, action: Action | None) -> Redemption:
    """The row under its lock, if `by` may do `action` on it."""
    rows = Redemption.objects.select_for_update(of=("self",), no_key=True)
    related = ("entry__account__household", "account__household__unit", "shop__village", "item", "held_by")
    redemption = rows.select_related(*related).get(pk=redemption.pk)
    if by is not None and action is not None and not may_end(redemption, by, action):
        raise MarketError("这笔兑换不在您可以办理的范围内。", "scope")
    return redemption


def _check_hand(redemption: Redemption, code: str, collector: str, by: User) -> None:
    if refusal := hand_refusal(redemption, by):
        raise refusal
    if not secrets.compare_digest(code.strip().encode(), redemption.code.encode()):
        raise MarketError("取货码不对，请核对取货单。", "code")
    if collector not in collectors(redemption.account):
        raise MarketError("领取人须是这一户的人，或登记过的代领人。", "collector")
