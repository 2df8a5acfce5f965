"""Filters and forms of the desk. Choices hold only what the user may see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.accounts.models import User
from governance.disclosure.notices import TEXT_LENGTH
from governance.periods import Kind, Period, today
from moral_bank.models import Closing
from villages.models import Unit

STAR_CHOICES = [("", "全部星级"), ("5", "五星"), ("4", "四星"), ("3", "三星"), ("2", "二星"), ("0", "未评星")]
WEEKDAYS = "一二三四五六日"
MONTHS_BACK, QUARTERS_BACK, YEARS_BACK = 13, 5, 2


class DeskForm(forms.Form):
    """Fields that look like Bootstrap's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.HiddenInput | forms.RadioSelect):
                chosen = isinstance(field.widget, forms.Select)
                field.widget.attrs.setdefault("class", "form-select" if chosen else "form-control")


def villages_seen(user: User) -> QuerySet[Unit]:
    """The villages standing today that `user` sees; none for duties below village level."""
    return Unit.objects.visible_to(user).villages().on(today())


class VillageFilter(DeskForm):
    """Search text and village; the village is asked only of those who see several."""

    q = forms.CharField(label="查找", max_length=40, required=False)
    village = forms.ModelChoiceField(
        label="村（社区）", queryset=Unit.objects.none(), required=False, empty_label="全部村（社区）"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        villages = list(villages_seen(user))
        if len(villages) > 1:
            field = self.fields["village"]
            field.queryset = villages_seen(user)  # type: ignore[attr-defined]
            field.choices = [("", "全部村（社区）"), *((village.pk, str(village)) for village in villages)]  # type: ignore[attr-defined]
        else:
            del self.fields["village"]

    def value(self, name: str) -> Any:
        """The cleaned value, None where the field is absent, empty or wrong."""
        self.is_valid()
        return self.cleaned_data.get(name) or None


class RatingFilter(VillageFilter):
    period = forms.ChoiceField(label="期间", required=False)
    stars = forms.ChoiceField(label="星级", choices=STAR_CHOICES, required=False)

    field_order = ["period", "village", "stars", "q"]

    def __init__(self, *args: Any, periods: list[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = [(str(period), period.label) for period in periods]  # type: ignore[attr-defined]


def day_choices() -> list[tuple[str, str]]:
    """Today and the days before it in this month and the two before: a list is quicker to the thumb than a calendar."""
    last = today()
    first = Period.of(Kind.MONTH, last).previous().previous().start
    days = [last - timedelta(days=back) for back in range((last - first).days + 1)]
    near = dict(zip(days, ("今天 ", "昨天 ", "前天 "), strict=False))
    return [(day.isoformat(), f"{near.get(day, '')}{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}") for day in days]


class AnswerForm(DeskForm):
    """采纳 or 不采纳, in words."""

    upheld = forms.ChoiceField(
        label="处理", choices=[("1", "采纳（异议成立）"), ("0", "不采纳")], error_messages={"required": "请选择是否采纳。"},
    )
    answer = forms.CharField(
        label="答复",
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明答复。"},
    )


def periods_due() -> list[Period]:
    """Ended months, quarters and years that somebody may still look at, latest first."""
    found = []
    for kind, count in ((Kind.MONTH, MONTHS_BACK), (Kind.QUARTER, QUARTERS_BACK), (Kind.YEAR, YEARS_BACK)):
        period = Period.of(kind, today())
        for _ in range(count):
            period = period.previous()
            found.append(period)
    return found


class PeriodForm(DeskForm):
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
