"""Forms that several staff pages share."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSingleDateWidget, UnfoldAdminTextInputWidget

from governance.frame.forms import bound_years, year_fits
from governance.generics import ModelForm
from governance.periods import today


class ServiceForm(ModelForm):
    """Shows what a service refused beside what was typed."""

    refused = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bound_years(self)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refused:
            self.add_error(None, self.refused)
        return cleaned


def day_field(label: str, required: bool = True) -> forms.DateField:
    """A day with the admin's picker; a required one is today at first."""
    first = today if required else None
    return forms.DateField(label=label, required=required, initial=first, widget=UnfoldAdminSingleDateWidget, validators=[year_fits])


class DayForm(forms.Form):
    """The day on which something takes effect."""

    on = day_field("日期")


class ReasonForm(forms.Form):
    """Why something is done; kept with it."""

    reason = forms.CharField(label="原因", max_length=100, widget=UnfoldAdminTextInputWidget)


class QuestionForm(forms.Form):
    """Nothing to fill in: are you sure?"""
