"""盘点 of a 道德超市: the sheet to carry to the shelf, the form, what came out (plan §三.4; mission M26)."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To, list_page
from governance.periods import today
from moral_bank.market.forms import TakeForm
from moral_bank.market.lists import TAKES, of_shop
from moral_bank.market.lookups import may_in, shop_of
from moral_bank.market.stock import on_shelf, stock_take
from moral_bank.market.witnesses import witnesses_likely
from moral_bank.models import Lot, Shop, StockTake
from villages.scope import get_visible_or_404


@duty_required(Action.MARKET_VIEW)
def take_list(request: UserRequest, pk: int) -> HttpResponse:
    shop = shop_of(request, pk)
    differs = Count("counts", filter=~Q(counts__counted=F("counts__expected")))
    rows = StockTake.objects.filter(shop=shop).select_related("by").annotate(lots=Count("counts"), differs=differs)
    take = To("盘点", "moral_bank:market-take-create", (pk,))
    actions = (take, replace(take, label="盘点一次")) if may_in(request.user, shop)["may_stock"] else ()
    return list_page(request, of_shop(TAKES, shop, actions=actions[:1], steps=actions[1:]), rows)


@duty_required(Action.MARKET_VIEW)
def take_detail(request: UserRequest, pk: int) -> HttpResponse:
    take = get_visible_or_404(StockTake.objects.select_related("shop__village", "by"), request.user, pk=pk)
    counts = take.counts.select_related("lot__item").annotate(differs=F("counted") - F("expected"))
    context = {"take": take, "shop": take.shop, "counts": counts.order_by("lot__item__name", "lot")}
    return render(request, "moral_bank/market/take.html", context)


@duty_required(Action.MARKET_STOCK)
def take_sheet(request: UserRequest, pk: int) -> HttpResponse:
    """盘点表 to print: what the books say, an empty cell for what is found."""
    shop = shop_of(request, pk, Action.MARKET_STOCK)
    context = {"shop": shop, "lots": _shelf(shop)}
    return render(request, "moral_bank/market/print_take.html", context)


@never_cache
@duty_required(Action.MARKET_STOCK)
def take_create(request: UserRequest, pk: int) -> HttpResponse:
    shop = shop_of(request, pk, Action.MARKET_STOCK)
    form = TakeForm(**sent(request), shop=shop, lots=_shelf(shop))
    terms = {"shop": shop, "by": request.user}
    done = act(request, form, stock_take, "盘点已保存，差异已记入出入库台账。", **terms)
    if done:
        return redirect("moral_bank:market-take", pk=done.result.pk)
    names = witnesses_likely(shop.village, request.user, today())
    return form_page(request, form, "moral_bank/market/take_form.html", shop=shop, names=names)


def _shelf(shop: Shop) -> list[Lot]:
    return list(on_shelf(shop).order_by("item__name", "best_before", "received_on", "pk"))
