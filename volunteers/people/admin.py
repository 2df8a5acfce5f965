"""Staff pages of the stars' hours, and of the import of old ledgers."""

from __future__ import annotations

from django import forms
from django.contrib import admin

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin_forms import day_field
from governance.frame.imports.admin import UploadForm
from governance.frame.imports.models import SheetImport
from governance.periods import today
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


class HoursUploadForm(UploadForm):
    """The question about consent is asked once for the sheet; a day in a row of its own goes before it."""

    agreed_on = day_field("新登记的人书面同意的日期", required=False)
    agreed_on.help_text = "还不是志愿者的人导入时登记为志愿者，须有本人书面同意。表里有“同意日期”一列的不用填；没有的，核对过同意书再填。"

    def clean_agreed_on(self) -> str:
        day = self.cleaned_data["agreed_on"]
        if day is not None and day > today():
            raise forms.ValidationError("同意的日期不能晚于今天。")
        return day.isoformat() if day else ""


@admin.register(HoursImport)
class HoursImportAdmin(TownshipImportAdmin):
    form = HoursUploadForm
    view_action = add_action = Action.VOLUNTEER_IMPORT
    flow = HOURS_IMPORT
    title = "志愿服务台账"
    shown = ("village", "name", "team", "served_on", "minutes", "agreed_on", "text")
    outcome_words = "新增 {new} 条，已有 {same} 条，登记志愿者 {people} 人，未导入 {left_out} 行"
    outlook_words = "将新增 {new} 条，已有 {same} 条"

    def get_fields(self, request: UserRequest, obj: SheetImport | None = None) -> list[str]:
        return [*super().get_fields(request, obj), *(["agreed_on"] if obj is None else [])]
