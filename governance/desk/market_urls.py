"""Addresses of the desk's pages of the 道德超市."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
