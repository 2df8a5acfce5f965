"""Addresses of the desk's pages of the panel and its sittings."""

from __future__ import annotations

from django.urls import URLPattern, path

from governance.desk.views import closings, panel

urlpatterns: list[URLPattern] = [
    path("panels/", panel.panel_list, name="panel-list"),
    path("panels/export/", panel.panel_export, name="panel-export"),
    path("panels/<int:pk>/", panel.panel_detail, name="panel-detail"),
    path("panels/<int:pk>/add/", panel.panel_add, name="panel-add"),
    path("panels/<int:pk>/record/", panel.sitting_create, name="sitting-create"),
    path("panel-members/<int:pk>/end/", panel.panel_end, name="panel-end"),
    path("sittings/", panel.sitting_list, name="sitting-list"),
    path("sittings/export/", panel.sitting_export, name="sitting-export"),
    path("sittings/<int:pk>/", panel.sitting_detail, name="sitting-detail"),
    path("sittings/<int:pk>/print/", panel.sitting_print, name="sitting-print"),
    path("closings/<int:pk>/objections/<int:objection_pk>/strike/", closings.strike, name="closing-strike"),
]
