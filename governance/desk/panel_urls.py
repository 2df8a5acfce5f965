"""Addresses of the desk's pages of the panel and its sittings."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
