"""The form of 户月评 (plan §三.4 一月一评)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.forms import PageForm
from governance.periods import Kind, Period
from villages.models import Household

FAULT = "fault-"


class CheckForm(PageForm):
    """One household's month, of `home` alone where it is given. Cases come in fields `fault-<item id>`; `client_key` is the
    phone's own number for the form."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)
    household = forms.ModelChoiceField(
        Household.objects.none(), widget=forms.HiddenInput, error_messages={"invalid_choice": "这一户不归您评。"}
    )
    month = forms.CharField(max_length=7, widget=forms.HiddenInput)
    note = forms.CharField(label="说明（可不填）", max_length=200, required=False)

    def __init__(self, *args: Any, user: User, home: Household | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        homes = Household.objects.visible_to(user, Action.CHECK_SCORE).select_related("village", "unit")
        self.fields["household"].queryset = homes.filter(pk=home.pk) if home else homes  # type: ignore[attr-defined]

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

    def arguments(self) -> dict[str, Any]:
        return {**{name: self.cleaned_data[name] for name in ("household", "month", "note")}, "faults": self.faults()}

    def faults(self) -> dict[int, int]:
        """What was tapped, as it was sent; the service judges the ids and the figures. 没有问题 goes before all."""
        if self.data.get("clean"):
            return {}
        names = [name for name in self.data if name.startswith(FAULT) and name.removeprefix(FAULT).isdecimal()]
        return {int(name.removeprefix(FAULT)): self.cases(name) or 0 for name in names}
