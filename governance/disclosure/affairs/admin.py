"""Staff pages of the catalogue of disclosure; the lists themselves are worked on at the desk (plan §三.1)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.disclosure.affairs.lists import CATALOGUE
from governance.disclosure.affairs.models import AffairKind
from governance.disclosure.affairs.services import kind_save
from governance.disclosure.affairs.setting_up import affairs_set_up
from governance.disclosure.errors import DisclosureError
from villages.set_up_admin import SetUpAdmin


@admin.register(AffairKind)
class AffairKindAdmin(SetUpAdmin):
    view_action = Action.AFFAIR_VIEW
    add_action = change_action = Action.AFFAIR_CATALOGUE
    error = DisclosureError
    set_up = staticmethod(affairs_set_up)
    set_up_label, set_up_words = "补齐自带的公开目录", "已补齐自带的公开目录，新增 {added} 项，改过的没有动。"
    ledger = CATALOGUE
    list_display = ["name", "section", "rule", "day", "month", "workdays", "hangs_days", "is_active", "code"]
    list_filter = [("section", ChoicesDropdownFilter), ("rule", ChoicesDropdownFilter), ("is_active", admin.BooleanFieldListFilter)]
    search_fields = ["name", "code"]
    search_help_text = "按名称或代码查找"
    fieldsets = [
        ("公开事项", {"fields": ["township", "code", "section", "name", "columns", "position", "is_active"]}),
        ("依据和主体", {"fields": ["basis", "body", "channel", "level"]}),
        ("公开时限", {"fields": ["rule", "day", "month", "workdays", "hangs_days", "since"]}),
    ]

    def add_through(self, request: UserRequest, form: forms.ModelForm[Any]) -> Any:
        return kind_save(kind=form.instance, by=request.user)

    def change_through(self, request: UserRequest, row: Any, form: forms.ModelForm[Any]) -> None:
        kind_save(kind=row, by=request.user)
