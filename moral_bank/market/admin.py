"""Staff pages of the 道德超市: all villages' shops, to look at and to export; they are kept on the desk (plan §三.4)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ScopedModelAdmin, object_button
from governance.sheets.money import yuan
from moral_bank.market.exports import FUND, MOVES, REDEMPTIONS
from moral_bank.models import FundMove, Item, Lot, Move, Redemption, Shop, StockTake, Supplier
from villages.admin_lists import village_filter


@admin.register(Shop)
class ShopAdmin(ScopedModelAdmin):
    view_action = Action.MARKET_VIEW
    list_display = ["name", "village", "place", "hours", "rate", "hold_days", "is_open"]
    list_filter = ["is_open", village_filter("village")]
    search_fields = ["name", "village__name"]
    search_help_text = "按超市或村（社区）查找"
    fields = ["name", "village", ("place", "hours"), ("rate", "hold_days"), "is_open"]
    readonly_fields = ["rate"]
    actions_detail = ["page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Shop]:
        return super().get_queryset(request).select_related("village")

    @admin.display(description="每 1 积分折合（元）")
    def rate(self, shop: Shop) -> str:
        return yuan(shop.cents_per_point)

    @object_button(Action.MARKET_VIEW, "柜台", "fact_check")
    def page(self, request: UserRequest, shop: Shop) -> HttpResponseBase:
        return redirect("moral_bank:market-detail", pk=shop.pk)


@admin.register(Item)
class ItemAdmin(ScopedModelAdmin):
    view_action = Action.MARKET_VIEW
    list_display = ["name", "shop", "points", "stock", "unit", "is_active"]
    list_filter = ["is_active", village_filter("shop__village")]
    search_fields = ["name"]
    search_help_text = "按物品查找"
    fields = ["name", "shop", ("points", "unit"), "is_active"]
    list_select_related = ["shop"]


@admin.register(Supplier)
class SupplierAdmin(ScopedModelAdmin):
    view_action = Action.MARKET_VIEW
    list_display = ["name", "village", "contact", "phone", "is_active"]
    list_filter = ["is_active", village_filter("village")]
    search_fields = ["name"]
    search_help_text = "按供货单位查找"
    fields = ["name", "village", ("contact", "phone"), "is_active"]
    list_select_related = ["village"]


@admin.register(Lot)
class LotAdmin(ScopedModelAdmin):
    view_action = Action.MARKET_VIEW
    list_display = ["item", "received_on", "supplier", "price", "best_before", "stock", "donated", "received_by"]
    list_filter = ["donated", ("best_before", RangeDateFilter), village_filter("item__shop__village")]
    search_fields = ["item__name", "number"]
    search_help_text = "按物品或批号查找"
    fields = ["item", ("received_on", "best_before"), ("supplier", "number"), ("price", "donated"), "stock", "received_by"]
    readonly_fields = ["price"]
    list_select_related = ["item", "supplier", "received_by"]

    @admin.display(description="单价（元）")
    def price(self, lot: Lot) -> str:
        return lot.yuan


@admin.register(Redemption)
class RedemptionAdmin(ScopedModelAdmin):
    """Without the code, which belongs on the slip only."""

    view_action = Action.MARKET_VIEW
    ledger = REDEMPTIONS
    list_display = ["on", "home", "village", "item", "quantity", "points", "state", "held_by", "handed_by"]
    list_filter = [("state", ChoicesDropdownFilter), village_filter("shop__village"), ("on", RangeDateFilter)]
    search_fields = ["account__household__head_name", "account__household__number", "item__name"]
    search_help_text = "按户主、户号或物品查找"
    fields = [
        "home", "shop", ("item", "quantity", "points"), "state", ("on", "paper"), ("held_by", "held_at", "expires_at"),
        ("handed_by", "handed_at", "collector"), ("ended_by", "ended_at", "reason"), "entry",
    ]  # fmt: skip
    readonly_fields = ["home"]
    actions_detail = ["page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Redemption]:
        related = ("account__household", "shop__village", "item", "held_by", "handed_by", "ended_by", "entry")
        return super().get_queryset(request).select_related(*related)

    @admin.display(description="户")
    def home(self, redemption: Redemption) -> str:
        return str(redemption.account.household)

    @admin.display(description="村（社区）")
    def village(self, redemption: Redemption) -> str:
        return str(redemption.shop.village)

    @object_button(Action.MARKET_VIEW, "办理经过", "fact_check")
    def page(self, request: UserRequest, redemption: Redemption) -> HttpResponseBase:
        return redirect("moral_bank:redemption-detail", pk=redemption.pk)


@admin.register(Move)
class MoveAdmin(ScopedModelAdmin):
    view_action = Action.MARKET_VIEW
    ledger = MOVES
    list_display = ["at", "item", "kind", "quantity", "lot", "reason", "by"]
    list_filter = [("kind", ChoicesDropdownFilter), village_filter("item__shop__village"), ("at", RangeDateFilter)]
    search_fields = ["item__name", "reason"]
    search_help_text = "按物品或说明查找"
    fields = ["item", "lot", ("kind", "quantity"), "redemption", "stock_take", "reason", ("by", "at")]

    def get_queryset(self, request: UserRequest) -> QuerySet[Move]:
        related = ("item", "lot__item", "by", "redemption__item", "stock_take__shop")
        return super().get_queryset(request).select_related(*related)


@admin.register(StockTake)
class StockTakeAdmin(ScopedModelAdmin):
    view_action = Action.MARKET_VIEW
    list_display = ["on", "shop", "by", "witness", "at"]
    list_filter = [village_filter("shop__village"), ("on", RangeDateFilter)]
    search_fields = ["shop__name", "witness"]
    search_help_text = "按超市或监盘人查找"
    fields = ["shop", "on", ("by", "witness"), "at"]
    list_select_related = ["shop", "by"]
    actions_detail = ["page"]

    @object_button(Action.MARKET_VIEW, "盘点明细", "fact_check")
    def page(self, request: UserRequest, take: StockTake) -> HttpResponseBase:
        return redirect("moral_bank:market-take", pk=take.pk)


@admin.register(FundMove)
class FundMoveAdmin(ScopedModelAdmin):
    view_action = Action.MARKET_VIEW
    ledger = FUND
    list_display = ["on", "shop", "kind", "amount", "memo", "by"]
    list_filter = [("kind", ChoicesDropdownFilter), village_filter("shop__village"), ("on", RangeDateFilter)]
    search_fields = ["memo"]
    search_help_text = "按说明查找"
    fields = ["shop", ("kind", "amount"), "on", "memo", ("by", "at")]
    readonly_fields = ["amount"]
    list_select_related = ["shop", "by"]

    @admin.display(description="金额（元）")
    def amount(self, move: FundMove) -> str:
        return yuan(move.cents)
