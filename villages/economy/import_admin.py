"""Staff pages of the yearly table of villages' collective income (mission M07)."""

from __future__ import annotations

from django.contrib import admin

from governance.accounts.duties import Action
from governance.sheets.economy import MONEY
from villages.economy.models import EconomyImport
from villages.economy.sheet_import import ECONOMY_IMPORT
from villages.import_admin import TownshipImportAdmin


@admin.register(EconomyImport)
class EconomyImportAdmin(TownshipImportAdmin):
    """What comes in is reported, not confirmed: somebody else confirms it."""

    view_action = add_action = Action.ECONOMY_CHECK
    flow = ECONOMY_IMPORT
    title = "村集体经济收支表"
    shown = ("village", "year", *MONEY)
    outcome_words = "新报 {new} 个村，已有 {same} 个村，未导入 {left_out} 行"
    outlook_words = "将新报 {new} 个村，已有 {same} 个村"
