"""Lists of the 道德超市: shops, redemptions, and what one shop has: articles, lots, suppliers, moves, money, stock-takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.frame.columns import Col, Tag, signed
from governance.frame.filters import PageFilter, PartFilter, WordsFilter
from governance.frame.forms import day_widget
from governance.frame.lists import Listing, To
from governance.periods import today
from governance.sheets.money import yuan
from moral_bank.models import Item, Lot, Move, Redemption, Shop, Supplier
from villages.filters import HouseholdFilter, InVillages, of_household
from villages.models import Household

HOME = "account__household__"
HOMES_SHOWN = 20
TONES = {"held": "waiting", "done": "good", "cancelled": "", "expired": "", "refunded": "late"}
OPEN_SHOP = "moral_bank:market-create"


def _day_filter(label: str, look_up: str) -> django_filters.DateFilter:
    widget = day_widget()
    wrong = {"invalid": "日期应写作 2026-04-08。"}
    return django_filters.DateFilter(field_name="on", lookup_expr=look_up, label=label, widget=widget, error_messages=wrong)


class RedemptionFilter(InVillages):
    place = "shop__village"
    state = django_filters.ChoiceFilter(label="状态", choices=Redemption.State.choices, empty_label="全部状态")
    since = _day_filter("从", "gte")
    until = _day_filter("到", "lte")
    q = WordsFilter("户主、户号或物品", *of_household(HOME), "item__name__contains")


class LotFilter(PageFilter):
    all = PartFilter("批次", {"": ("还有货的", lambda lots: lots.filter(stock__gt=0)), "1": ("全部", lambda lots: lots)})


class MoveFilter(PageFilter):
    kind = django_filters.ChoiceFilter(label="类别", choices=Move.Kind.choices, empty_label="全部类别")


class CustomerFilter(HouseholdFilter):
    """Whose points: those with any where nobody is looked for."""

    def filter_queryset(self, homes: QuerySet[Household]) -> QuerySet[Household]:
        matches: QuerySet[Household] = super().filter_queryset(homes)
        return matches if self.value("q") else matches.filter(account__balance__gt=0)


def _state(row: Item | Supplier | Shop, holds: bool, yes: str, no: str) -> list[Tag]:
    return [Tag(yes, "good") if holds else Tag(no)]


def clerks(redemption: Redemption) -> str:
    return "、".join(clerk.name for clerk in (redemption.held_by, redemption.handed_by) if clerk)


def _stale(lot: Lot) -> list[Tag]:
    return [Tag("已过期", "late")] if lot.best_before and lot.best_before < today() else []


def _receive(item: Item) -> str:
    return reverse("moral_bank:market-receive", args=[item.shop_id], query={"item": item.pk})


def _scrap(lot: Lot) -> str:
    return reverse("moral_bank:market-scrap", args=[lot.pk]) if lot.stock else ""


SHOPS = Listing(
    "道德超市",
    [
        Col("超市", "name", whole=True),
        Col("村（社区）", "village", sort="village__path"),
        Col("地点", "place"),
        Col("开放时间", "hours"),
        Col("待领取", "waiting", num=True, sort="waiting"),
        Col("状态", tags=lambda shop: _state(shop, shop.is_open, "开放兑换", "暂停兑换")),
    ],
    InVillages,
    href="moral_bank:market-detail",
    order=("village__path",),
    unit="个",
    actions=(To("开设超市", OPEN_SHOP, needs=(Action.FUND_EDIT,)), To("兑换登记", "moral_bank:redemption-list", first=False)),
    empty="还没有开设道德超市。",
    steps=(To("开设第一个", OPEN_SHOP, needs=(Action.FUND_EDIT,)), To("请镇工作人员开设。", "")),
    none_found="这个村（社区）还没有道德超市。",
)

REDEMPTIONS = Listing(
    "兑换登记",
    [
        Col("户主", "account.household.head_name", hint=lambda row: f"{row.account.household.number} {row.shop.village}", whole=True),
        Col("日期", "on"),
        Col("物品", "item.name"),
        Col("数量", "quantity", num=True),
        Col("扣减积分", "points", num=True),
        Col("状态", tags=lambda row: [Tag(row.get_state_display(), TONES[row.state])]),
        Col("领取人", "collector"),
        Col("经办人", clerks),
    ],
    RedemptionFilter,
    href="moral_bank:redemption-detail",
    parent=To("道德超市", "moral_bank:market-list"),
    unit="笔",
    actions=(To("凭取货码交付", "moral_bank:market-hand", needs=(Action.MARKET_HAND,)),),
    exports=(To("导出兑换登记", "moral_bank:redemption-export", needs=(Action.EXPORT,)),),
    empty="还没有兑换。",
    steps=(To("到道德超市登记", "moral_bank:market-list"),),
    none_found="没有符合的兑换。",
)

CUSTOMERS = Listing(
    "给哪一户兑换",
    [
        Col("户主", "head_name", whole=True, strong=True),
        Col("户号", "number"),
        Col("住处", "unit"),
        Col("积分余额", lambda home: home.account.balance if hasattr(home, "account") else 0, num=True),
        Col("", lambda home: "兑换", href=lambda home: reverse("moral_bank:household-redeem", args=[home.pk]), go=True),
    ],
    CustomerFilter,
    per_page=HOMES_SHOWN,
    unit="户",
    empty="还没有哪一户有积分。",
    steps=(To("请按户主姓名或户号查找。", ""),),
    none_found="没有找到这一户。",
)

ITEMS = Listing(
    "兑换目录",
    [
        Col("物品", "name", whole=True, strong=True),
        Col("兑换积分", "points", num=True),
        Col("可兑数量", lambda item: f"{item.stock} {item.unit}", num=True),
        Col("已预留", "held", num=True),
        Col("状态", tags=lambda item: _state(item, item.is_active, "上架", "已下架")),
    ],
    order=("-is_active", "points", "name"),
    unit="种",
    empty="目录里还没有物品。",
)
ITEM_LINKS = [
    Col("", lambda item: "改动", href=lambda item: reverse("moral_bank:market-item", args=[item.pk])),
    Col("", lambda item: "进货", href=_receive),
]

LOTS = Listing(
    "进货批次",
    [
        Col("物品", "item.name", whole=True, strong=True, tags=lambda lot: [Tag("捐赠")] if lot.donated else []),
        Col("进货日期", "received_on"),
        Col("批号", "number"),
        Col("供货单位", "supplier.name"),
        Col("单价（元）", "yuan", num=True),
        Col("保质期至", "best_before", tags=_stale),
        Col("可兑数量", lambda lot: f"{lot.stock} {lot.item.unit}", num=True),
        Col("验收人", "received_by.name"),
    ],
    LotFilter,
    order=("item__name", "best_before", "received_on", "pk"),
    unit="批",
    empty="现在没有货。",
    none_found="现在没有货。",
    everything=To("看看全部", "?all=1"),
)
LOT_LINKS = [Col("", lambda lot: "报损" if lot.stock else "", href=_scrap)]

SUPPLIERS = Listing(
    "供货单位",
    [
        Col("名称", "name", whole=True, strong=True),
        Col("联系人", "contact"),
        Col("联系电话", "phone"),
        Col("状态", tags=lambda supplier: _state(supplier, supplier.is_active, "在用", "停用")),
    ],
    order=("-is_active", "name"),
    unit="个",
    empty="还没有登记供货单位。",
)
SUPPLIER_LINKS = [Col("", lambda supplier: "改动", href=lambda supplier: reverse("moral_bank:market-supplier", args=[supplier.pk]))]

MOVES = Listing(
    "出入库台账",
    [
        Col("时间", "at"),
        Col("物品", "item.name", strong=True),
        Col("类别", "get_kind_display"),
        signed("数量", "quantity"),
        Col("批次", "lot.received_on"),
        Col("户主", "redemption.account.household.head_name"),
        Col("说明", "reason"),
        Col("经办人", lambda move: move.by.name if move.by else "自动退回"),
    ],
    MoveFilter,
    empty="还没有出入库，进货后出现在这里。",
    none_found="没有这一类出入库。",
)

FUND = Listing(
    "资金台账",
    [
        Col("日期", "on"),
        Col("类别", "get_kind_display"),
        Col("说明", "memo", whole=True),
        Col("金额（元）", lambda move: yuan(move.cents), num=True, tone=lambda move: "minus" if move.cents < 0 else "plus"),
        Col("登记人", "by.name"),
    ],
    empty="还没有资金。",
)

TAKES = Listing(
    "盘点记录",
    [
        Col("日期", "on", whole=True),
        Col("盘点人", "by.name"),
        Col("监盘人", "witness"),
        Col("盘点批次", "lots", num=True),
        Col("有差异", "differs", num=True),
    ],
    href="moral_bank:market-take",
    order=("-on", "-pk"),
    unit="次",
    empty="还没有盘点过。",
)


def of_shop(listing: Listing, shop: Shop, links: list[Col] | None = None, **options: Any) -> Listing:
    """A list of one shop below its page; `links` are columns for those who may use them."""
    columns = [*listing.columns, *(links or [])]
    return replace(listing, columns=columns, parent=To(shop.name, "moral_bank:market-detail", (shop.pk,)), **options)
