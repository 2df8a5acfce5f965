"""Staff pages of the stars' hours, and of the import of old ledgers."""

from __future__ import annotations

from django.contrib import admin

from governance.accounts.duties import Action
from villages.import_admin import TownshipImportAdmin
from villages.set_up_admin import SetUpAdmin
from volunteers.models import HoursImport, StarRule
from volunteers.people.errors import VolunteerError
from volunteers.people.setting_up import stars_set_up
from volunteers.people.sheet_import import HOURS_IMPORT


@admin.register(StarRule)
class StarRuleAdmin(SetUpAdmin):
    view_action = Action.VOLUNTEER_VIEW
    add_action = change_action = delete_action = Action.PROJECT_EDIT
    error = VolunteerError
    set_up = staticmethod(stars_set_up)
    set_up_label, set_up_words = "补齐通常的星级标准", "已补齐通常的星级标准，新增 {added} 条；启用后才会提出建议。"
    list_display = ["stars", "hours", "is_active", "township"]
    list_select_related = ["township"]


@admin.register(HoursImport)
class HoursImportAdmin(TownshipImportAdmin):
    view_action = add_action = Action.VOLUNTEER_IMPORT
    flow = HOURS_IMPORT
    title = "志愿服务台账"
    shown = ("village", "name", "team", "served_on", "minutes", "text")
    outcome_words = "新增 {new} 条，已有 {same} 条，登记志愿者 {people} 人，未导入 {left_out} 行"
    outlook_words = "将新增 {new} 条，已有 {same} 条"
