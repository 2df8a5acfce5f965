"""Addresses of the desk: sending."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
