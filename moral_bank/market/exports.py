"""Ledgers of the 道德超市 in the usual columns: 兑换登记, 出入库台账, 资金台账 (domain.md §12)."""

from __future__ import annotations

from typing import Any

from django.db.models import IntegerField, Model, OuterRef, Subquery, Sum

from governance.frame.columns import Col, day_of
from governance.frame.exports import Ledger
from governance.sheets.money import yuan
from moral_bank.market.lists import clerks
from moral_bank.models import Entry, FundMove, Move


def _until(model: type[Model], key: str, amount: str, last: str = "pk") -> Subquery:
    """Σ `amount` of the rows with the same `key` up to this one: what was left after it."""
    rows: Any = model._default_manager.filter(**{key: OuterRef(key)}, pk__lte=OuterRef(last)).order_by()
    return Subquery(rows.values(key).annotate(total=Sum(amount)).values("total"), output_field=IntegerField())


def _customer(move: Move) -> str:
    if move.redemption:
        return move.redemption.account.household.head_name
    return move.lot.supplier.name if move.lot.supplier and move.kind == Move.Kind.RECEIVED else ""


REDEMPTIONS = Ledger.of(
    "兑换登记",
    [
        Col("户主", "account.household.head_name", width=10),
        Col("日期", "on"),
        Col("物品", "item.name", width=16),
        Col("数量", "quantity", width=8),
        Col("扣减积分", "points", width=10),
        Col("结余", "balance", width=10),
        Col("领取人签字", "collector", width=14),
        Col("经办人", clerks, width=16),
        Col("户号", "account.household.number", width=10),
        Col("村（社区）", "shop.village.name", width=18),
        Col("状态", "get_state_display", width=10),
        Col("备注", lambda redemption: redemption.reason or redemption.paper, width=24),
    ],
    related=("item", "account__household", "held_by", "handed_by", "shop__village"),
    figures={"balance": _until(Entry, "account", "points", "entry")},
    order=("shop__village__path", "on", "pk"),
    state="状态",
    numbered=True,
    notes=["结余为登记这笔兑换后的积分余额。经办人依次为登记人、交付人。已取消、逾期退回、已退货的，积分已退回。"],
)

MOVES = Ledger.of(
    "道德超市出入库台账",
    [
        Col("日期", day_of("at")),
        Col("物品", "item.name", width=16),
        Col("批次（进货日期）", "lot.received_on", width=16),
        Col("类别", "get_kind_display", width=10),
        Col("入库", lambda move: move.quantity if move.quantity > 0 else "", width=8),
        Col("出库", lambda move: -move.quantity if move.quantity < 0 else "", width=8),
        Col("结存", "left", width=8),
        Col("户主或供货单位", _customer, width=18),
        Col("说明", "reason", width=24),
        Col("经办人", lambda move: move.by.name if move.by else "自动退回", width=10),
    ],
    related=("item", "lot__supplier", "by", "redemption__account__household"),
    figures={"left": _until(Move, "item", "quantity")},
    numbered=True,
)

FUND = Ledger.of(
    "道德超市资金台账",
    [
        Col("日期", "on"),
        Col("类别", "get_kind_display"),
        Col("说明", "memo", width=30),
        Col("收入（元）", lambda move: yuan(move.cents) if move.cents > 0 else ""),
        Col("支出（元）", lambda move: yuan(-move.cents) if move.cents < 0 else ""),
        Col("结余（元）", lambda move: yuan(move.left)),
        Col("登记人", "by.name", width=10),
    ],
    related=("by",),
    figures={"left": _until(FundMove, "shop", "cents")},
    numbered=True,
)
