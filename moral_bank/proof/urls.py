"""Addresses of the nightly reconciliation and the chain of the ledger."""

from __future__ import annotations

from django.urls import path

from moral_bank.proof import views

urlpatterns = [
    path("proofs/", views.proof_list, name="proof-list"),
    path("proofs/export/", views.proof_export, name="proof-export"),
    path("proofs/run/", views.proof_run, name="proof-run"),
    path("proofs/<int:pk>/", views.proof_detail, name="proof-detail"),
]
