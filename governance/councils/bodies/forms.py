"""Forms of bodies and seats."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.councils.models import Body, Seat
from governance.frame.forms import PageForm, day_widget
from governance.periods import today
from villages.models import Resident

_BETWEEN = re.compile(r"[\s、，,；;]+")
_NAMED = re.compile(r"(?P<name>[^（(]+)(?:[（(](?P<number>[^）)]+)[）)])?")
NAMES_AT_ONCE = 200


def day_field(label: str, *, required: bool = True, initial: Any = None) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        initial=initial,
        widget=day_widget(),
        error_messages={"required": f"请选{label}。", "invalid": "日期应写作 2026-04-08。"},
    )


class BodyForm(PageForm):
    name = forms.CharField(label="名称", max_length=60, error_messages={"required": "请写名称。"})
    convener = forms.CharField(label="由谁召集", max_length=60, required=False)
    every_months = forms.IntegerField(
        label="至少几个月开一次（0 表示有事才开）",
        min_value=0,
        max_value=24,
        widget=forms.NumberInput({"inputmode": "numeric"}),
        error_messages={"required": "请填 0 到 24。"},
    )
    charter = forms.CharField(label="章程", max_length=4000, required=False, widget=forms.Textarea({"rows": 8}))

    def __init__(self, *args: Any, body: Body, **kwargs: Any) -> None:
        fields = ("name", "convener", "every_months", "charter")
        super().__init__(*args, initial={name: getattr(body, name) for name in fields}, **kwargs)


class EndForm(PageForm):
    ended_on = day_field("撤销日期", initial=today)


class SeatForm(PageForm):
    """The resident is chosen on the page."""

    role = forms.ChoiceField(label="职务", choices=Seat.Role, initial=Seat.Role.MEMBER, widget=forms.RadioSelect)
    since = day_field("任职日期", initial=today)
    term_end = day_field("任期至（可不填）", required=False)

    def __init__(self, *args: Any, body: Body, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = Seat.roles_in(body.kind)  # type: ignore[attr-defined]


class SeatsForm(PageForm):
    """Names as they stand on a list; of two of one name the household's number says which."""

    names = forms.CharField(
        label="姓名，之间用顿号或换行；同名的加户号，如 王小明（0012）",
        max_length=4000,
        widget=forms.Textarea({"rows": 6, "placeholder": "王小明、李秀英、张国强（0012）"}),
        error_messages={"required": "请写姓名。"},
    )
    since = day_field("任职日期", initial=today)
    term_end = day_field("任期至（可不填）", required=False)
    renews = forms.BooleanField(label="这是换届：任期已满、这次没有选上的成员同时离任", required=False)

    def __init__(self, *args: Any, people: QuerySet[Resident], over: int, **kwargs: Any) -> None:
        """`over`: of how many members the term is over."""
        super().__init__(*args, **kwargs)
        self.people = people
        if over:
            self.fields["renews"].help_text = f"现有 {over} 人任期已满。"
        else:
            del self.fields["renews"]

    def clean_names(self) -> list[Resident]:
        asked = [named for text in _BETWEEN.split(self.cleaned_data["names"]) if (named := _NAMED.fullmatch(text))]
        if not 0 < len(asked) <= NAMES_AT_ONCE:
            raise forms.ValidationError(f"请写 1 到 {NAMES_AT_ONCE} 个姓名。")
        known: dict[str, list[Resident]] = {}
        for person in self.people.filter(name__in={one["name"] for one in asked}).select_related("household"):
            known.setdefault(person.name, []).append(person)
        found, wrong = list[Resident](), list[str]()
        for one in asked:
            number = one["number"]
            fits = [person for person in known.get(one["name"], []) if not number or person.household.number == number]
            if len(fits) == 1:
                found.append(fits[0])
            else:
                wrong.append(f"{one.group()}：{'名册里有几位同名的，请加户号' if fits else '本村名册里没有这个人'}")
        if wrong:
            raise forms.ValidationError(wrong)
        return found

    def arguments(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        return {"residents": cleaned.pop("names"), **cleaned}


class LeaveForm(PageForm):
    ended_on = day_field("离任日期", initial=today)
    reason = forms.CharField(label="离任原因", max_length=60, error_messages={"required": "请写明离任原因。"})


