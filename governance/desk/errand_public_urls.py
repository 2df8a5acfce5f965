"""Addresses of the public pages of errands: what to bring, and the state of a receipt."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
