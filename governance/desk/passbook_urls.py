"""Addresses of the desk's pages of passbooks, proxies, the fund behind the points and expiry."""

from __future__ import annotations

from django.urls import URLPattern, path

from governance.desk.views import covers, expiries, passbooks

urlpatterns: list[URLPattern] = [
    path("passbooks/", passbooks.passbook_list, name="passbook-list"),
    path("passbooks/export/", passbooks.passbook_export, name="passbook-export"),
    path("passbooks/<int:pk>/print/", passbooks.passbook_print, name="passbook-print"),
    path("passbooks/<int:pk>/revoke/", passbooks.passbook_revoke_view, name="passbook-revoke"),
    path("households/<int:pk>/passbook/", passbooks.household_passbook, name="household-passbook"),
    path("households/<int:pk>/passbook/issue/", passbooks.passbook_issue_view, name="passbook-issue"),
    path("households/<int:pk>/passbook/statement/", passbooks.statement_print, name="statement-print"),
    path("households/<int:pk>/passbook/export/", passbooks.statement_export, name="statement-export"),
    path("households/<int:pk>/passbook/proxies/", passbooks.proxy_add_view, name="proxy-add"),
    path("proxies/<int:pk>/end/", passbooks.proxy_end_view, name="proxy-end"),
    path("covers/", covers.cover_list, name="cover-list"),
    path("covers/export/", covers.cover_export, name="cover-export"),
    path("covers/<int:pk>/", covers.cover_detail, name="cover-detail"),
    path("expiries/", expiries.expiry_list, name="expiry-list"),
    path("expiries/export/", expiries.expiry_export, name="expiry-export"),
    path("expiries/new/", expiries.expiry_create, name="expiry-create"),
    path("expiries/<int:pk>/cancel/", expiries.expiry_cancel_view, name="expiry-cancel"),
]
