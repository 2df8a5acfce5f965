"""Staff pages of the dispute ledger's import, as those of the roster (missions M13, M39)."""

from __future__ import annotations

from django.contrib import admin

from governance.accounts.duties import Action
from governance.cases.disputes.sheet_import import DISPUTE_IMPORT
from governance.cases.models import DisputeImport
from villages.import_admin import TownshipImportAdmin


@admin.register(DisputeImport)
class DisputeImportAdmin(TownshipImportAdmin):
    view_action = add_action = Action.CASE_IMPORT
    flow = DISPUTE_IMPORT
    title = "纠纷台账"
    shown = ("village", "accepted_on", "category", "parties", "text", "responsible", "result", "visited_on")
    outcome_words = "新增 {new} 件，已有 {same} 件，未导入 {left_out} 行"
    outlook_words = "将新增 {new} 件，已有 {same} 件"
