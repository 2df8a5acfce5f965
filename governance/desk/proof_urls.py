"""Addresses of the desk's pages of the nightly reconciliation and the chain of the ledger."""

from __future__ import annotations

from django.urls import path

from governance.desk.views import proof

urlpatterns = [
    path("proofs/", proof.proof_list, name="proof-list"),
    path("proofs/export/", proof.proof_export, name="proof-export"),
    path("proofs/run/", proof.proof_run, name="proof-run"),
    path("proofs/<int:pk>/", proof.proof_detail, name="proof-detail"),
]
