"""Addresses of the desk's pages of claims, appeals and sheets of past ledgers."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
