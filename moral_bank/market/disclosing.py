"""What a village discloses of its 道德超市: goods in and out, and the fund, of a period, from the records (plan §三.1)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from governance.disclosure.affairs.filling import Filled
from governance.periods import Period
from governance.sheets.money import yuan
from moral_bank.models import FundMove, Item, Move
from villages.models import Unit

COLUMNS = ["序号", "物资", "收入", "兑换", "其他", "结存"]


def market_disclosed(village: Unit, period: Period) -> Filled:
    """By article: received, redeemed (less what came back), counted and scrapped, and what was left at the period's end."""
    begins, ends = period.bounds()
    within, until = Q(moves__at__gte=begins, moves__at__lt=ends), Q(moves__at__lt=ends)
    kind = Move.Kind
    items = Item.objects.filter(shop__village=village).annotate(
        got=_sum(within, kind.RECEIVED),
        used=_sum(within, kind.HELD, kind.RETURNED),
        other=_sum(within, kind.COUNTED, kind.SCRAPPED),
        left=_sum(until),
    )
    rows = [
        [f"{item.name}（{item.unit}）", str(item.got), str(-item.used), str(item.other), str(item.left)]
        for item in items.order_by("name", "pk")
        if item.got or item.used or item.other or item.left
    ]
    numbered = [[str(number), *row] for number, row in enumerate(rows, 1)]
    return Filled(COLUMNS if rows else [], numbered, _fund_words(village, period), f"道德超市出入库和资金台账，{period.label}")


def _sum(when: Q, *kinds: str) -> Any:
    return Coalesce(Sum("moves__quantity", filter=when & Q(moves__kind__in=kinds) if kinds else when), 0)


def _fund_words(village: Unit, period: Period) -> str:
    within = Q(on__gte=period.start, on__lt=period.end)
    sums = FundMove.objects.filter(shop__village=village, on__lt=period.end).aggregate(
        got=Coalesce(Sum("cents", filter=within & Q(cents__gt=0)), 0),
        paid=Coalesce(Sum("cents", filter=within & Q(cents__lt=0)), 0),
        left=Coalesce(Sum("cents"), 0),
    )
    return f"资金：本期收入 {yuan(sums['got'])} 元，支出 {yuan(-sums['paid'])} 元，期末结余 {yuan(sums['left'])} 元。"

