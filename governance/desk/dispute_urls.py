"""Addresses of the desk: dispute."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
