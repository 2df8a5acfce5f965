"""Forms of the duty roster."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from governance.accounts.models import User
from governance.cases.models import Shift, ShiftKind
from governance.errors import DomainError
from governance.frame.forms import WEEKDAYS, PageForm, ServiceForm
from governance.generics import ModelForm
from governance.periods import Kind, Period, today
from villages.filters import villages_seen
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


def village_of_request(user: User, key: str) -> Unit | None:
    """The village that an address names, else the first that `user` sees; a duty below village level has its own."""
    villages = villages_seen(user)
    found = villages.filter(pk=key).first() if key.isdecimal() else None
    return found or villages.first()


class ShiftKindForm(ServiceForm, ModelForm):
    class Meta:
        model = ShiftKind
        fields = ["name", "starts", "ends", "days", "is_active"]
        widgets = {
            "starts": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "ends": forms.TimeInput({"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            look = {"days": "form-select", "is_active": "form-check-input"}.get(name, "form-control")
            field.widget.attrs["class"] = look

    def arguments(self) -> dict[str, Any]:
        return {"kind": self.instance}


class PhoneForm(PageForm):
    phone = forms.CharField(label="值班电话（向村民公开，不要填私人号码）", max_length=20, required=False)


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
