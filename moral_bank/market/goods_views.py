"""Catalogue, lots, suppliers and the stock ledger of a 道德超市 (plan §三.4; mission M26)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from governance.periods import today
from moral_bank.market.exports import MOVES
from moral_bank.market.forms import ItemForm, LotForm, ScrapForm, SupplierForm
from moral_bank.market.lookups import held_of_items, may_in, shop_of
from moral_bank.market.stock import item_save, lot_receive, lot_scrap, supplier_save
from moral_bank.models import Item, Lot, Move, Shop, Supplier
from villages.scope import get_visible_or_404


@never_cache
@duty_required(Action.MARKET_VIEW)
def item_list(request: UserRequest, pk: int) -> HttpResponse:
    """目录, with a line for a new article below it."""
    shop = shop_of(request, pk)
    may = may_in(request.user, shop)
    form = ItemForm(request.POST if request.method == "POST" and may["may_stock"] else None)
    if form.is_bound and form.is_valid():
        try:
            item_save(shop=shop, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"“{form.cleaned_data['name']}”已加入目录，进货后就能兑换。")
            return redirect("moral_bank:market-items", pk=pk)
    items = Item.objects.filter(shop=shop).annotate(held=held_of_items()).order_by("-is_active", "points", "name")
    context = {"shop": shop, "form": form, "page": page_of(request, items), **may}
    return render(request, "moral_bank/market/items.html", context, status=422 if form.errors else 200)


@never_cache
@duty_required(Action.MARKET_STOCK)
def item_edit(request: UserRequest, pk: int) -> HttpResponse:
    items = Item.objects.select_related("shop__village")
    item = get_visible_or_404(items, request.user, Action.MARKET_STOCK, pk=pk)
    initial = {name: getattr(item, name) for name in ItemForm.base_fields}
    form = ItemForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            item_save(shop=item.shop, item=item, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "已保存。已预留的兑换仍按登记时的积分。")
            return redirect("moral_bank:market-items", pk=item.shop_id)
    return _form(request, form, item.shop, f"改动{item.name}", "market-items", "目录")


@duty_required(Action.MARKET_VIEW)
def lot_list(request: UserRequest, pk: int) -> HttpResponse:
    """Lots that are not used up, or all of them."""
    shop = shop_of(request, pk)
    lots = Lot.objects.filter(item__shop=shop).select_related("item", "supplier", "received_by")
    everything = bool(request.GET.get("all"))
    if not everything:
        lots = lots.filter(stock__gt=0)
    page = page_of(request, lots.order_by("item__name", "best_before", "received_on", "pk"))
    context = {"shop": shop, "page": page, "everything": everything, "today": today(), **may_in(request.user, shop)}
    return render(request, "moral_bank/market/lots.html", context)


@never_cache
@duty_required(Action.MARKET_STOCK)
def lot_create(request: UserRequest, pk: int) -> HttpResponse:
    """进货: paid out of the fund, or donated."""
    shop = shop_of(request, pk, Action.MARKET_STOCK)
    form = LotForm(request.POST or None, shop=shop, initial={"item": request.GET.get("item")})
    if request.method == "POST" and form.is_valid():
        try:
            lot = lot_receive(delivery=form.delivery(), by=request.user, client_key=uuid4())
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            paid = "捐赠入库，未付款" if lot.donated else "货款已从资金里支出"
            messages.success(request, f"{lot.item.name} {form.cleaned_data['quantity']} {lot.item.unit}已入库，{paid}。")
            return redirect("moral_bank:market-lots", pk=pk)
    return _form(request, form, shop, "进货", "market-lots", "进货批次")


@never_cache
@duty_required(Action.MARKET_STOCK)
def lot_scrap_view(request: UserRequest, pk: int) -> HttpResponse:
    lots = Lot.objects.select_related("item__shop__village")
    lot = get_visible_or_404(lots, request.user, Action.MARKET_STOCK, pk=pk)
    form = ScrapForm(request.POST or None, initial={"quantity": lot.stock})
    if request.method == "POST" and form.is_valid():
        try:
            lot_scrap(lot=lot, by=request.user, client_key=uuid4(), **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已报损 {lot.item.name} {form.cleaned_data['quantity']} {lot.item.unit}。")
            return redirect("moral_bank:market-lots", pk=lot.item.shop_id)
    title = f"报损：{lot.item.name}（{lot.received_on} 进货，现有 {lot.stock} {lot.item.unit}）"
    return _form(request, form, lot.item.shop, title, "market-lots", "进货批次")


@never_cache
@duty_required(Action.MARKET_VIEW)
def supplier_list(request: UserRequest, pk: int) -> HttpResponse:
    shop = shop_of(request, pk)
    may = may_in(request.user, shop)
    form = SupplierForm(request.POST if request.method == "POST" and may["may_stock"] else None)
    if form.is_bound and form.is_valid():
        try:
            supplier_save(village=shop.village, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已登记供货单位“{form.cleaned_data['name']}”。")
            return redirect("moral_bank:market-suppliers", pk=pk)
    suppliers = Supplier.objects.filter(village=shop.village).order_by("-is_active", "name")
    context = {"shop": shop, "form": form, "page": page_of(request, suppliers), **may}
    return render(request, "moral_bank/market/suppliers.html", context, status=422 if form.errors else 200)


@never_cache
@duty_required(Action.MARKET_STOCK)
def supplier_edit(request: UserRequest, pk: int) -> HttpResponse:
    suppliers = Supplier.objects.select_related("village__shop")
    supplier = get_visible_or_404(suppliers, request.user, Action.MARKET_STOCK, pk=pk)
    initial = {name: getattr(supplier, name) for name in SupplierForm.base_fields}
    form = SupplierForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            supplier_save(village=supplier.village, supplier=supplier, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "已保存。")
            return redirect("moral_bank:market-suppliers", pk=supplier.village.shop.pk)
    return _form(request, form, supplier.village.shop, f"改动{supplier.name}", "market-suppliers", "供货单位")


@duty_required(Action.MARKET_VIEW)
def move_list(request: UserRequest, pk: int) -> HttpResponse:
    """出入库台账."""
    shop, kind = shop_of(request, pk), request.GET.get("kind", "")
    moves = _moves(shop, kind).select_related("item", "lot", "by", "redemption__account__household")
    context = {
        "shop": shop,
        "page": page_of(request, moves.order_by("-pk")),
        "kinds": Move.Kind.choices,
        "kind": kind,
        **may_in(request.user, shop),
    }
    return render(request, "moral_bank/market/moves.html", context)


@duty_required(Action.EXPORT)
def move_export(request: UserRequest, pk: int) -> HttpResponseBase:
    shop = shop_of(request, pk, Action.EXPORT)
    try:
        return ledger_response(MOVES, _moves(shop, request.GET.get("kind", "")), request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("moral_bank:market-moves", pk=pk)


def _moves(shop: Shop, kind: str) -> Any:
    moves = Move.objects.filter(item__shop=shop)
    return moves.filter(kind=kind) if kind in Move.Kind.values else moves


def _form(request: UserRequest, form: Any, shop: Shop, title: str, back: str, back_title: str) -> HttpResponse:
    """One form on a page of its own."""
    context = {"form": form, "shop": shop, "title": title, "back": f"moral_bank:{back}", "back_title": back_title}
    return render(request, "moral_bank/market/form.html", context, status=422 if form.errors else 200)
