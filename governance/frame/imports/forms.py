"""Forms of imports: which heading of a file means which field; a sheet that is pasted instead of kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from governance.errors import DomainError
from governance.sheets.containers import ENCODINGS
from governance.sheets.headings import RETURNED, Field
from governance.sheets.tables import HIDDEN_SHEETS, Table

_HIDDEN = "hidden_sheets"


def encoding_field(widget: type[forms.Select] = forms.Select) -> forms.ChoiceField:
    """How a text file is written, for whom the guess of the house went wrong; goes to `SheetFlow.read` as `encoding`."""
    words = "只对 csv 和 txt 有用；打开后是乱码才需要选"
    return forms.ChoiceField(label="文字编码", choices=list(ENCODINGS.items()), required=False, help_text=words, widget=widget)


class MappingForm(forms.Form):
    """One choice for each heading of `tables` among the fields that are `known`."""

    name: ClassVar[str] = "h"
    unused: ClassVar[str] = "（不导入）"
    widget: ClassVar[type[forms.Select]] = forms.Select
    attrs: ClassVar[dict[str, str]] = {"class": "form-select"}

    def __init__(self, *args: Any, tables: list[Table], known: Sequence[Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headings: list[str] = []
        choices = [("", self.unused), *((item.key, item.label) for item in known)]
        mapped: dict[str, str] = {}
        for table in tables:
            keys = {column: key for key, column in table.mapping.columns.items()}
            for column, heading in enumerate(table.headings):
                mapped[heading] = mapped.get(heading) or keys.get(column, "")
        for heading in mapped:
            if heading and heading not in RETURNED:
                self.fields[f"{self.name}{len(self.headings)}"] = forms.ChoiceField(
                    label=heading, choices=choices, required=False, initial=mapped[heading], widget=self.widget(attrs={**self.attrs})
                )
                self.headings.append(heading)
        if names := [table.sheet for table in tables if table.why == HIDDEN_SHEETS]:
            self.fields[_HIDDEN] = forms.BooleanField(label=f"连同隐藏的工作表（{'、'.join(names)}）一起读取", required=False)

    def overrides(self) -> dict[str, str]:
        chosen = {heading: self.cleaned_data[f"{self.name}{index}"] for index, heading in enumerate(self.headings)}
        return {**chosen, HIDDEN_SHEETS: "1"} if self.cleaned_data.get(_HIDDEN) else chosen


class PasteForm(forms.Form):
    """A sheet sent as `file` or pasted as `table`. Nothing is kept of it: the page shows it again with every answer.
    `text_of(file, filename)` is an uploaded sheet as it would be pasted, or SheetError. `needs_table`: without one nothing is sent."""

    text_of: ClassVar[staticmethod[..., str]]
    needs_table: ClassVar[bool] = True

    def clean(self) -> dict[str, Any]:
        """The table of a file takes the place of what was pasted."""
        cleaned: dict[str, Any] = super().clean() or {}
        if file := cleaned.get("file"):
            try:
                cleaned["table"] = self.text_of(file=file, filename=file.name)
            except DomainError as error:
                self.add_error("file", error.message)
        elif self.needs_table and not (cleaned.get("table") or "").strip():
            self.add_error("table", "请粘贴表格，或选一个文件。")
        return cleaned

    def keep_table(self) -> None:
        """Show the table of a file as if it had been pasted, so that it need not be sent again."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data["table"] = self.cleaned_data["table"]  # type: ignore[index]
