"""Ledgers of the 道德超市 in the usual columns: 兑换登记, 出入库台账, 资金台账 (domain.md §12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, Sum

from governance.frame.exports import CHUNK, Ledger
from governance.periods import today
from governance.sheets.writer import Column, Value
from moral_bank.models import Entry, FundMove, Move, Redemption
from moral_bank.money import yuan

RELATED = ("item", "account__household", "held_by", "handed_by", "shop__village")


def _redemption_rows(queryset: QuerySet[Redemption]) -> Iterator[Sequence[Value]]:
    """By day; 结余 is the household's balance after this redemption's own posting."""
    until = Entry.objects.filter(account=OuterRef("account"), pk__lte=OuterRef("entry")).order_by().values("account")
    balance = Subquery(until.annotate(total=Sum("points")).values("total"), output_field=IntegerField())
    rows = queryset.select_related(*RELATED).annotate(balance=balance).order_by("shop__village__path", "on", "pk")
    for number, one in enumerate(rows.iterator(chunk_size=CHUNK), start=1):
        clerks = [one.held_by.name, one.handed_by.name if one.handed_by else ""]
        yield [
            number,
            one.account.household.head_name,
            one.on,
            one.item.name,
            one.quantity,
            one.points,
            one.balance,
            one.collector,
            "、".join(name for name in clerks if name),
            one.account.household.number,
            one.shop.village.name,
            one.get_state_display(),
            one.reason or one.paper,
        ]


REDEMPTIONS = Ledger(
    "兑换登记",
    [
        Column("序号", 6),
        Column("户主", 10),
        Column("日期", 12),
        Column("物品", 16),
        Column("数量", 8),
        Column("扣减积分", 10),
        Column("结余", 10),
        Column("领取人签字", 14),
        Column("经办人", 16),
        Column("户号", 10),
        Column("村（社区）", 18),
        Column("状态", 10),
        Column("备注", 24),
    ],
    _redemption_rows,
    ["结余为登记这笔兑换后的积分余额。经办人依次为登记人、交付人。已取消、逾期退回、已退货的，积分已退回。"],
)


def _move_rows(queryset: QuerySet[Move]) -> Iterator[Sequence[Value]]:
    """By time; 结存 is the article's stock after the move."""
    until = Move.objects.filter(item=OuterRef("item"), pk__lte=OuterRef("pk")).order_by().values("item")
    left = Subquery(until.annotate(total=Sum("quantity")).values("total"), output_field=IntegerField())
    rows = queryset.select_related("item", "lot__supplier", "by", "redemption__account__household").annotate(left=left)
    for number, move in enumerate(rows.order_by("pk").iterator(chunk_size=CHUNK), start=1):
        home = move.redemption.account.household.head_name if move.redemption else ""
        yield [
            number,
            today(move.at),
            move.item.name,
            move.lot.received_on,
            move.get_kind_display(),
            move.quantity if move.quantity > 0 else "",
            -move.quantity if move.quantity < 0 else "",
            move.left,
            home or (move.lot.supplier.name if move.lot.supplier and move.kind == Move.Kind.RECEIVED else ""),
            move.reason,
            move.by.name if move.by else "自动退回",
        ]


MOVES = Ledger(
    "道德超市出入库台账",
    [
        Column("序号", 6),
        Column("日期", 12),
        Column("物品", 16),
        Column("批次（进货日期）", 16),
        Column("类别", 10),
        Column("入库", 8),
        Column("出库", 8),
        Column("结存", 8),
        Column("户主或供货单位", 18),
        Column("说明", 24),
        Column("经办人", 10),
    ],
    _move_rows,
)


def _fund_rows(queryset: QuerySet[FundMove]) -> Iterator[Sequence[Value]]:
    until = FundMove.objects.filter(shop=OuterRef("shop"), pk__lte=OuterRef("pk")).order_by().values("shop")
    left = Subquery(until.annotate(total=Sum("cents")).values("total"), output_field=IntegerField())
    rows = queryset.select_related("by").annotate(left=left).order_by("pk")
    for number, move in enumerate(rows.iterator(chunk_size=CHUNK), start=1):
        yield [
            number,
            move.on,
            move.get_kind_display(),
            move.memo,
            yuan(move.cents) if move.cents > 0 else "",
            yuan(-move.cents) if move.cents < 0 else "",
            yuan(move.left),
            move.by.name,
        ]


FUND = Ledger(
    "道德超市资金台账",
    [
        Column("序号", 6),
        Column("日期", 12),
        Column("类别", 12),
        Column("说明", 30),
        Column("收入（元）", 12),
        Column("支出（元）", 12),
        Column("结余（元）", 12),
        Column("登记人", 10),
    ],
    _fund_rows,
)
