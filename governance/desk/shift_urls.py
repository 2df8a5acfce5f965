"""Addresses of the desk: shift."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
