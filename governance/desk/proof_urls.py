"""Addresses of the desk's pages of the nightly reconciliation and the chain of the ledger."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
