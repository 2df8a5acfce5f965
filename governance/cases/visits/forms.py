"""The one form of 走访、巡查、上门: where, to whom, what was seen (plan §四.2, §四.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Visit
from governance.cases.visits.services import VisitReport
from governance.frame.forms import PageForm
from governance.periods import SHANGHAI, today
from villages.filters import places_of
from villages.models import Household, Unit

DAYS_BACK = 14
NEAR = ("今天", "昨天", "前天")


def day_choices() -> list[tuple[str, str]]:
    """Today and the fourteen days before it."""
    days = [today() - timedelta(days=back) for back in range(DAYS_BACK + 1)]
    return [
        (day.isoformat(), f"{NEAR[back] if back < len(NEAR) else ''} {day.month}月{day.day}日".strip())
        for back, day in enumerate(days)
    ]


class VisitForm(PageForm):
    """`went_on` is a day; a visit of the day on which it was written down happened then."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="类型", choices=Visit.Kind, initial=Visit.Kind.CALL)
    unit = forms.ModelChoiceField(Unit.objects.none(), error_messages={"required": "请选地方。"})
    seen = forms.CharField(
        label="看到的、听到的",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写一句看到的、听到的情况。"},
    )
    went_on = forms.DateField(label="日期", required=False, widget=forms.Select)
    place = forms.CharField(label="具体位置", max_length=120, required=False)
    companions = forms.CharField(label="同行人", max_length=100, required=False)
    household = forms.ModelChoiceField(Household.objects.none(), label="走访户", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, written_at: datetime | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.written_at = written_at
        self.fields["unit"].queryset = places_of(user, Action.VISIT_LOG)  # type: ignore[attr-defined]
        households = Household.objects.visible_to(user, Action.VISIT_LOG).filter(ended_on=None)
        self.fields["household"].queryset = households.select_related("unit")  # type: ignore[attr-defined]
        self.fields["went_on"].widget.choices = day_choices()

    def arguments(self) -> dict[str, Any]:
        return {"key": self.cleaned_data["client_key"], "report": self.report()}

    def report(self) -> VisitReport:
        cleaned = self.cleaned_data
        day, written = cleaned["went_on"], self.written_at or timezone.now()
        went_at = written if day in (None, today(written)) else datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
        reported = ("kind", "unit", "seen", "place", "household", "companions")
        return VisitReport(went_at=went_at, **{name: cleaned[name] for name in reported})
