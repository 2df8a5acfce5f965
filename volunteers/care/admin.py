"""Staff pages of the care ledger: its categories to keep, its records to look at; records are kept on the desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ScopedModelAdmin, object_button
from villages.admin_lists import village_filter
from villages.set_up_admin import SetUpAdmin
from volunteers.care.errors import CareError
from volunteers.care.services import category_save
from volunteers.care.setting_up import care_set_up
from volunteers.models import CareCategory, CareRecord


@admin.register(CareCategory)
class CareCategoryAdmin(SetUpAdmin):
    view_action = Action.CARE_VIEW
    add_action = Action.CARE_EDIT
    change_action = Action.CARE_EDIT
    error = CareError
    set_up = staticmethod(care_set_up)
    set_up_label, set_up_words = "补齐常用的类别", "已补齐常用的类别，新增 {added} 个，改过的没有动。"
    list_display = ["name", "tier", "rule", "is_child", "high_days", "key_days", "normal_days", "is_active", "code"]
    list_filter = [("is_active", admin.BooleanFieldListFilter)]
    search_fields = ["name", "code"]
    search_help_text = "按名称或代码查找"
    fieldsets = [
        ("类别", {"fields": ["township", "code", "name", "is_child", "tier", "rule", "position", "is_active"]}),
        ("几天探访一次", {"fields": [("high_days", "key_days", "normal_days")]}),
    ]

    def get_readonly_fields(self, request: UserRequest, obj: Model | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(["is_child"] if obj is not None else [])]

    def add_through(self, request: UserRequest, form: forms.ModelForm[Any]) -> CareCategory:
        return category_save(category=form.instance, by=request.user)

    def change_through(self, request: UserRequest, row: Any, form: forms.ModelForm[Any]) -> None:
        category_save(category=row, by=request.user)


@admin.register(CareRecord)
class CareRecordAdmin(ScopedModelAdmin):
    view_action = Action.CARE_VIEW
    list_display = ["resident", "category", "tier", "village", "due_on", "last_on", "left_on"]
    list_filter = [("tier", ChoicesDropdownFilter), village_filter("village"), ("left_on", admin.EmptyFieldListFilter)]
    search_fields = ["resident__name", "resident__name_pinyin"]
    search_help_text = "按姓名或拼音查找"
    fields = [
        "resident", "category", ("tier", "tier_reason"), ("village", "unit"), ("helper", "substitute"), "needs",
        ("consent", "consented_on"), ("entered_on", "entered_by"), ("judged_on", "last_on", "due_on"), ("left_on", "left_reason"),
        "reveals",
    ]  # fmt: skip
    readonly_fields = ["reveals"]
    actions_detail = ["page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[CareRecord]:
        rows: QuerySet[CareRecord] = super().get_queryset(request)
        return rows.select_related("resident", "category", "village", "unit")

    @object_button(Action.CARE_VIEW, "探访记录", "fact_check")
    def page(self, request: UserRequest, record: CareRecord) -> HttpResponseBase:
        return redirect("volunteers:care-detail", pk=record.pk)
