"""Forms of rule sets (plan §三.1; mission M22)."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.frame.forms import PageForm, ServiceForm, day_widget, look_of
from governance.frame.imports.forms import MappingForm, encoding_field
from governance.generics import ModelForm
from governance.periods import Kind, Period, today
from moral_bank.rules.models import DEED_FIELDS, Deed, Head, RuleSet
from moral_bank.rules.services import SETTINGS, Meeting
from moral_bank.rules.trial import Move
from villages.models import Unit

MOVES = [("", "升星和降星"), ("gain", "升星"), ("loss", "降星")]


class ValidFromForm(PageForm):
    """From when a new version shall count: the first of next month at first."""

    valid_from = forms.DateField(
        label="施行日期（须为某月 1 日）",
        widget=day_widget(),
        error_messages={"required": "请填施行日期。", "invalid": "日期应写作 2026-04-01。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].initial = Period.of(Kind.MONTH, today()).end


class MeetingForm(PageForm):
    """The record of the meeting that adopts a version."""

    on = forms.DateField(
        label="通过日期",
        initial=today,
        widget=day_widget(),
        error_messages={"required": "请填通过日期。", "invalid": "日期应写作 2026-04-08。"},
    )
    body = forms.CharField(
        label="通过的会议",
        max_length=60,
        widget=forms.TextInput({"placeholder": "如：镇人大主席团会议、村民代表会议"}),
        error_messages={"required": "请写通过的会议。"},
    )
    note = forms.CharField(
        label="会议记录摘要（会在公示栏公布，不要写个人姓名和电话）",
        max_length=300,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": "请写会议记录摘要。"},
    )

    def arguments(self) -> dict[str, Any]:
        return {"meeting": Meeting(**self.cleaned_data)}


class _StyledModelForm(ServiceForm, ModelForm):
    """A model's fields in the desk's looks; help becomes the placeholder. It checks, the service saves."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = look_of(field.widget)
            if field.help_text and not isinstance(field, forms.BooleanField):
                field.widget.attrs["placeholder"] = field.help_text


class DraftForm(_StyledModelForm):
    """Name, first day, lines and caps of a draft, and base and maximum of each head."""

    class Meta:
        model = RuleSet
        fields = ["name", "valid_from", *SETTINGS]
        widgets = {"valid_from": day_widget()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = {row.head: row for row in self.instance.heads.all()}
        for head, label in Head.choices:
            row = standing.get(head)
            for part, word in (("base", "基础分"), ("maximum", "满分")):
                field = forms.IntegerField(label=f"{label}{word}", min_value=0, max_value=100)
                field.widget.attrs["class"] = "form-control"
                field.initial = getattr(row, part) if row else None
                self.fields[f"{head}_{part}"] = field

    def head_rows(self) -> list[tuple[str, Any, Any]]:
        """(head, field of its base, field of its maximum)."""
        return [(str(label), self[f"{head}_base"], self[f"{head}_maximum"]) for head, label in Head.choices]

    def arguments(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        heads = {head: (cleaned[f"{head}_base"], cleaned[f"{head}_maximum"]) for head in Head.values}
        return {"values": {name: cleaned[name] for name in self.Meta.fields}, "heads": heads}


class DeedForm(_StyledModelForm):
    """One deed of a draft."""

    class Meta:
        model = Deed
        fields = DEED_FIELDS
        widgets = {"name": forms.Textarea({"rows": 2})}

    def arguments(self) -> dict[str, Any]:
        return {"values": self.cleaned_data}


class RuleFileForm(PageForm):
    """A sheet of published rules."""

    file = forms.FileField(
        label="Excel 文件（xlsx、xls 或 csv）", error_messages={"required": "请选一个文件。", "empty": "文件是空的。"}
    )
    encoding = encoding_field()


class ColumnsForm(MappingForm):
    """Which column says what."""

    name, unused = "column_", "不用这一列"


class CompareForm(PageForm):
    """The version that another is compared with."""

    def __init__(self, *args: Any, others: list[RuleSet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(row.pk), f"{row}（{row.get_state_display()}，{row.valid_from}）") for row in others]
        widget = forms.Select({"class": "form-select"})
        self.fields["with"] = forms.ChoiceField(label="与哪一版对照", choices=choices, required=False, widget=widget)


class TrialForm(PageForm):
    """Quarters to try and what of the result to show."""

    quarter = forms.ChoiceField(label="季度", required=False)
    village = forms.ChoiceField(label="村（社区）", required=False)
    move = forms.ChoiceField(label="变化", choices=MOVES, required=False)

    def __init__(self, *args: Any, quarters: list[Period], villages: list[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = [(str(quarter), quarter.label) for quarter in reversed(quarters)]
        self.fields["quarter"].choices = [("", "全部季度"), *chosen]  # type: ignore[attr-defined]
        self.fields["village"].choices = [("", "全部村（社区）"), *((str(unit.pk), str(unit)) for unit in villages)]  # type: ignore[attr-defined]

    def value(self, name: str) -> str:
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")

    def keeps(self, quarter: Period, village: int) -> bool:
        """Whether a line of this quarter and village is asked for; none where a choice is wrong."""
        return self.is_valid() and self.value("quarter") in ("", str(quarter)) and self.value("village") in ("", str(village))

    def keeps_move(self, move: Move) -> bool:
        wanted = self.value("move")
        return self.keeps(move.quarter, move.village) and (not wanted or move.gains == (wanted == "gain"))
