"""Addresses of passbooks, proxies, the fund behind the points and expiry."""

from __future__ import annotations

from django.urls import URLPattern, path

from moral_bank.passbooks import cover_views, expiry_views, views

urlpatterns: list[URLPattern] = [
    path("passbooks/", views.passbook_list, name="passbook-list"),
    path("passbooks/export/", views.passbook_export, name="passbook-export"),
    path("passbooks/<int:pk>/print/", views.passbook_print, name="passbook-print"),
    path("passbooks/<int:pk>/revoke/", views.passbook_revoke_view, name="passbook-revoke"),
    path("households/<int:pk>/passbook/", views.household_passbook, name="household-passbook"),
    path("households/<int:pk>/passbook/issue/", views.passbook_issue_view, name="passbook-issue"),
    path("households/<int:pk>/passbook/statement/", views.statement_print, name="statement-print"),
    path("households/<int:pk>/passbook/export/", views.statement_export, name="statement-export"),
    path("households/<int:pk>/passbook/proxies/", views.proxy_add_view, name="proxy-add"),
    path("proxies/<int:pk>/end/", views.proxy_end_view, name="proxy-end"),
    path("covers/", cover_views.cover_list, name="cover-list"),
    path("covers/export/", cover_views.cover_export, name="cover-export"),
    path("covers/<int:pk>/", cover_views.cover_detail, name="cover-detail"),
    path("expiries/", expiry_views.expiry_list, name="expiry-list"),
    path("expiries/export/", expiry_views.expiry_export, name="expiry-export"),
    path("expiries/new/", expiry_views.expiry_create, name="expiry-create"),
    path("expiries/<int:pk>/cancel/", expiry_views.expiry_cancel_view, name="expiry-cancel"),
]
