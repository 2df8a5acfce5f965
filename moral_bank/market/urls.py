"""Addresses of the 道德超市."""

from __future__ import annotations

from django.urls import path

from moral_bank.market import fund_views, goods_views, paper_views, redemption_views, take_views, views

urlpatterns = [
    path("market/", views.shop_list, name="market-list"),
    path("market/new/", fund_views.shop_create, name="market-create"),
    path("market/hand/", redemption_views.by_code, name="market-hand"),
    path("market/<int:pk>/", views.shop_detail, name="market-detail"),
    path("market/<int:pk>/settings/", fund_views.shop_edit, name="market-edit"),
    path("market/<int:pk>/redeem/", views.find_household, name="market-redeem"),
    path("market/<int:pk>/fund/", fund_views.fund, name="market-fund"),
    path("market/<int:pk>/fund/export/", fund_views.fund_export, name="market-fund-export"),
    path("market/<int:pk>/items/", goods_views.item_list, name="market-items"),
    path("market/<int:pk>/lots/", goods_views.lot_list, name="market-lots"),
    path("market/<int:pk>/lots/new/", goods_views.lot_create, name="market-receive"),
    path("market/<int:pk>/suppliers/", goods_views.supplier_list, name="market-suppliers"),
    path("market/<int:pk>/moves/", goods_views.move_list, name="market-moves"),
    path("market/<int:pk>/moves/export/", goods_views.move_export, name="market-moves-export"),
    path("market/<int:pk>/takes/", take_views.take_list, name="market-takes"),
    path("market/<int:pk>/takes/new/", take_views.take_create, name="market-take-create"),
    path("market/<int:pk>/takes/print/", take_views.take_sheet, name="market-take-sheet"),
    path("market/<int:pk>/paper/", paper_views.paper, name="market-paper"),
    path("market/<int:pk>/paper/print/", paper_views.paper_sheet, name="market-paper-sheet"),
    path("market/items/<int:pk>/", goods_views.item_edit, name="market-item"),
    path("market/lots/<int:pk>/scrap/", goods_views.lot_scrap_view, name="market-scrap"),
    path("market/suppliers/<int:pk>/", goods_views.supplier_edit, name="market-supplier"),
    path("market/takes/<int:pk>/", take_views.take_detail, name="market-take"),
    path("households/<int:pk>/redeem/", views.redeem, name="household-redeem"),
    path("households/<int:pk>/slip/", paper_views.slip, name="household-slip"),
    path("redemptions/", redemption_views.redemption_list, name="redemption-list"),
    path("redemptions/export/", redemption_views.redemption_export, name="redemption-export"),
    path("redemptions/<int:pk>/", redemption_views.redemption_detail, name="redemption-detail"),
    path("redemptions/<int:pk>/hand/", redemption_views.hand, name="redemption-hand"),
    path("redemptions/<int:pk>/cancel/", redemption_views.cancel, name="redemption-cancel"),
    path("redemptions/<int:pk>/refund/", redemption_views.refund, name="redemption-refund"),
]
