"""停网停电登记表: a day without power or net on paper, entered afterwards, held and handed over at once (plan §三.4; M26).

A row is known by village, day, the paper's number and its line, so that a list can be sent again with its bad rows put right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.accounts.duties import MATRIX, Action
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.errors import DomainError
from governance.periods import today
from moral_bank.ledger.services import LedgerError
from moral_bank.market.collectors import collectors_of
from moral_bank.market.services import (
    MarketError,
    Order,
    Shelf,
    State,
    check_home,
    hold,
    order_refusal,
    plain_refusal,
    stock_lock,
)
from moral_bank.market.stock import good_on
from moral_bank.models import Account, Item, Redemption, Shop
from villages.models import Household, Post

PAPER_ROWS = 15
NOTE_LENGTH = 100
_NAMESPACE = UUID("5f1d0c7e-3f0a-4a52-9f0e-6d1f5b0c9a11")


@dataclass(frozen=True)
class PaperRow:
    """A line as it was typed; `line` counts from 1 as on the paper."""

    line: int
    home: str = ""
    item: str = ""
    quantity: str = ""
    collector: str = ""
    note: str = ""

    @property
    def is_empty(self) -> bool:
        return not any((self.home, self.item, self.quantity, self.collector, self.note))


@dataclass(frozen=True)
class PaperList:
    """The head of a list: whose day, which number, who signed out and who handed over."""

    shop: Shop
    on: date
    number: str
    held_by: User
    handed_by: User

    def key(self, line: int) -> UUID:
        return uuid5(_NAMESPACE, f"{self.shop.village.code}:{self.on}:{self.number}:{line}")


@dataclass
class Judged:
    """A row with what is wrong with each cell, by the cell's name; `done` is what it became already."""

    row: PaperRow
    account: Account | None = None
    item: Item | None = None
    count: int = 0
    errors: dict[str, str] = field(default_factory=dict)
    done: Redemption | None = None

    @property
    def is_good(self) -> bool:
        return not self.errors


def clerks(shop: Shop, action: Action) -> QuerySet[User]:
    """Who may do `action` for the whole village of a shop."""
    kinds = [duty for duty, actions in MATRIX.items() if action in actions]
    codes = shop.village.path.strip("/").split("/")
    posts = Post.objects.current(today()).filter(kind__in=kinds, unit__code__in=codes, user__is_active=True)
    return User.objects.filter(pk__in=posts.values("user")).order_by("name", "pk")


def paper_judge(*, paper: PaperList, rows: Sequence[PaperRow]) -> list[Judged]:
    """Every row with its reasons, in a fixed number of reads; what the rows take together counts against stock and balance."""
    rows = [row for row in rows if not row.is_empty]
    keys = {paper.key(row.line): row.line for row in rows}
    entered = Redemption.objects.filter(row_key__in=keys).select_related("account__household", "item")
    done = {keys[one.row_key]: one for one in entered if one.row_key}
    judged = [Judged(row, done=done.get(row.line)) for row in rows]
    fresh = [one for one in judged if one.done is None]
    _find_homes(paper.shop, fresh)
    _find_items(paper.shop, fresh)
    for one in fresh:
        _judge_rest(one)
    for one in judged:
        if one.done is not None and not _says_same(one.row, one.done):
            one.errors["home"] = "这张表的这一行已录入，内容不同"
    _judge_together([one for one in fresh if one.is_good], paper.on)
    return judged


def paper_enter(
    *, paper: PaperList, rows: Sequence[PaperRow], good_only: bool, by: User, at: datetime | None = None
) -> list[Redemption]:
    """The good rows as redemptions that are done. With bad ones only if `good_only` leaves them out. Raises MarketError."""
    now = at or timezone.now()
    _check_paper(paper, by, now)
    with transaction.atomic():
        shelves = stock_lock(Item.objects.filter(shop=paper.shop).values_list("pk", flat=True))
        judged = paper_judge(paper=paper, rows=rows)
        bad = {one.row.line: "；".join(one.errors.values()) for one in judged if not one.is_good}
        if bad and not good_only:
            raise MarketError(f"有 {len(bad)} 行要改，改好再保存，或选“只录入没有问题的行”。", "rows", bad)
        fresh = [one for one in judged if one.is_good and one.done is None]
        if not fresh and not any(one.done for one in judged):
            raise MarketError("没有可以录入的行。", "rows", bad)
        entered = [_enter(paper, one, shelves, by, now) for one in fresh]
        _tell(paper, entered, by, now)
        return entered


def _tell(paper: PaperList, entered: Sequence[Redemption], by: User, now: datetime) -> None:
    """Whoever is named on a list that another entered hears of it, so that nobody signs in their name unseen."""
    for user, what in ((paper.held_by, "登记"), (paper.handed_by, "交付")):
        if entered and user != by:
            messages_send(
                users=[user],
                text=f"{by.name} 补录了 {paper.on} 的登记表 {entered[0].paper}，写明由您{what} {len(entered)} 笔，不对请提出",
                link=f"/redemptions/?since={paper.on}&until={paper.on}",
                key=f"paper:{entered[0].pk}",
                at=now,
            )


