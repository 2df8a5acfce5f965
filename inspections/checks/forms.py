"""Filters and forms of 户月评 (plan §三.4 一月一评)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.forms import PageForm
from governance.periods import Kind, Period, today
from inspections.models import Plate
from moral_bank.closings.forms import MONTHS_BACK
from villages.filters import VillageFilter
from villages.models import Household

FAULT = "fault-"


def month_choices() -> list[tuple[str, str]]:
    """This month and those before it, latest first."""
    months = [Period.of(Kind.MONTH, today())]
    for _ in range(MONTHS_BACK - 1):
        months.append(months[-1].previous())
    return [(str(month), month.label) for month in months]


class CheckFilter(VillageFilter):
    month = forms.ChoiceField(label="月份", required=False)

    field_order = ["month", "village"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["q"]
        self.fields["month"].choices = month_choices()  # type: ignore[attr-defined]


class ResultFilter(PageForm):
    month = forms.ChoiceField(label="月份", required=False)
    plate = forms.ChoiceField(label="清洁牌", choices=[("", "全部"), *Plate.choices], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].choices = month_choices()  # type: ignore[attr-defined]

    def plate_asked(self) -> str:
        return self.cleaned_data.get("plate", "") if self.is_valid() else ""


class CheckForm(PageForm):
    """One household's month. Cases come in fields `fault-<item id>`; `client_key` is the phone's own number for the form."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)
    household = forms.ModelChoiceField(
        Household.objects.none(), widget=forms.HiddenInput, error_messages={"invalid_choice": "这一户不归您评。"}
    )
    month = forms.CharField(max_length=7, widget=forms.HiddenInput)
    note = forms.CharField(label="说明（可不填）", max_length=200, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        homes = Household.objects.visible_to(user, Action.CHECK_SCORE).select_related("village", "unit")
        self.fields["household"].queryset = homes  # type: ignore[attr-defined]

    def clean_month(self) -> Period:
        try:
            month = Period.parse(self.cleaned_data["month"])
        except DomainError as error:
            raise forms.ValidationError(error.message) from error
        if month.kind != Kind.MONTH:
            raise forms.ValidationError("请选月份。")
        return month

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in self.data:
            if name.startswith(FAULT) and self.cases(name) is None:
                self.add_error(None, "处数要写整数。")
        return cleaned

    def cases(self, name: str) -> int | None:
        """How many a field says, 0 where it is empty, None where it is no figure."""
        text = str(self.data.get(name, "")).strip() or "0"
        return int(text) if text.isdecimal() and len(text) < 4 else None

    @property
    def key(self) -> UUID:
        key: UUID = self.cleaned_data["client_key"]
        return key

    def said(self) -> dict[str, Any]:
        """Arguments of `household_check`."""
        return {**{name: self.cleaned_data[name] for name in ("household", "month", "note")}, "faults": self.faults()}

    def faults(self) -> dict[int, int]:
        """What was tapped, as it was sent; the service judges the ids and the figures. 没有问题 goes before all."""
        if self.data.get("clean"):
            return {}
        names = [name for name in self.data if name.startswith(FAULT) and name.removeprefix(FAULT).isdecimal()]
        return {int(name.removeprefix(FAULT)): self.cases(name) or 0 for name in names}
