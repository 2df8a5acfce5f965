"""Forms about superiors' forms: the file, what its sheets are, what stands below each heading, which period."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.accounts.models import User
from governance.desk.superior.figures import record_books
from governance.desk.superior.layout import CELLS, LIMITS, NOTHING, RECORDS, UNITS, Part
from governance.desk.superior.models import SuperiorForm
from governance.desk.superior.services import parts_of, townships_of
from governance.desk.superior.sources import options
from governance.frame.filters import last_months
from governance.frame.forms import PageForm
from governance.periods import Kind, Period, today
from villages.models import Unit


class FileForm(PageForm):
    """A template."""

    file = forms.FileField(
        label="上级发的空表（.xlsx）",
        help_text="表头、合并的格子、公式都照原样保留。旧的 .xls 请先另存为 .xlsx。",
        widget=forms.ClearableFileInput({"accept": ".xlsx"}),
        error_messages={"required": "请选择文件。", "empty": "文件是空的。"},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LIMITS.file_bytes:
            raise forms.ValidationError(f"空表超过 {LIMITS.file_bytes // 1024 // 1024} MB，请删去多余的内容再上传。")
        return file

    def arguments(self) -> dict[str, Any]:
        file = self.cleaned_data["file"]
        return {**self.cleaned_data, "file": file.read(), "filename": file.name}


class UploadForm(FileForm):
    """A form under its name; the township is asked only of those who have several."""

    township = forms.ModelChoiceField(Unit.objects.none(), label="乡镇")
    name = forms.CharField(label="报表名称", max_length=60)
    office = forms.CharField(label="要表的单位", max_length=60)
    field_order = ["township", "name", "office", "file"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.towns = list(townships_of(user)[:2])
        if len(self.towns) > 1:
            self.fields["township"].queryset = townships_of(user)  # type: ignore[attr-defined]
        else:
            del self.fields["township"]

    def arguments(self) -> dict[str, Any]:
        return {"township": self.towns[0], **super().arguments()}


class LayoutForm(PageForm):
    """What each sheet is, and where its heading stands."""

    def __init__(self, *args: Any, form: SuperiorForm, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = parts_of(form)
        ledgers = [(f"{RECORDS}:{name}", f"一条记录一行：{book.ledger.title}") for name, book in record_books().items()]
        kinds = [(NOTHING, "（这个工作表不填）"), (UNITS, "一个村（社区）一行"), (CELLS, "单个格子：名称右边的空格"), *ledgers]
        for number, part in enumerate(self.parts):
            kind = f"{RECORDS}:{part.ledger}" if part.kind == RECORDS else part.kind
            self._add(f"kind-{number}", forms.ChoiceField(label=f"工作表“{part.sheet}”", choices=kinds, required=False, initial=kind))
            for name, label, row in (("first", "表头从第几行", part.first), ("last", "到第几行", part.last)):
                widget = forms.NumberInput({"class": "form-control", "inputmode": "numeric"})
                self._add(f"{name}-{number}", forms.IntegerField(label=label, min_value=0, max_value=200, initial=row, widget=widget))

    def _add(self, name: str, field: forms.Field) -> None:
        if isinstance(field.widget, forms.Select):
            field.widget.attrs["class"] = "form-select"
        self.fields[name] = field

    def arguments(self) -> dict[str, Any]:
        return {"sheets": {part.sheet: self._of(number) for number, part in enumerate(self.parts)}}

    def _of(self, number: int) -> tuple[str, str, int, int]:
        kind, _, ledger = self.cleaned_data[f"kind-{number}"].partition(":")
        return kind, ledger, self.cleaned_data[f"first-{number}"], self.cleaned_data[f"last-{number}"]


class MapForm(PageForm):
    """What stands below each heading."""

    def __init__(self, *args: Any, form: SuperiorForm, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = [part for part in parts_of(form) if part.kind]
        for number, part in enumerate(self.parts):
            chosen = form.choices.get(part.sheet, {})
            choices = [("", "（不填）"), *options(part, form.township)]
            for place, heading in part.headings.items():
                widget = forms.Select({"class": "form-select", "aria-label": f"{part.sheet} {heading}"})
                self.fields[f"{number}-{place}"] = forms.ChoiceField(
                    label=heading, choices=choices, required=False, initial=chosen.get(place, ""), widget=widget
                )

    def tables(self) -> list[tuple[Part, list[tuple[str, forms.BoundField]]]]:
        """Each sheet with its columns (or cells) and their choices."""
        return [(part, [(place, self[f"{number}-{place}"]) for place in part.headings]) for number, part in enumerate(self.parts)]

    def arguments(self) -> dict[str, Any]:
        said = self.cleaned_data
        choices = {
            part.sheet: {place: said[f"{number}-{place}"] for place in part.headings} for number, part in enumerate(self.parts)
        }
        return {"choices": choices}


def _periods() -> list[tuple[str, str]]:
    """The last months, this quarter and the one before, this half-year, this year and the last."""
    day = today()
    longer = [*Period.of(Kind.QUARTER, day).back(2), *Period.of(Kind.HALF, day).back(2), *Period.of(Kind.YEAR, day).back(2)]
    return [(str(period), period.label) for period in [*last_months(), *longer]]


class FillForm(PageForm):
    """Which period; this month unless another is chosen."""

    period = forms.ChoiceField(label="期间", choices=_periods)

    def arguments(self) -> dict[str, Any]:
        return {"period": Period.parse(self.cleaned_data["period"])}
