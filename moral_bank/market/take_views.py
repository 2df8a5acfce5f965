"""盘点 of a 道德超市: the sheet to carry to the shelf, the form, what came out (plan §三.4; mission M26)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.frame.paging import page_of
from moral_bank.market.forms import TakeForm
from moral_bank.market.lookups import may_in, shop_of
from moral_bank.market.services import MarketError
from moral_bank.market.stock import on_shelf, stock_take
from moral_bank.models import Lot, Shop, StockTake
from villages.scope import get_visible_or_404


@duty_required(Action.MARKET_VIEW)
def take_list(request: UserRequest, pk: int) -> HttpResponse:
    shop = shop_of(request, pk)
    differs = Count("counts", filter=~Q(counts__counted=F("counts__expected")))
    takes = StockTake.objects.filter(shop=shop).select_related("by").annotate(lots=Count("counts"), differs=differs)
    page = page_of(request, takes.order_by("-on", "-pk"))
    return render(request, "moral_bank/market/takes.html", {"shop": shop, "page": page, **may_in(request.user, shop)})


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
    lots = _shelf(shop)
    form = TakeForm(request.POST or None)
    errors: dict[int, str] = {}
    if request.method == "POST" and form.is_valid():
        take, errors = _taken(request, form, shop, lots)
        if take is not None:
            messages.success(request, "盘点已保存，差异已记入出入库台账。")
            return redirect("moral_bank:market-take", pk=take.pk)
    lines = [
        (lot, form.data.get(f"counted-{lot.pk}", ""), form.data.get(f"reason-{lot.pk}", ""), errors.get(lot.pk, ""))
        for lot in lots
    ]
    context = {"shop": shop, "form": form, "lines": lines}
    return render(request, "moral_bank/market/take_form.html", context, status=422 if form.errors else 200)


def _taken(
    request: UserRequest, form: TakeForm, shop: Shop, lots: Sequence[Lot]
) -> tuple[StockTake | None, dict[int, str]]:
    """The stock-take, or what is wrong with each lot."""
    lines, errors = form.lines(lots)
    if errors:
        form.add_error(None, "有几行要改，盘点还没有保存。")
        return None, errors
    said = form.cleaned_data
    try:
        return stock_take(shop=shop, lines=lines, by=request.user, client_key=uuid4(), **said), {}
    except DomainError as error:
        form.add_error(None, error.message)
        rows = error.rows if isinstance(error, MarketError) else {}
        return None, {lines[row].lot.pk: reason for row, reason in rows.items()}


def _shelf(shop: Shop) -> list[Lot]:
    return list(on_shelf(shop).order_by("item__name", "best_before", "received_on", "pk"))
