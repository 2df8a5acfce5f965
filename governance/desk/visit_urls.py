"""Addresses of the desk: visit."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
