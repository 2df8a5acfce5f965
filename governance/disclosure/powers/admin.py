"""Staff pages of small powers (plan §三.1 小微权力清单)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpResponseBase
from django.shortcuts import redirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.disclosure.errors import DisclosureError
from governance.disclosure.powers.lists import LEDGER
from governance.disclosure.powers.models import Power
from governance.disclosure.powers.services import power_save
from governance.disclosure.powers.setting_up import powers_set_up
from governance.frame.admin import object_button
from villages.set_up_admin import SetUpAdmin


@admin.register(Power)
class PowerAdmin(SetUpAdmin):
    view_action = Action.POWER_VIEW
    add_action = change_action = Action.POWER_EDIT
    error = DisclosureError
    set_up = staticmethod(powers_set_up)
    set_up_label, set_up_words = "补齐自带的示例", "已补齐自带的小微权力示例，新增 {added} 项，改过的没有动。"
    ledger = LEDGER
    list_display = ["name", "area", "body", "confirmed_on", "review_on", "version", "is_active", "code"]
    list_filter = [
        ("area", ChoicesDropdownFilter), ("confirmed_on", admin.EmptyFieldListFilter), ("is_active", admin.BooleanFieldListFilter),
    ]  # fmt: skip
    search_fields = ["name", "code"]
    search_help_text = "按名称或代码查找"
    fieldsets = [
        ("权力事项", {"fields": ["township", "code", "area", "name", "position", "is_active"]}),
        ("依据和主体", {"fields": ["basis", "body", "supervisor", "cost"]}),
        ("怎么办", {"fields": ["steps", "papers", "limits", "errand", "decision", "kinds"]}),
        ("确认", {"fields": ["version", "confirmed_on", "confirmed_by", "review_on"]}),
    ]
    actions_detail = ["page"]

    def get_readonly_fields(self, request: UserRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "version", "confirmed_on", "confirmed_by", "review_on"]

    def add_through(self, request: UserRequest, form: forms.ModelForm[Any]) -> Any:
        return power_save(power=form.instance, kinds=form.cleaned_data["kinds"], by=request.user)

    def change_through(self, request: UserRequest, row: Any, form: forms.ModelForm[Any]) -> None:
        power_save(power=row, kinds=form.cleaned_data["kinds"], by=request.user)

    @object_button(Action.POWER_VIEW, "流程图和确认", "fact_check")
    def page(self, request: UserRequest, power: Power) -> HttpResponseBase:
        return redirect("disclosure:power-detail", pk=power.pk)
