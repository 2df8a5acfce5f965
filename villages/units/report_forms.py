"""Which day, month and villages a report is about."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from governance.accounts.models import User
from governance.frame.forms import PageForm
from governance.periods import Kind, Period, today
from villages.models import Succession, Unit
from villages.units.reports import Basis

MONTHS_BACK = 24


def days_offered(user: User) -> dict[str, tuple[str, date]]:
    """Key → label and day: today, last year's end and, where villages were merged or split, the day before the latest."""
    now = today()
    days = {"today": ("今天", now), "year_end": ("去年末", date(now.year - 1, 12, 31))}
    seen = Unit.objects.visible_to(user).villages()
    merged = Succession.objects.filter(predecessor__in=seen.order_by(), on__lte=now).order_by("-on").first()
    if merged:
        days["before_merger"] = ("合并前一天", merged.on - timedelta(days=1))
    return days


class ReportForm(PageForm):
    """Everything may be left out: today, that day's month, the villages of that day."""

    day = forms.ChoiceField(label="日期", required=False)
    other = forms.DateField(
        label="或填其他日期",
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.TextInput(attrs={"placeholder": "如 2025-06-30", "inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": "日期应写作 2025-06-30。"},
    )
    month = forms.ChoiceField(label="积分月份", required=False)
    basis = forms.ChoiceField(label="口径", choices=Basis.choices, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days = days_offered(user)
        months = Period.of(Kind.MONTH, today()).back(MONTHS_BACK + 1)
        choices = {
            "day": [(key, f"{label}（{day:%Y-%m-%d}）") for key, (label, day) in self.days.items()],
            "month": [("", "所选日期的当月"), *((str(month), month.label) for month in months)],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def clean_other(self) -> date | None:
        other: date | None = self.cleaned_data["other"]
        if other and other > today():
            raise forms.ValidationError("日期不能晚于今天。")
        return other

    def chosen(self) -> tuple[date, Period, str]:
        """Day, month and basis of a valid form; what is missing is today, the day's month and the villages of then."""
        cleaned = self.cleaned_data
        day = cleaned["other"] or self.days[cleaned["day"] or "today"][1]
        month = Period.parse(cleaned["month"]) if cleaned["month"] else Period.of(Kind.MONTH, day)
        return day, month, cleaned["basis"] or Basis.AS_WAS
