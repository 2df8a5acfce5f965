"""Addresses of rule sets, their comparison and trial runs."""

from __future__ import annotations

from django.urls import path

from moral_bank.rules import edit_views, import_views, trial_views, views

urlpatterns = [
    path("rules/", views.rule_list, name="rule-list"),
    path("rules/<int:pk>/", views.rule_detail, name="rule-detail"),
    path("rules/<int:pk>/export/", views.rule_export, name="rule-export"),
    path("rules/<int:pk>/compare/", views.rule_compare, name="rule-compare"),
    path("rules/<int:pk>/compare/export/", views.compare_export, name="rule-compare-export"),
    path("rules/<int:pk>/copy/", edit_views.rule_copy, name="rule-copy"),
    path("rules/<int:pk>/edit/", edit_views.rule_edit, name="rule-edit"),
    path("rules/<int:pk>/adopt/", edit_views.rule_adopt, name="rule-adopt"),
    path("rules/<int:pk>/deeds/new/", edit_views.deed_create, name="deed-create"),
    path("rules/<int:pk>/import/", import_views.rule_import, name="rule-import"),
    path("rules/<int:pk>/trial/", trial_views.rule_trial, name="rule-trial"),
    path("rules/<int:pk>/trial/export/", trial_views.trial_export, name="rule-trial-export"),
    path("rules/deeds/<int:pk>/", edit_views.deed_edit, name="deed-edit"),
    path("rules/deeds/<int:pk>/remove/", edit_views.deed_drop, name="deed-remove"),
    path("rules/imports/<int:pk>/", import_views.import_detail, name="rule-import-detail"),
    path("rules/imports/<int:pk>/rejects/", import_views.import_rejects, name="rule-import-rejects"),
]
