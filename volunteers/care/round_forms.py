"""Forms of 专项探访 and of households at risk."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import PageForm
from governance.periods import today
from villages.models import Household, Unit
from volunteers.care.services import helpers_for
from volunteers.models import CareRound, RiskHousehold


class RoundForm(PageForm):
    village = forms.ModelChoiceField(Unit.objects.none(), label="村（社区）", empty_label=None)
    kind = forms.ChoiceField(label="因为", choices=CareRound.Kind, widget=forms.RadioSelect, initial=CareRound.Kind.WEATHER)
    name = forms.CharField(label="名称", max_length=40, help_text="如暴雨红色预警、春节")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        villages = Unit.objects.visible_to(user, Action.CARE_EDIT).villages().on(today())
        self.fields["village"].queryset = villages  # type: ignore[attr-defined]


class RiskForm(PageForm):
    risk = forms.ChoiceField(label="风险", choices=RiskHousehold.Risk, widget=forms.RadioSelect)
    shelter = forms.CharField(label="转移到", max_length=60)
    keeper = forms.ModelChoiceField(User.objects.none(), label="叫应责任人", empty_label="请选择")

    def __init__(self, *args: Any, household: Household, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keeper"].queryset = helpers_for(household.village, today())  # type: ignore[attr-defined]
