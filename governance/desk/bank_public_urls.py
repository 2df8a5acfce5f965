"""Addresses of the public pages of the moral bank: rules, red list, passbook."""

from django.urls import URLPattern, path

from governance.desk.views.honours import public_honours
from governance.desk.views.passbook_public import passbook
from governance.desk.views.rule_public import rules

urlpatterns: list[URLPattern] = [
    path("passbook/<slug:token>/", passbook, name="passbook"),
    path("<slug:code>/honours/", public_honours, name="honours"),
    path("<slug:code>/rules/", rules, name="rules"),
]
