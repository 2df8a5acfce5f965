"""Addresses of the panel and its sittings."""

from __future__ import annotations

from django.urls import URLPattern, path

from moral_bank.panel import list_views, views

urlpatterns: list[URLPattern] = [
    path("panels/", views.panel_list, name="panel-list"),
    path("panels/export/", views.panel_export, name="panel-export"),
    path("panels/load/", list_views.panel_load, name="panel-load"),
    path("panels/<int:pk>/", views.panel_detail, name="panel-detail"),
    path("panels/<int:pk>/add/", views.panel_add, name="panel-add"),
    path("panels/<int:pk>/record/", views.sitting_create, name="sitting-create"),
    path("panel-members/<int:pk>/end/", views.panel_end, name="panel-end"),
    path("sittings/", views.sitting_list, name="sitting-list"),
    path("sittings/export/", views.sitting_export, name="sitting-export"),
    path("sittings/<int:pk>/", views.sitting_detail, name="sitting-detail"),
    path("sittings/<int:pk>/print/", views.sitting_print, name="sitting-print"),
]
