"""Filters and forms of closings and ratings."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.frame.forms import PageForm
from governance.periods import Kind, Period, today
from moral_bank.models import Closing
from villages.filters import VillageFilter

STAR_CHOICES = [("", "全部星级"), ("5", "五星"), ("4", "四星"), ("3", "三星"), ("2", "二星"), ("0", "未评星")]
MONTHS_BACK, QUARTERS_BACK, YEARS_BACK = 13, 5, 2


class RatingFilter(VillageFilter):
    period = forms.ChoiceField(label="期间", required=False)
    stars = forms.ChoiceField(label="星级", choices=STAR_CHOICES, required=False)

    field_order = ["period", "village", "stars", "q"]

    def __init__(self, *args: Any, periods: list[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = [(str(period), period.label) for period in periods]  # type: ignore[attr-defined]


def periods_due() -> list[Period]:
    """Ended months, quarters and years that somebody may still look at, latest first."""
    found = []
    for kind, count in ((Kind.MONTH, MONTHS_BACK), (Kind.QUARTER, QUARTERS_BACK), (Kind.YEAR, YEARS_BACK)):
        period = Period.of(kind, today())
        for _ in range(count):
            period = period.previous()
            found.append(period)
    return found


class PeriodForm(PageForm):
    """One of the ended periods; `Closing.kind` knows no half-years."""

    period = forms.ChoiceField(label="期间")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = [(str(period), period.label) for period in periods_due()]  # type: ignore[attr-defined]

    def chosen(self) -> Period:
        """The chosen period, last month where none or a wrong one was given."""
        if self.is_bound and self.is_valid():
            return Period.parse(self.cleaned_data["period"])
        return Period.of(Kind.MONTH, today()).previous()


class ClosingFilter(PeriodForm):
    state = forms.ChoiceField(label="状态", choices=[("", "全部状态"), *Closing.State.choices], required=False)
