"""Forms of claims: one household's deed, many households' one deed, refusals, appeals, past ledgers."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.accounts.models import User
from governance.frame.forms import ChosenField, PageForm, day_choices
from governance.frame.imports.forms import encoding_field
from governance.periods import today
from governance.sheets.limits import Limits
from moral_bank.claims.services import NAME_LENGTH, NOTE_LENGTH
from moral_bank.claims.sheet_import import villages_declared
from moral_bank.models import Claim
from moral_bank.rules.models import Deed
from villages.filters import place_choices
from villages.models import Household, Unit

SOURCES = [("cadre", "干部申报"), ("household", "替户申报"), ("neighbour", "替邻居申报")]


def _figure(text: object) -> int | None:
    """A whole number that was sent; None where there is none, nought or no number."""
    digits = str(text).strip()
    return int(digits) or None if digits.removeprefix("-").isdecimal() and len(digits) < 6 else None


class DeedForm(PageForm):
    """Which deed, on which day. A judged deed takes its figure from the field `score-<deed id>` beside it, one counted by
    quantity takes that from `quantity-<deed id>`."""

    occurred_on = forms.DateField(label="发生日期", widget=forms.Select)
    note = forms.CharField(label="说明（可不填）", max_length=NOTE_LENGTH, required=False)
    deed = forms.ModelChoiceField(
        label="事项",
        queryset=Deed.objects.none(),
        error_messages={
            "required": "请选一个事项。",
            "invalid_choice": "这个事项不属于发生当日施行的积分细则，下面已换成当日的事项，请重新选择。",
        },
    )

    def __init__(self, *args: Any, deeds: QuerySet[Deed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deed"].queryset = deeds  # type: ignore[attr-defined]
        self.fields["occurred_on"].widget.choices = day_choices()

    def score_sent(self, deed: Deed) -> int | None:
        """The figure that was sent for a judged deed."""
        return _figure(self.data.get(f"score-{deed.pk}", ""))

    def quantity_sent(self, deed: Deed) -> int | None:
        """The quantity that was sent for a deed counted by it."""
        return _figure(self.data.get(f"quantity-{deed.pk}", "1"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        deed = cleaned.get("deed")
        cleaned["score"], cleaned["quantity"] = None, 1
        if deed is not None and deed.is_judged:
            cleaned["score"] = self.score_sent(deed)
            if cleaned["score"] is None:
                self.add_error("deed", f"请选“{deed.name}”的评分。")
        if deed is not None and deed.by_quantity:
            cleaned["quantity"] = self.quantity_sent(deed)
            if cleaned["quantity"] is None:
                self.add_error("deed", f"请填“{deed.name}”的数量（{deed.unit}）。")
        return cleaned


class ClaimForm(DeedForm):
    """What a household did; written down for the household or a neighbour (代录) only where that is chosen."""

    source = forms.ChoiceField(label="谁申报", choices=SOURCES, required=False, widget=forms.RadioSelect)
    applicant = forms.CharField(label="申报的人", max_length=NAME_LENGTH, required=False)
    consent = forms.ChoiceField(
        label="对方如何同意代录", choices=[("", "请选择"), *Claim.Consent.choices], required=False
    )

    def __init__(self, *args: Any, household: Household, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.household = household
        self.fields["applicant"].widget.attrs["placeholder"] = f"替户申报不填就是户主{household.head_name}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["source"] = cleaned.get("source") or "cadre"
        if cleaned["source"] == "cadre":
            cleaned["applicant"] = cleaned["consent"] = ""
            return cleaned
        if cleaned["source"] == "household":
            cleaned["applicant"] = cleaned.get("applicant") or self.household.head_name[:NAME_LENGTH]
        if not cleaned.get("applicant"):
            self.add_error("applicant", "请写申报的人。")
        if not cleaned.get("consent"):
            self.add_error("consent", "请选对方如何同意代录。")
        return cleaned

    @property
    def told(self) -> bool:
        """Whether the part about 代录 was asked for: the usual form is lighter without it."""
        return bool(self["source"].value())


class PlaceForm(PageForm):
    """Where the households live."""

    place = forms.ChoiceField(label="哪里", required=False)

    def __init__(self, *args: Any, places: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = place_choices(places)  # type: ignore[attr-defined]


class BatchForm(DeedForm):
    """One deed of many households, off a paper sheet: `homes` are the ticked ones of the place."""

    homes = ChosenField(Household.objects.none(), label="住户", error_messages={"required": "请勾选住户。"})
    signed = forms.BooleanField(label="各户自己申报，纸质申报表上有签字", required=False)

    def __init__(self, *args: Any, homes: QuerySet[Household], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["homes"].queryset = homes  # type: ignore[attr-defined]
        self.fields["signed"].widget.attrs["class"] = "form-check-input"

    @property
    def ticked(self) -> set[str]:
        """Keys of the households that were ticked, as they were sent."""
        return {str(value) for value in self["homes"].value() or []}


class RejectForm(PageForm):
    reason = forms.CharField(
        label="退回原因",
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明退回原因。"},
    )


class AppealForm(PageForm):
    """Who appeals, and why."""

    name = forms.CharField(label="申诉的人", max_length=NAME_LENGTH, error_messages={"required": "请写申诉的人。"})
    text = forms.CharField(
        label="理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明理由。"},
    )


class AppealAnswerForm(PageForm):
    """成立 or 维持, in words."""

    upheld = forms.ChoiceField(
        label="处理",
        choices=[("1", "申诉成立"), ("0", "维持原决定")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择是否成立。"},
    )
    answer = forms.CharField(
        label="答复",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明答复。"},
    )

    def arguments(self) -> dict[str, Any]:
        return {"upheld": self.cleaned_data["upheld"] == "1", "answer": self.cleaned_data["answer"]}


class ClaimSheetForm(PageForm):
    """A past ledger; the village is asked only of those who declare in several."""

    village = forms.ModelChoiceField(
        Unit.objects.none(), label="哪个村（社区）", required=False, empty_label="按表里的村名"
    )
    file = forms.FileField(
        label="积分台账（.xlsx、.xls 或 .csv）",
        widget=forms.ClearableFileInput({"accept": ".xlsx,.xls,.csv"}),
        error_messages={"required": "请选择文件。"},
    )
    encoding = encoding_field()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        villages = villages_declared(user)
        if villages.count() > 1:
            self.fields["village"].queryset = villages  # type: ignore[attr-defined]
        else:
            del self.fields["village"]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        most = Limits().file_bytes
        if file.size > most:
            raise forms.ValidationError(f"文件超过 {most // 1024 // 1024} MB，请拆分后再上传。")
        return file


def day_of(text: str) -> date:
    """A day in ISO text; today, if it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today()
