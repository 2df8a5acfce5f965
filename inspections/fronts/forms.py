"""Forms of 门前三包 (plan §三.1–2)."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import PageForm, day_widget
from governance.frame.imports.forms import PasteForm
from governance.periods import today
from inspections.fronts.services import FrontDetails
from inspections.fronts.sheet_import import fronts_text
from inspections.models import Front
from villages.filters import place_choices, places_of
from villages.models import Household, Unit


class FrontForm(PageForm):
    """A shop anywhere in the village, or a household of the roster; `household` comes from the list beside it."""

    household = forms.ModelChoiceField(Household.objects.none(), required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label="类别", choices=Front.Kind, initial=Front.Kind.SHOP, widget=forms.RadioSelect,
        error_messages={"required": "请选类别。"},
    )  # fmt: skip
    name = forms.CharField(label="店名", max_length=60, required=False)
    unit = forms.ModelChoiceField(Unit.objects.none(), label="在哪里（组、聚居点、街道）", required=False)
    place = forms.CharField(label="门牌或位置", max_length=100, required=False)
    person = forms.CharField(label="责任人", max_length=60, required=False)
    phone = forms.CharField(label="联系电话", max_length=20, required=False, widget=forms.TextInput({"inputmode": "tel"}))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = places_of(user, Action.FRONT_EDIT)
        self.fields["unit"].queryset = places  # type: ignore[attr-defined]
        self.fields["unit"].choices = place_choices(places)  # type: ignore[attr-defined]
        homes = Household.objects.visible_to(user, Action.FRONT_EDIT).filter(ended_on=None)
        self.fields["household"].queryset = homes.select_related("village", "unit")  # type: ignore[attr-defined]

    @property
    def has_places(self) -> bool:
        return len(self.fields["unit"].choices) > 1  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        required = {"name": "请写店名。", "unit": "请选在哪里。", "place": "请写门牌或位置。", "person": "请写责任人。"}
        if cleaned.get("kind") == Front.Kind.SHOP:
            for name, message in required.items():
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, message)
        elif cleaned.get("household") is None:
            self.add_error(None, "住户要从名册里选：请在下面查找户主，点“选这一户”。")
        return cleaned

    def arguments(self) -> dict[str, Any]:
        details = self.cleaned_data.copy()
        details["unit"] = details["unit"] or details["household"].unit
        return {"details": FrontDetails(**details)}


class PatrolForm(PageForm):
    """Cases by item: `item` are the ids picked, `cases-<id>` how many, 1 where it is not said."""

    note = forms.CharField(label="现场情况（可不填）", max_length=200, required=False)

    @property
    def picked(self) -> list[str]:
        return self.data.getlist("item") if self.is_bound else []  # type: ignore[attr-defined]

    def faults(self) -> dict[int, int]:
        """What was picked, as it was sent; the service judges the ids and the figures."""
        return {int(item): self.cases(item) for item in self.picked if item.isdecimal()}

    def cases(self, item: str) -> int:
        text = str(self.data.get(f"cases-{item}", "1")) if self.is_bound else "1"
        return int(text) if text.isdecimal() and len(text) < 4 else 1

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.faults():
            self.add_error(None, "还没有选问题。门前没有问题的，请点“合格”。")
        return cleaned

    def arguments(self) -> dict[str, Any]:
        return {"faults": self.faults(), "note": self.cleaned_data["note"]}


class RecheckForm(PageForm):
    passed = forms.ChoiceField(
        label="复查结果",
        choices=[("1", "已整改到位"), ("0", "仍不合格")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选复查结果。"},
    )
    note = forms.CharField(label="复查情况（仍不合格的要写明）", max_length=200, required=False)

    def arguments(self) -> dict[str, Any]:
        return {"passed": self.cleaned_data["passed"] == "1", "note": self.cleaned_data["note"]}


class DayForm(PageForm):
    """One day, today by default."""

    on = forms.DateField(
        label="日期",
        initial=today,
        widget=day_widget(),
        error_messages={"required": "请选日期。", "invalid": "日期应写作 2026-04-08。"},
    )


class FrontImportForm(PasteForm, PageForm):
    """A list of shops of one place, as a paste or a file."""

    text_of = staticmethod(fronts_text)
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="这些商铺在哪里（组、聚居点、街道）", error_messages={"required": "请选在哪里。"}
    )
    file = forms.FileField(label="Excel 文件（xlsx、xls 或 csv）", required=False)
    table = forms.CharField(
        label="或者粘贴表格（从 Excel 或 WPS 整块复制，带表头）",
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false", "placeholder": "店名\t责任人\t联系电话\t位置\t签订日期"}),
    )
    good_only = forms.BooleanField(
        label="只写入没有问题的行", required=False, widget=forms.CheckboxInput({"class": "form-check-input"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = places_of(user, Action.FRONT_EDIT)  # type: ignore[attr-defined]
