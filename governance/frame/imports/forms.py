"""Which heading of a file means which field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from governance.sheets.headings import Field
from governance.sheets.tables import Table


class MappingForm(forms.Form):
    """One choice for each heading of `tables` among the fields that are `known`."""

    name: ClassVar[str] = "h"
    unused: ClassVar[str] = "（不导入）"
    widget: ClassVar[type[forms.Select]] = forms.Select
    attrs: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, tables: list[Table], known: Sequence[Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headings: list[str] = []
        choices = [("", self.unused), *((item.key, item.label) for item in known)]
        for table in tables:
            keys = {column: key for key, column in table.mapping.columns.items()}
            for column, heading in enumerate(table.headings):
                if heading and heading not in self.headings:
                    self.fields[f"{self.name}{len(self.headings)}"] = forms.ChoiceField(
                        label=heading,
                        choices=choices,
                        required=False,
                        initial=keys.get(column, ""),
                        widget=self.widget(attrs={**self.attrs}),
                    )
                    self.headings.append(heading)

    def overrides(self) -> dict[str, str]:
        return {heading: self.cleaned_data[f"{self.name}{index}"] for index, heading in enumerate(self.headings)}
