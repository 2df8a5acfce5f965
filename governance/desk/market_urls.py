"""Addresses of the desk's pages of the 道德超市."""

from __future__ import annotations

from django.urls import path

from governance.desk.views import market, market_fund, market_goods, market_papers, market_redemptions, market_takes

urlpatterns = [
    path("market/", market.shop_list, name="market-list"),
    path("market/new/", market_fund.shop_create, name="market-create"),
    path("market/hand/", market_redemptions.by_code, name="market-hand"),
    path("market/<int:pk>/", market.shop_detail, name="market-detail"),
    path("market/<int:pk>/settings/", market_fund.shop_edit, name="market-edit"),
    path("market/<int:pk>/redeem/", market.find_household, name="market-redeem"),
    path("market/<int:pk>/fund/", market_fund.fund, name="market-fund"),
    path("market/<int:pk>/fund/export/", market_fund.fund_export, name="market-fund-export"),
    path("market/<int:pk>/items/", market_goods.item_list, name="market-items"),
    path("market/<int:pk>/lots/", market_goods.lot_list, name="market-lots"),
    path("market/<int:pk>/lots/new/", market_goods.lot_create, name="market-receive"),
    path("market/<int:pk>/suppliers/", market_goods.supplier_list, name="market-suppliers"),
    path("market/<int:pk>/moves/", market_goods.move_list, name="market-moves"),
    path("market/<int:pk>/moves/export/", market_goods.move_export, name="market-moves-export"),
    path("market/<int:pk>/takes/", market_takes.take_list, name="market-takes"),
    path("market/<int:pk>/takes/new/", market_takes.take_create, name="market-take-create"),
    path("market/<int:pk>/takes/print/", market_takes.take_sheet, name="market-take-sheet"),
    path("market/<int:pk>/paper/", market_papers.paper, name="market-paper"),
    path("market/<int:pk>/paper/print/", market_papers.paper_sheet, name="market-paper-sheet"),
    path("market/items/<int:pk>/", market_goods.item_edit, name="market-item"),
    path("market/lots/<int:pk>/scrap/", market_goods.lot_scrap_view, name="market-scrap"),
    path("market/suppliers/<int:pk>/", market_goods.supplier_edit, name="market-supplier"),
    path("market/takes/<int:pk>/", market_takes.take_detail, name="market-take"),
    path("households/<int:pk>/redeem/", market.redeem, name="household-redeem"),
    path("households/<int:pk>/slip/", market_papers.slip, name="household-slip"),
    path("redemptions/", market_redemptions.redemption_list, name="redemption-list"),
    path("redemptions/export/", market_redemptions.redemption_export, name="redemption-export"),
    path("redemptions/<int:pk>/", market_redemptions.redemption_detail, name="redemption-detail"),
    path("redemptions/<int:pk>/hand/", market_redemptions.hand, name="redemption-hand"),
    path("redemptions/<int:pk>/cancel/", market_redemptions.cancel, name="redemption-cancel"),
    path("redemptions/<int:pk>/refund/", market_redemptions.refund, name="redemption-refund"),
]
