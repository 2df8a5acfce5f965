"""Staff pages of old books of decisions (missions M19, M39)."""

from __future__ import annotations

from django.contrib import admin

from governance.accounts.duties import Action
from governance.councils.decisions.import_models import DecisionImport
from governance.councils.decisions.sheet_import import DECISION_IMPORT
from villages.import_admin import TownshipImportAdmin


@admin.register(DecisionImport)
class DecisionImportAdmin(TownshipImportAdmin):
    """What comes in is history: it is shown, and counts for nothing."""

    view_action = add_action = Action.DECISION_KIND
    flow = DECISION_IMPORT
    title = "决策台账"
    shown = ("village", "title", "purpose", "proposed_on", "kind", "outcome")
    outcome_words = "新增历史决策 {new} 件，已有 {same} 件，未导入 {left_out} 行"
    outlook_words = "将新增历史决策 {new} 件，已有 {same} 件"
