"""Forms of contracts."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import PageForm, day_widget
from governance.periods import today
from villages.economy.forms import FenField
from villages.economy.leases.services import Terms
from villages.models import Unit


class TermsForm(PageForm):
    subject = forms.CharField(label="发包的资产资源", max_length=60, error_messages={"required": "请写发包的是什么。"})
    lessee = forms.CharField(
        label="承包方", max_length=60, help_text="单位写名称，个人写成“王**”", error_messages={"required": "请写承包方。"}
    )
    amount = forms.CharField(label="面积或数量（如 12.5 亩、3 间）", max_length=30, error_messages={"required": "请写面积或数量。"})
    begins_on = forms.DateField(label="起始日期", widget=day_widget(), error_messages={"required": "请选起始日期。"})
    runs_out_on = forms.DateField(label="到期日期", widget=day_widget(), error_messages={"required": "请选到期日期。"})
    yearly_fen = FenField(label="每年金额（元）")

    def arguments(self) -> dict[str, Any]:
        return {"terms": Terms(**{name: self.cleaned_data[name] for name in Terms.__dataclass_fields__})}


class LeaseForm(TermsForm):
    village = forms.ModelChoiceField(Unit.objects.none(), label="村（社区）", error_messages={"required": "请选村（社区）。"})

    field_order = ("village",)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        villages = Unit.objects.visible_to(user, Action.ECONOMY_EDIT).villages().on(today()).order_by("path")
        self.fields["village"].queryset = villages  # type: ignore[attr-defined]
        only = list(villages[:2])
        if len(only) == 1:
            self.fields["village"].initial = only[0].pk
            self.fields["village"].widget = forms.HiddenInput()

    def arguments(self) -> dict[str, Any]:
        return {"village": self.cleaned_data["village"], **super().arguments()}


class EndForm(PageForm):
    on = forms.DateField(label="终止日期", initial=today, widget=day_widget(), error_messages={"required": "请选终止日期。"})
    reason = forms.CharField(label="原因（如到期收回）", max_length=200, error_messages={"required": "请写原因。"})
