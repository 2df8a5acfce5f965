"""Opening a 道德超市, its settings, and the ledger of its money (plan §三.4; mission M26)."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To, list_export, list_page
from governance.sheets.money import yuan
from moral_bank.market.exports import FUND as LEDGER
from moral_bank.market.forms import FundForm, ShopForm, ShopOpenForm
from moral_bank.market.lists import FUND, of_shop
from moral_bank.market.lookups import may_in, shop_of
from moral_bank.market.stock import fund_move, shop_change, shop_open
from moral_bank.models import FundMove


@never_cache
@duty_required(Action.FUND_EDIT)
def shop_create(request: UserRequest) -> HttpResponse:
    form = ShopOpenForm(**sent(request), user=request.user)
    done = act(request, form, shop_open, lambda shop: f"{shop.name}已开设，请村里建目录、进货。", by=request.user)
    if done:
        return redirect("moral_bank:market-detail", pk=done.result.pk)
    context = {"title": "开设道德超市", "up": To("道德超市", "moral_bank:market-list")}
    return form_page(request, form, "moral_bank/market/settings.html", **context)


@never_cache
@duty_required(Action.MARKET_STOCK)
def shop_edit(request: UserRequest, pk: int) -> HttpResponse:
    shop = shop_of(request, pk, Action.MARKET_STOCK)
    initial = {name: getattr(shop, name) for name in ("name", "place", "hours", "hold_days", "is_open")}
    form = ShopForm(**sent(request), initial={**initial, "rate": Decimal(shop.cents_per_point) / 100})
    if act(request, form, shop_change, "已保存。", shop=shop, by=request.user):
        return redirect("moral_bank:market-detail", pk=pk)
    context = {"title": "超市设置", "up": To(shop.name, "moral_bank:market-detail", (pk,)), "shop": shop}
    return form_page(request, form, "moral_bank/market/settings.html", **context, **may_in(request.user, shop))


@never_cache
@duty_required(Action.MARKET_VIEW)
def fund(request: UserRequest, pk: int) -> HttpResponse:
    """资金台账, and the form for those who answer for the money."""
    shop = shop_of(request, pk)
    may = may_in(request.user, shop)
    form = FundForm(**sent(request)) if may["may_fund"] else None
    if form and act(request, form, fund_move, _moved, shop=shop, by=request.user):
        return redirect("moral_bank:market-fund", pk=pk)
    exports = (To("导出台账", "moral_bank:market-fund-export", (pk,)),) if may["may_export"] else ()
    step = To("在下面登记拨入或捐赠。" if form else "请镇工作人员登记拨入或捐赠。", "")
    rows = FundMove.objects.filter(shop=shop)
    context = {"form_title": "登记资金", "button": "保存", "total": yuan(rows.aggregate(total=Sum("cents"))["total"] or 0)}
    listing = of_shop(FUND, shop, exports=exports, steps=(step,))
    return list_page(request, listing, rows.select_related("by"), "moral_bank/market/fund.html", form=form, **context)


@duty_required(Action.EXPORT)
def fund_export(request: UserRequest, pk: int) -> HttpResponseBase:
    shop = shop_of(request, pk, Action.EXPORT)
    rows = FundMove.objects.filter(shop=shop)
    return list_export(request, FUND, rows, LEDGER, reverse("moral_bank:market-fund", args=[pk]))


def _moved(move: FundMove) -> str:
    return f"已登记{move.get_kind_display()} {yuan(move.cents)} 元。"
