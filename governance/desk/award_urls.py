"""Addresses of the desk's pages of 最美家庭, honours and private reminders."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
