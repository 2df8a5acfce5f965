"""Addresses of the desk's pages of rule sets, their comparison, trial runs and the public page of the rules."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
