"""Opening a 道德超市, its settings, and the ledger of its money (plan §三.4; mission M26)."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from moral_bank.market.exports import FUND
from moral_bank.market.forms import FundForm, ShopForm, ShopOpenForm, cents
from moral_bank.market.lookups import may_in, shop_of
from moral_bank.market.stock import fund_move, shop_change, shop_open
from moral_bank.models import FundMove
from moral_bank.money import yuan


@never_cache
@duty_required(Action.FUND_EDIT)
def shop_create(request: UserRequest) -> HttpResponse:
    form = ShopOpenForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            shop = shop_open(
                village=said["village"], details=form.details(), fund_cents=cents(said["fund"]), by=request.user
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"{shop.name}已开设，请村里建目录、进货。")
            return redirect("moral_bank:market-detail", pk=shop.pk)
    return render(request, "moral_bank/market/settings.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@duty_required(Action.MARKET_STOCK)
def shop_edit(request: UserRequest, pk: int) -> HttpResponse:
    shop = shop_of(request, pk, Action.MARKET_STOCK)
    initial = {name: getattr(shop, name) for name in ("name", "place", "hours", "hold_days", "is_open")}
    form = ShopForm(request.POST or None, initial={**initial, "rate": Decimal(shop.cents_per_point) / 100})
    if request.method == "POST" and form.is_valid():
        try:
            shop_change(shop=shop, details=form.details(), by=request.user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "已保存。")
            return redirect("moral_bank:market-detail", pk=pk)
    context = {"form": form, "shop": shop, **may_in(request.user, shop)}
    return render(request, "moral_bank/market/settings.html", context, status=422 if form.errors else 200)


@never_cache
@duty_required(Action.MARKET_VIEW)
def fund(request: UserRequest, pk: int) -> HttpResponse:
    """资金台账, and the form for those who answer for the money."""
    shop = shop_of(request, pk)
    may = may_in(request.user, shop)
    form = FundForm(request.POST if request.method == "POST" and may["may_fund"] else None)
    if form.is_bound and form.is_valid():
        try:
            move = fund_move(shop=shop, by=request.user, client_key=uuid4(), **form.said())
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已登记{move.get_kind_display()} {yuan(move.cents)} 元。")
            return redirect("moral_bank:market-fund", pk=pk)
    moves = FundMove.objects.filter(shop=shop)
    page = page_of(request, moves.select_related("by").order_by("-pk"))
    context = {
        "shop": shop,
        "form": form,
        "page": page,
        "lines": [(move, yuan(move.cents)) for move in page.object_list],
        "total": yuan(moves.aggregate(total=Sum("cents"))["total"] or 0),
        **may,
    }
    return render(request, "moral_bank/market/fund.html", context, status=422 if form.errors else 200)


@duty_required(Action.EXPORT)
def fund_export(request: UserRequest, pk: int) -> HttpResponseBase:
    shop = shop_of(request, pk, Action.EXPORT)
    try:
        return ledger_response(FUND, FundMove.objects.filter(shop=shop), request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("moral_bank:market-fund", pk=pk)
