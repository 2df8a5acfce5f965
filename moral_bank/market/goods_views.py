"""Catalogue, lots, suppliers and the stock ledger of a 道德超市 (plan §三.4; mission M26)."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To, list_export, list_page
from governance.reading import key_asked
from moral_bank.market.exports import MOVES as LEDGER
from moral_bank.market.forms import ItemForm, LotForm, ScrapForm, SupplierForm
from moral_bank.market.lists import ITEM_LINKS, ITEMS, LOT_LINKS, LOTS, MOVES, SUPPLIER_LINKS, SUPPLIERS, of_shop
from moral_bank.market.lookups import held_of_items, may_in, shop_of
from moral_bank.market.stock import item_save, lot_receive, lot_scrap, supplier_save
from moral_bank.models import Item, Lot, Move, Shop, Supplier
from villages.scope import get_visible_or_404

WITH_FORM = "moral_bank/market/list_form.html"


@never_cache
@duty_required(Action.MARKET_VIEW)
def item_list(request: UserRequest, pk: int) -> HttpResponse:
    """目录, with a line for a new article below it."""
    shop = shop_of(request, pk)
    may = may_in(request.user, shop)["may_stock"]
    form = ItemForm(**sent(request)) if may else None
    if form and act(request, form, item_save, lambda item: f"“{item.name}”已加入目录，进货后就能兑换。", shop=shop, by=request.user):
        return redirect("moral_bank:market-items", pk=pk)
    listing = of_shop(ITEMS, shop, ITEM_LINKS if may else None, steps=(To("在下面加第一种。", ""),) if may else ())
    rows = Item.objects.filter(shop=shop).annotate(held=held_of_items())
    return list_page(request, listing, rows, WITH_FORM, form=form, form_title="加一种物品", button="加入目录")


@never_cache
@duty_required(Action.MARKET_STOCK)
def item_edit(request: UserRequest, pk: int) -> HttpResponse:
    items = Item.objects.select_related("shop__village")
    item = get_visible_or_404(items, request.user, Action.MARKET_STOCK, pk=pk)
    form = ItemForm(**sent(request), initial={name: getattr(item, name) for name in ItemForm.base_fields})
    if act(request, form, item_save, "已保存。已预留的兑换仍按登记时的积分。", shop=item.shop, item=item, by=request.user):
        return redirect("moral_bank:market-items", pk=item.shop_id)
    return form_page(request, form, title=f"改动{item.name}", up=_up("目录", "items", item.shop))


@duty_required(Action.MARKET_VIEW)
def lot_list(request: UserRequest, pk: int) -> HttpResponse:
    """Lots that are not used up, or all of them."""
    shop = shop_of(request, pk)
    may, receive = may_in(request.user, shop)["may_stock"], To("进货", "moral_bank:market-receive", (pk,))
    actions = (receive, replace(receive, label="登记进货")) if may else ()
    listing = of_shop(LOTS, shop, LOT_LINKS if may else None, actions=actions[:1], steps=actions[1:])
    return list_page(request, listing, Lot.objects.filter(item__shop=shop).select_related("item", "supplier", "received_by"))


@never_cache
@duty_required(Action.MARKET_STOCK)
def lot_create(request: UserRequest, pk: int) -> HttpResponse:
    """进货: paid out of the fund, or donated."""
    shop = shop_of(request, pk, Action.MARKET_STOCK)
    form = LotForm(**sent(request), shop=shop, initial={"item": key_asked(request, "item") or None})
    if act(request, form, lot_receive, _received, by=request.user):
        return redirect("moral_bank:market-lots", pk=pk)
    return form_page(request, form, title="进货", up=_up("进货批次", "lots", shop))


@never_cache
@duty_required(Action.MARKET_STOCK)
def lot_scrap_view(request: UserRequest, pk: int) -> HttpResponse:
    lots = Lot.objects.select_related("item__shop__village")
    lot = get_visible_or_404(lots, request.user, Action.MARKET_STOCK, pk=pk)
    form = ScrapForm(**sent(request), initial={"quantity": lot.stock})
    item, terms = lot.item, {"lot": lot, "by": request.user}
    if act(request, form, lot_scrap, lambda move: f"已报损 {item.name} {-move.quantity} {item.unit}。", **terms):
        return redirect("moral_bank:market-lots", pk=item.shop_id)
    title = f"报损：{item.name}（{lot.received_on} 进货，现有 {lot.stock} {item.unit}）"
    return form_page(request, form, title=title, up=_up("进货批次", "lots", item.shop))


@never_cache
@duty_required(Action.MARKET_VIEW)
def supplier_list(request: UserRequest, pk: int) -> HttpResponse:
    shop = shop_of(request, pk)
    may = may_in(request.user, shop)["may_stock"]
    form = SupplierForm(**sent(request)) if may else None
    if form and act(request, form, supplier_save, lambda row: f"已登记供货单位“{row.name}”。", village=shop.village, by=request.user):
        return redirect("moral_bank:market-suppliers", pk=pk)
    listing = of_shop(SUPPLIERS, shop, SUPPLIER_LINKS if may else None)
    rows = Supplier.objects.filter(village=shop.village)
    return list_page(request, listing, rows, WITH_FORM, form=form, form_title="登记供货单位", button="保存")


@never_cache
@duty_required(Action.MARKET_STOCK)
def supplier_edit(request: UserRequest, pk: int) -> HttpResponse:
    suppliers = Supplier.objects.select_related("village__shop")
    supplier = get_visible_or_404(suppliers, request.user, Action.MARKET_STOCK, pk=pk)
    form = SupplierForm(**sent(request), initial={name: getattr(supplier, name) for name in SupplierForm.base_fields})
    if act(request, form, supplier_save, "已保存。", village=supplier.village, supplier=supplier, by=request.user):
        return redirect("moral_bank:market-suppliers", pk=supplier.village.shop.pk)
    return form_page(request, form, title=f"改动{supplier.name}", up=_up("供货单位", "suppliers", supplier.village.shop))


@duty_required(Action.MARKET_VIEW)
def move_list(request: UserRequest, pk: int) -> HttpResponse:
    """出入库台账."""
    shop, export = shop_of(request, pk), To("导出台账", "moral_bank:market-moves-export", (pk,))
    may = may_in(request.user, shop)["may_export"]
    rows = Move.objects.filter(item__shop=shop).select_related("item", "lot", "by", "redemption__account__household")
    return list_page(request, of_shop(MOVES, shop, exports=(export,) if may else ()), rows)


@duty_required(Action.EXPORT)
def move_export(request: UserRequest, pk: int) -> HttpResponseBase:
    shop = shop_of(request, pk, Action.EXPORT)
    rows = Move.objects.filter(item__shop=shop)
    return list_export(request, MOVES, rows, LEDGER, reverse("moral_bank:market-moves", args=[pk]))


def _received(lot: Lot) -> str:
    quantity = lot.moves.get(kind=Move.Kind.RECEIVED).quantity
    paid = "捐赠入库，未付款" if lot.donated else "货款已从资金里支出"
    return f"{lot.item.name} {quantity} {lot.item.unit}已入库，{paid}。"


def _up(label: str, page: str, shop: Shop) -> To:
    return To(label, f"moral_bank:market-{page}", (shop.pk,))
