"""Forms of collective income: amounts in 元, kept as fen."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.frame.forms import PageForm
from governance.sheets.money import fen_of, yuan
from villages.economy.heads import scheme_of


class FenField(forms.CharField):
    """元 as people write it, fen as the value; nothing typed is no 0."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        messages = {"required": "请填金额，没有的填 0。"}
        super().__init__(**{"max_length": 24, "widget": widget, "error_messages": messages, **options})

    def prepare_value(self, value: Any) -> Any:
        return yuan(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return fen_of(text)
        except ValueError as error:
            raise forms.ValidationError(f"{error}。") from error


class StatementForm(PageForm):
    """All heads of the year, income first as in the year's table."""

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for head in scheme_of(year).heads:
            said = "（可以是负数）" if head.may_be_negative else ""
            self.fields[head.key] = FenField(label=f"{head.name}（元）{said}")
            self.fields[head.key].widget.attrs["class"] = "form-control"

    def arguments(self) -> dict[str, Any]:
        return {"amounts": self.cleaned_data}


class WhyForm(PageForm):
    """Why it goes back, or is put right."""

    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea({"rows": 3}), error_messages={"required": "请写原因。"})
