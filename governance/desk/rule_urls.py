"""Addresses of the desk's pages of rule sets, their comparison and trial runs."""

from __future__ import annotations

from django.urls import path

from governance.desk.views import rule_edits, rule_imports, rule_trials, rules

urlpatterns = [
    path("rules/", rules.rule_list, name="rule-list"),
    path("rules/<int:pk>/", rules.rule_detail, name="rule-detail"),
    path("rules/<int:pk>/export/", rules.rule_export, name="rule-export"),
    path("rules/<int:pk>/compare/", rules.rule_compare, name="rule-compare"),
    path("rules/<int:pk>/compare/export/", rules.compare_export, name="rule-compare-export"),
    path("rules/<int:pk>/copy/", rule_edits.rule_copy, name="rule-copy"),
    path("rules/<int:pk>/edit/", rule_edits.rule_edit, name="rule-edit"),
    path("rules/<int:pk>/adopt/", rule_edits.rule_adopt, name="rule-adopt"),
    path("rules/<int:pk>/deeds/new/", rule_edits.deed_create, name="deed-create"),
    path("rules/<int:pk>/import/", rule_imports.rule_import, name="rule-import"),
    path("rules/<int:pk>/trial/", rule_trials.rule_trial, name="rule-trial"),
    path("rules/<int:pk>/trial/export/", rule_trials.trial_export, name="rule-trial-export"),
    path("rules/deeds/<int:pk>/", rule_edits.deed_edit, name="deed-edit"),
    path("rules/deeds/<int:pk>/remove/", rule_edits.deed_drop, name="deed-remove"),
    path("rules/imports/<int:pk>/", rule_imports.import_detail, name="rule-import-detail"),
    path("rules/imports/<int:pk>/rejects/", rule_imports.import_rejects, name="rule-import-rejects"),
]
