"""What all forms of pages share: Bootstrap's look, and days to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.functional import cached_property

from governance.errors import DomainError
from governance.generics import ModelMultipleChoiceField
from governance.periods import YEARS, Kind, Period, today
from governance.reading import KEY_DIGITS, key_of

WEEKDAYS = "一二三四五六日"


def year_fits(day: date) -> None:
    """A day of the house: beyond it nothing can be reckoned with days."""
    if day.year not in YEARS:
        raise forms.ValidationError(f"年份应在 {YEARS[0]} 到 {YEARS[-1]} 之间。", "year")


def bound_years(form: forms.BaseForm) -> None:
    """Days and moments of a form are of the house's years."""
    for field in form.fields.values():
        if isinstance(field, (forms.DateField, forms.DateTimeField)) and year_fits not in field.validators:
            field.validators.append(year_fits)


class ServiceForm(forms.BaseForm):
    """A form that one service takes (`frame/act.py`)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bound_years(self)

    def arguments(self) -> dict[str, Any]:
        """The service's arguments; by default the cleaned fields under their own names."""
        return self.cleaned_data

    def refuse(self, error: DomainError) -> None:
        """Show what the service refused: at the field that the error names, else above the form."""
        self.add_error(error.field if error.field in self.fields else None, error.message)

    @property
    def reasons(self) -> str:
        """All that is wrong in one line: for a message, where the form stands on another page."""
        return "；".join(str(reason) for reasons in self.errors.values() for reason in reasons)


@dataclass(frozen=True)
class About:
    """What a hidden field of a form names, in words for the page."""

    name: str
    label: str
    key: int
    words: str


class PageForm(ServiceForm, forms.Form):
    """Fields that look like Bootstrap's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.HiddenInput):
                field.widget.attrs.setdefault("class", look_of(field.widget))


    @cached_property
    def about(self) -> list[About]:
        """What the record is about without being asked: each hidden field that names a row. The page shows them (`_about.html`)."""
        found = []
        for bound in self.hidden_fields():
            key = key_of(str(bound.value() or ""))
            if key and isinstance(bound.field, forms.ModelChoiceField) and bound.field.queryset is not None:
                row = bound.field.queryset.filter(pk=key).first()
                found += [About(bound.name, str(bound.label), key, str(row))] if row is not None else []
        return found

    @property
    def about_key(self) -> str:
        """The same for scripts: a draft belongs to what it is about."""
        return " ".join(f"{one.name}={one.key}" for one in self.about)


class ChosenField(ModelMultipleChoiceField):
    """Several rows. What no key can be is refused before the database sees it: SQLite falls over figures beyond its own."""

    def clean(self, value: Any) -> Any:
        for key in value if isinstance(value, (list, tuple)) else ():
            if len(str(key)) > KEY_DIGITS:
                raise forms.ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": str(key)[:KEY_DIGITS]})
        return super().clean(value)


def day_widget() -> forms.DateInput:
    """The browser's own calendar."""
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


def look_of(widget: forms.Widget) -> str:
    """Bootstrap's class for a widget."""
    if isinstance(widget, forms.RadioSelect):
        return "btn-check"
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


def day_choices() -> list[tuple[str, str]]:
    """Today and the days before it in this month and the two before: a list is quicker to the thumb than a calendar."""
    last = today()
    first = Period.of(Kind.MONTH, last).previous().previous().start
    days = [last - timedelta(days=back) for back in range((last - first).days + 1)]
    near = dict(zip(days, ("今天 ", "昨天 ", "前天 "), strict=False))
    return [(day.isoformat(), f"{near.get(day, '')}{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}") for day in days]


def unchosen(choices: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """`choices` behind an empty one: a verdict is given by a person, never by the form."""
    return [("", "请选择"), *choices]