def _check_paper(paper: PaperList, by: User, now: datetime) -> None:
    path = paper.shop.village.path
    if not by.may(Action.MARKET_STOCK, path):
        raise MarketError("您不能在这里补录纸质登记表。", "scope")
    if not paper.number.strip():
        raise MarketError("请填登记表编号。", "reason")
    if paper.on > today(now):
        raise MarketError("登记表日期不能晚于今天。", "date")
    if paper.held_by == paper.handed_by:
        raise MarketError("登记人和交付人须是两个人。", "another")
    if not paper.held_by.may(Action.MARKET_REDEEM, path) or not paper.handed_by.may(Action.MARKET_HAND, path):
        raise MarketError("登记人、交付人须是能在本村办理兑换的人。", "scope")


def _enter(paper: PaperList, one: Judged, shelves: dict[int, Shelf], by: User, now: datetime) -> Redemption:
    assert one.account is not None and one.item is not None
    shelf = shelves[one.item.pk]
    number = paper.number.strip()
    row_key = paper.key(one.row.line)
    order = Order(one.account, shelf.item, one.count, paper.held_by, paper.on, number, one.row.note, row_key)
    try:
        check_home(one.account.household, [shelf.item.shop], by, closed_too=paper.on < today(now))
        with transaction.atomic():
            redemption = hold(order, shelf, shelf.take(one.count, paper.on), by, now)
    except LedgerError as error:
        message = plain_refusal(error, one.account, shelf.item.points * one.count).message
        raise MarketError(f"第 {one.row.line} 行：{message}", "rows", {one.row.line: message}) from error
    except DomainError as error:
        raise MarketError(f"第 {one.row.line} 行：{error.message}", "rows", {one.row.line: error.message}) from error
    redemption.state, redemption.handed_by, redemption.handed_at = State.DONE, paper.handed_by, now
    redemption.collector = one.row.collector
    redemption.save(update_fields=["state", "handed_by", "handed_at", "collector"])
    return redemption


def _find_homes(shop: Shop, judged: Sequence[Judged]) -> None:
    """Households of the shop's village by number or by the head's name, and who may collect for them."""
    homes_named = {one.row.home for one in judged}
    homes = Household.objects.filter(Q(number__in=homes_named) | Q(head_name__in=homes_named), village=shop.village, ended_on=None)
    accounts = Account.objects.filter(household__in=homes).select_related("household__village", "household__unit")
    by_word: dict[str, list[Account]] = {}
    for account in accounts:
        for word in {account.household.number, account.household.head_name}:
            by_word.setdefault(word, []).append(account)
    people = collectors_of(accounts)
    for one in judged:
        found = by_word.get(one.row.home, [])
        if not one.row.home:
            one.errors["home"] = "请填户号或户主"
        elif not found:
            one.errors["home"] = f"本村没有“{one.row.home}”户，或这一户还没有积分"
        elif len(found) > 1:
            one.errors["home"] = f"有 {len(found)} 户叫“{one.row.home}”，请填户号"
        else:
            one.account = found[0]
            if one.row.collector not in people[found[0].pk]:
                names = "、".join(people[found[0].pk])
                one.errors["collector"] = f"领取人须是这一户的人或代领人：{names}" if one.row.collector else "请填领取人"


def _find_items(shop: Shop, judged: Sequence[Judged]) -> None:
    items = {item.name: item for item in Item.objects.filter(shop=shop).select_related("shop")}
    for one in judged:
        one.item = items.get(one.row.item)
        if one.item is None:
            one.errors["item"] = f"目录里没有“{one.row.item}”" if one.row.item else "请选物品"


def _judge_rest(one: Judged) -> None:
    one.count = _count(one.row)
    if len(one.row.note) > NOTE_LENGTH:
        one.errors["note"] = f"备注超过 {NOTE_LENGTH} 字"
    if one.item is not None and (refusal := order_refusal(one.item, one.count)):
        one.errors["item" if refusal.code == "item" else "quantity"] = refusal.message


def _says_same(row: PaperRow, done: Redemption) -> bool:
    """Whether a line sent again is what was entered, whatever became of household and article since."""
    home = done.account.household
    written = (row.item, _count(row), row.collector)
    return row.home in (home.number, home.head_name) and written == (done.item.name, done.quantity, done.collector)


def _count(row: PaperRow) -> int:
    return int(row.quantity) if row.quantity.isdecimal() and len(row.quantity) < 5 else 0


def _judge_together(judged: Sequence[Judged], on: date) -> None:
    """Line by line: what the lines before it took is gone; goods past their day on the paper's day do not count."""
    wanted = Item.objects.filter(pk__in={one.item.pk for one in judged if one.item is not None})
    good = dict(wanted.annotate(good=good_on(on)).values_list("pk", "good"))
    taken: Counter[int] = Counter()
    spent: Counter[int] = Counter()
    for one in judged:
        account, item = one.account, one.item
        assert account is not None and item is not None
        points = item.points * one.count
        available = good[item.pk] - taken[item.pk]
        if available < one.count:
            what = "那天没过保质期的" if good[item.pk] < item.stock else "账面"
            one.errors["quantity"] = f"“{item.name}”{what}只剩 {available} {item.unit}，请先核对库存"
        elif account.balance - spent[account.pk] < points:
            one.errors["home"] = f"余额不足：还有 {account.balance - spent[account.pk]} 分，要 {points} 分"
        else:
            taken[item.pk] += one.count
            spent[account.pk] += points
