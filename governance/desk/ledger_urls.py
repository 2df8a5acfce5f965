"""Addresses of ledgers."""

from django.urls import path

from governance.desk.views import ledgers

urlpatterns = [
    path("ledgers/", ledgers.ledger_list, name="ledger-list"),
    path("ledgers/<slug:name>/xlsx/", ledgers.ledger_export, name="ledger-export"),
    path("ledgers/<slug:name>/print/", ledgers.ledger_print, name="ledger-print"),
]
