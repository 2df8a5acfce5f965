"""Filters of lists: django-filter with the pages' look. What is invalid finds nothing and says why."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.choices import flatten_choices

from governance.frame.columns import shown
from governance.frame.forms import PageForm
from governance.periods import Kind, Period, today
from governance.reading import text_asked
from governance.sheets.cells import tidy

WORDS = 40
FOLDED_FROM = 2  # filters beside the search box that a phone shows at once


class Chip(NamedTuple):
    """A filter that is set: its field's name and both words."""

    name: str
    label: str
    words: str


class PageFilter(django_filters.FilterSet):
    """Filters of one list, bound to the address."""

    class Meta:
        form = PageForm

    def __init__(self, data: Any, rows: QuerySet[Any], *, request: HttpRequest) -> None:
        super().__init__(data, rows, request=request)

    @property
    def folds(self) -> bool:
        """Whether what is asked beside the words is too much for a phone's first screen."""
        return len(self.form.fields) - ("q" in self.form.fields) > FOLDED_FROM

    @property
    def is_narrowed(self) -> bool:
        """Whether more than the words is asked, or something wrongly."""
        return bool(self.form.errors) or any(chip.name != "q" for chip in self.chips())

    def found(self) -> QuerySet[Any]:
        """The filtered rows; none of them where a filter is invalid, never all."""
        rows: QuerySet[Any] = self.qs if self.is_valid() else self.queryset.none()
        return rows

    def value(self, name: str) -> Any:
        """The cleaned value, None where the field is absent, empty or wrong."""
        return self.form.cleaned_data.get(name) or None if self.is_valid() else None

    def chips(self) -> Iterator[Chip]:
        for bound in self.form if self.is_valid() else ():
            value = self.value(bound.name)
            if value is not None:
                choices = getattr(bound.field, "choices", ()) if isinstance(value, str) else ()
                labels = dict(flatten_choices(pair for pair in choices))  # django-filter's choices know no length if computed
                yield Chip(bound.name, bound.label, shown(labels.get(value, value)))


class WordsField(forms.CharField):
    """Words as an import would read them: half-width figures and letters, no compatibility ideographs. What an import would drop
    whole stays, so that it finds nothing instead of everything; the 41st character is refused."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": WORDS, **options})

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return unicodedata.normalize("NFC", tidy(text)) or text


class Asked(NamedTuple):
    """What a search box that is no list's asks: as it was typed, and the words to look for, "" where there are none to look for."""

    typed: str
    words: str


def words_asked(request: HttpRequest) -> Asked:
    """The search box `q` of the address."""
    typed = text_asked(request, "q").strip()
    words = words_of(typed)
    return Asked(typed, words) if words else Asked(typed and f"{typed[:WORDS]}…", "")


def words_of(typed: str) -> str:
    """The words to look for, "" where they are none or are refused."""
    try:
        return WordsField().clean(typed) or ""
    except forms.ValidationError:
        return ""


def searched(rows: QuerySet[Any], typed: str, named: Callable[[str], Q]) -> QuerySet[Any]:
    """The rows that a search box names: all of them where it is empty, none where its words cannot be looked for."""
    words = words_of(typed)
    return rows.filter(named(words)) if words else rows.none() if typed else rows


class WordsFilter(django_filters.CharFilter):
    """Words to look for: rows where any of `look_ups` holds; a callable makes its own condition of the words."""

    field_class = WordsField

    def __init__(self, placeholder: str, *look_ups: str | Callable[[str], Q], **options: Any) -> None:
        self.look_ups = look_ups
        widget = forms.TextInput({"placeholder": placeholder})
        super().__init__(label="查找", max_length=WORDS, widget=widget, **options)

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return rows
        return rows.filter(reduce(or_, (found(value) if callable(found) else Q(**{found: value}) for found in self.look_ups)))


class PartFilter(django_filters.ChoiceFilter):
    """One of the named parts of the rows: key → label and how to narrow. The first, with the key "", holds where none is chosen."""

    def __init__(self, label: str, parts: Mapping[str, tuple[str, Callable[[Any], Any]]], **options: Any) -> None:
        self.parts = parts
        choices = [(key, part) for key, (part, _) in parts.items() if key]
        super().__init__(label=label, choices=choices, empty_label=parts[""][0], **options)

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        narrowed: QuerySet[Any] = self.parts[value or ""][1](rows)
        return narrowed


class PeriodFilter(django_filters.ChoiceFilter):
    """Rows of a month (or what `periods` offers) by the day in `field_name`; `instant`: the field is a moment, not a day."""

    def __init__(
        self, label: str, field_name: str, *, periods: Callable[[], list[Period]] | None = None, instant: bool = False, **options: Any
    ) -> None:
        offered, self.instant = periods or last_months, instant

        def choices() -> list[tuple[str, str]]:  # no method: a form copies its fields, and the filter knows the request
            return [(str(period), period.label) for period in offered()]

        super().__init__(field_name=field_name, label=label, choices=choices, **{"empty_label": "全部月份", **options})

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return rows
        period = Period.parse(value)
        first, after = period.bounds() if self.instant else (period.start, period.end)
        return rows.filter(**{f"{self.field_name}__gte": first, f"{self.field_name}__lt": after})


def last_months(number: int = 13) -> list[Period]:
    """This month and those before it."""
    return Period.of(Kind.MONTH, today()).back(number)
