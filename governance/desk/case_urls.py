"""Addresses of the desk: case."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
