"""Addresses of the desk: errand."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
