"""Forms of activities."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.activities.models import MOST, Activity
from governance.disclosure.activities.services import Plan
from governance.frame.forms import PageForm, day_widget
from governance.periods import today
from villages.models import Unit


class ActivityForm(PageForm):
    village = forms.ModelChoiceField(Unit.objects.none(), label="村（社区）", error_messages={"required": "请选村（社区）。"})
    kind = forms.ChoiceField(
        label="类别", choices=Activity.Kind, widget=forms.RadioSelect, error_messages={"required": "请选类别。"}
    )
    title = forms.CharField(label="活动名称", max_length=60, error_messages={"required": "请写活动名称。"})
    planned_on = forms.DateField(label="日期", widget=day_widget(), error_messages={"required": "请选日期。"})
    starts = forms.TimeField(label="开始时间（可不填）", required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    place = forms.CharField(label="地点", max_length=60, error_messages={"required": "请写地点。"})
    festival = forms.CharField(label="哪个节日（可不填）", max_length=20, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        villages = Unit.objects.visible_to(user, Action.ACTIVITY_EDIT).villages().on(today()).order_by("path")
        self.fields["village"].queryset = villages  # type: ignore[attr-defined]
        only = list(villages[:2])
        if len(only) == 1:
            self.fields["village"].initial = only[0].pk
            self.fields["village"].widget = forms.HiddenInput()

    def arguments(self) -> dict[str, Any]:
        return {"plan": Plan(**self.cleaned_data)}


class InviteForm(PageForm):
    on = forms.DateField(label="通知日期", initial=today, widget=day_widget(), error_messages={"required": "请选通知日期。"})
    invitation = forms.CharField(
        label="怎么通知的（如广播、张贴、院户长上门）", max_length=100, error_messages={"required": "请写怎么通知的。"}
    )


class RecordForm(PageForm):
    turnout = forms.IntegerField(
        label="到场大约多少人", min_value=0, max_value=MOST, widget=forms.NumberInput({"inputmode": "numeric"}),
        error_messages={"required": "请写到场人数，大约数就可以。"},
    )  # fmt: skip
    told = forms.CharField(label="活动情况（可不填）", max_length=1000, required=False, widget=forms.Textarea({"rows": 3}))
    asked = forms.CharField(label="群众问了什么（可不填）", max_length=1000, required=False, widget=forms.Textarea({"rows": 3}))
