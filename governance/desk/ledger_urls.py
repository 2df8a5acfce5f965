"""Addresses of the desk: ledger."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
