"""Addresses of the public pages of the moral bank: rules, red list, passbook."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
