"""Addresses of the public pages of the moral bank: rules, red list, passbook."""

from django.urls import URLPattern, path

from moral_bank.awards.honour_views import public_honours
from moral_bank.passbooks.public_views import passbook
from moral_bank.rules.public_views import rules

urlpatterns: list[URLPattern] = [
    path("passbook/<slug:token>/", passbook, name="passbook"),
    path("<slug:code>/honours/", public_honours, name="honours"),
    path("<slug:code>/rules/", rules, name="rules"),
]
