"""Forms that merge and split units (涉改合并村)."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.admin_forms import DayForm
from governance.frame.forms import ChosenField
from governance.periods import today
from villages.models import Household, Unit
from villages.units.services import NewUnit, Part

PARTS = [("0", "第一个"), ("1", "第二个")]


class MergeForm(DayForm):
    """A unit and perhaps its neighbours go into one that stands or into a new one."""

    others = ChosenField(
        Unit.objects.none(),
        label="一并撤销的单位",
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    standing = forms.ModelChoiceField(
        Unit.objects.none(),
        label="并入现有单位",
        required=False,
        widget=UnfoldAdminSelectWidget,
        empty_label="（新设单位）",
    )
    name = forms.CharField(label="新单位名称", required=False, max_length=60, widget=UnfoldAdminTextInputWidget)
    code = forms.CharField(
        label="新单位代码",
        required=False,
        max_length=18,
        help_text="村（社区）填 12 位区划代码；组、聚居点留空",
        widget=UnfoldAdminTextInputWidget,
    )
    field_order = ["others", "standing", "name", "code", "on"]

    def __init__(self, *args: Any, unit: Unit, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        beside = (
            Unit.objects.visible_to(user, Action.UNIT_EDIT).on(today()).filter(parent=unit.parent, level=unit.level)
        )
        for name in ("others", "standing"):
            field: Any = self.fields[name]
            field.queryset = beside.exclude(pk=unit.pk)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if bool(given.get("standing")) == bool(given.get("name")):
            raise forms.ValidationError("请选一个现有单位，或填写新单位名称，二者取一。")
        return given

    def into(self) -> Unit | NewUnit:
        given = self.cleaned_data
        return given["standing"] or NewUnit(given["name"], given["code"])


class SplitForm(DayForm):
    """Two new units; every group or settlement below, and the households that live directly here, go to one of them."""

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.children = list(Unit.objects.filter(parent=unit, valid_to=None).order_by("path"))
        self.homes = list(Household.objects.filter(unit=unit, ended_on=None))
        for index, label in PARTS:
            self.fields[f"name_{index}"] = forms.CharField(
                label=f"{label}新单位名称", max_length=60, widget=UnfoldAdminTextInputWidget()
            )
            self.fields[f"code_{index}"] = forms.CharField(
                label=f"{label}新单位代码", required=False, max_length=18, widget=UnfoldAdminTextInputWidget()
            )
        for child in self.children:
            self.fields[f"child_{child.pk}"] = _part_field(f"{child} 归")
        if self.homes:
            self.fields["homes"] = _part_field(f"直属的 {len(self.homes)} 户归")

    def parts(self) -> list[Part]:
        given = self.cleaned_data
        return [
            Part(
                name=given[f"name_{index}"],
                code=given[f"code_{index}"],
                children=[child for child in self.children if given[f"child_{child.pk}"] == index],
                households=self.homes if given.get("homes") == index else [],
            )
            for index, _ in PARTS
        ]


def _part_field(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=PARTS, widget=UnfoldAdminSelectWidget())
