"""Staff pages of a township's register of facilities and points."""

from __future__ import annotations

from django.contrib import admin

from governance.accounts.duties import Action
from governance.sheets.facilities import FACILITY_FIELDS
from villages.facilities.models import FacilityImport
from villages.facilities.sheet_import import FACILITY_IMPORT
from villages.import_admin import TownshipImportAdmin


@admin.register(FacilityImport)
class FacilityImportAdmin(TownshipImportAdmin):
    view_action = add_action = Action.FACILITY_IMPORT
    flow = FACILITY_IMPORT
    title = "设施和点位台账"
    shown = tuple(one.key for one in FACILITY_FIELDS)
    outcome_words = "新登记 {new} 处，已有 {same} 处，未导入 {left_out} 行"
    outlook_words = "将新登记 {new} 处，已有 {same} 处"
