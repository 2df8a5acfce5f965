"""Forms of the duty roster."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
from django import forms

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import CONSENT_DUTIES
from governance.cases.models import Shift, ShiftKind
from governance.errors import DomainError
from governance.frame.forms import WEEKDAYS, PageForm, ServiceForm, day_widget
from governance.generics import ModelForm
from governance.periods import Kind, Period, today
from governance.reading import text_asked
from villages.filters import InVillages, villages_seen
from villages.models import Post, Unit

MONTHS = (-1, 0, 1, 2)


def month_of(text: str) -> Period:
    """The month that an address names; this one where it names none."""
    try:
        month = Period.parse(text)
    except DomainError:
        return Period.of(Kind.MONTH, today())
    return month if month.kind == Kind.MONTH else Period.of(Kind.MONTH, today())


def month_choices(chosen: Period) -> list[Period]:
    """Last month, this one and the next two, with the chosen one among them."""
    month = Period.of(Kind.MONTH, today()).previous()
    months = [month]
    for _ in range(3):
        month = month.next()
        months.append(month)
    return months if chosen in months else [chosen, *months]


class RosterFilter(InVillages):
    """One village's month: the first village that the user sees, and this month, where the address names none."""

    village = django_filters.ChoiceFilter(label="村（社区）", empty_label=None)
    month = django_filters.ChoiceFilter(label="月份", empty_label=None)

    def __init__(self, request: UserRequest) -> None:
        self.period, self.first = month_of(text_asked(request, "month")), villages_seen(request.user).first()
        named = {name: value for name, value in request.GET.items() if value}
        usual = {"month": str(self.period), "village": self.first.pk if self.first else ""}
        super().__init__({**usual, **named}, Shift.objects.none(), request=request)
        self.filters["month"].extra["choices"] = [(str(month), month.label) for month in month_choices(self.period)]

    @property
    def chosen(self) -> Unit | None:
        """None where the user sees no village, or the filter is invalid."""
        if not self.is_valid():
            return None
        key = self.value("village")
        return villages_seen(self.request.user).get(pk=key) if key else self.first


class ShiftKindForm(ServiceForm, ModelForm):
    class Meta:
        model = ShiftKind
        fields = ["purpose", "name", "starts", "ends", "days", "is_active"]
        widgets = {
            "starts": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "ends": forms.TimeInput({"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            look = {"purpose": "form-select", "days": "form-select", "is_active": "form-check-input"}.get(name, "form-control")
            field.widget.attrs["class"] = look

    def arguments(self) -> dict[str, Any]:
        return {"kind": self.instance}


class PublicPostForm(PageForm):
    """What residents may know of a post; a day of consent is asked of those who need one to be named."""

    phone = forms.CharField(label="电话（向村民公开，不要填私人号码）", max_length=20, required=False)
    consented_on = forms.DateField(label="书面同意公开姓名和电话的日期", required=False, widget=day_widget())

    def __init__(self, *args: Any, post: Post, **kwargs: Any) -> None:
        kwargs["initial"] = {"phone": post.phone, "consented_on": post.consented_on}
        super().__init__(*args, auto_id=f"{post.pk}_%s", **kwargs)
        if post.kind not in CONSENT_DUTIES:
            del self.fields["consented_on"]


class AssignForm(PageForm):
    post = forms.ModelChoiceField(Post.objects.none(), label="换成", empty_label=None)

    def __init__(self, *args: Any, posts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].queryset = posts  # type: ignore[attr-defined]


class SwapForm(PageForm):
    other = forms.ModelChoiceField(Shift.objects.none(), label="换哪个班", empty_label="请选择")
    reason = forms.CharField(label="原因（可不填）", max_length=100, required=False)

    def __init__(self, *args: Any, shift: Shift, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ahead = Shift.objects.filter(village=shift.village_id, day__gt=today()).exclude(post__user=shift.post.user_id)
        field: Any = self.fields["other"]
        field.queryset = ahead.select_related("kind", "post__user", "post__resident").order_by("day", "kind__starts")
        field.label_from_instance = lambda row: f"{day_text(row.day)} {row.kind.name} {row.post.holder_name}"


def day_text(day: date) -> str:
    return f"{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}"
