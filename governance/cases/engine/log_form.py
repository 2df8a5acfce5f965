"""The form of 记一件事: category, place, words; what a kind asks beyond (plan §四.2 第一人; design §8)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.engine.flow import Kind
from governance.cases.engine.services import Report
from governance.cases.models import Case, Category, Risk, Visit
from governance.frame.forms import PageForm
from villages.filters import places_of
from villages.models import Household, Unit

_BETWEEN_NAMES = re.compile(r"[、，,；;\s]+")


class CaseLogForm(PageForm):
    """`client_key` is the phone's own number for this form; `confirmed` says that it is none of those shown as alike."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)
    category = forms.ModelChoiceField(Category.objects.none(), error_messages={"required": "请选类别。"})
    unit = forms.ModelChoiceField(Unit.objects.none(), error_messages={"required": "请选地方。"})
    text = forms.CharField(
        label="什么情况",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "aria-label": "什么情况"}),
        error_messages={"required": "请写一句话说明情况。"},
    )
    client = forms.CharField(label="委托人", max_length=60, required=False)
    phone = forms.CharField(label="联系电话", max_length=20, required=False, widget=forms.TextInput({"inputmode": "tel"}))
    account = forms.CharField(label="缴费户号", max_length=40, required=False)
    parties = forms.CharField(label="当事人（姓名之间用顿号）", max_length=200, required=False)
    risk = forms.ChoiceField(label="风险等级", choices=Risk, required=False, initial=Risk.GREEN)
    place = forms.CharField(label="具体位置", max_length=120, required=False)
    source = forms.ChoiceField(label="来源", choices=Case.Source, required=False, initial=Case.Source.PATROL)
    mine = forms.BooleanField(label="由我办理", required=False)
    private = forms.BooleanField(label="不公开（只有经办人看得到）", required=False)
    latitude = forms.DecimalField(min_value=-90, max_value=90, required=False, widget=forms.HiddenInput)
    longitude = forms.DecimalField(min_value=-180, max_value=180, required=False, widget=forms.HiddenInput)
    household = forms.ModelChoiceField(Household.objects.none(), label="户", required=False, widget=forms.HiddenInput)
    visit = forms.ModelChoiceField(Visit.objects.none(), label="来自", required=False, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        categories = Category.objects.visible_to(user, Action.CASE_LOG).filter(is_active=True)
        sets: dict[str, QuerySet[Any]] = {
            "category": categories.select_related("township", "office", "service"),
            "unit": places_of(user, Action.CASE_LOG),
            "household": Household.objects.visible_to(user, Action.CASE_LOG).filter(ended_on=None),
            "visit": Visit.objects.visible_to(user),
        }
        for name, rows in sets.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        category = cleaned.get("category")
        if category is not None and category.kind == Kind.ERRAND:
            for name, message in (("client", "请写委托人姓名。"), ("phone", "请写联系电话，查询进度要用后四位。")):
                if not cleaned.get(name):
                    self.add_error(name, message)
        return cleaned

    def arguments(self) -> dict[str, Any]:
        return {"key": self.cleaned_data["client_key"], "report": self.report()}

    @property
    def point(self) -> tuple[Decimal, Decimal] | None:
        latitude, longitude = self.cleaned_data.get("latitude"), self.cleaned_data.get("longitude")
        if latitude is None or longitude is None:
            return None
        return round(latitude, 5), round(longitude, 5)

    def report(self) -> Report:
        """What the valid form says; what its kind does not ask is left out."""
        cleaned = self.cleaned_data
        kind = cleaned["category"].kind
        errand, dispute = kind == Kind.ERRAND, kind == Kind.DISPUTE
        common = {name: cleaned[name] for name in ("category", "unit", "text", "place", "private", "mine", "household", "visit")}
        errand_only = {name: cleaned[name] for name in ("client", "phone", "account")} if errand else {}
        return Report(
            **common,
            **errand_only,
            point=self.point,
            source=cleaned["source"] or Case.Source.PATROL,
            parties=tuple(filter(None, _BETWEEN_NAMES.split(cleaned["parties"]))) if dispute else (),
            risk=cleaned["risk"] or Risk.GREEN,
        )
