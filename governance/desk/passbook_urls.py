"""Addresses of the desk's pages of passbooks, proxies, the fund behind the points and expiry."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
