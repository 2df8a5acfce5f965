"""Forms of findings, orders and 问责 (plan §四(三))."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import PageForm
from governance.periods import today
from inspections.models import Blame, Order
from inspections.orders.blames import Talk
from inspections.rounds.forms import day_field
from villages.models import Unit

PICK = {"class": "btn-check"}


def words_field(label: str, most: int, missing: str = "", rows: int = 4) -> forms.CharField:
    """Several lines of words; asked for where `missing` says what to say without them."""
    return forms.CharField(
        label=label, max_length=most, required=bool(missing), widget=forms.Textarea({"rows": rows}),
        error_messages={"required": missing} if missing else None,
    )  # fmt: skip


def villages_for(user: User, *actions: Action) -> QuerySet[Unit]:
    """The villages standing today where `user` may do any of `actions`."""
    found = Q(pk=None)
    for action in actions:
        found |= Q(pk__in=Unit.objects.visible_to(user, action).order_by().values("pk"))
    return Unit.objects.villages().on(today()).filter(found).order_by("path")


def village_field(label: str = "村（社区）") -> forms.ModelChoiceField[Unit]:
    return forms.ModelChoiceField(
        Unit.objects.none(), label=label, empty_label="请选择", error_messages={"required": "请选村（社区）。"}
    )


class FindingForm(PageForm):
    village = village_field()
    text = words_field("发现的问题（地点、什么情况）", 300, "请写明发现的问题。", 3)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        villages = villages_for(user, Action.ROUND_SCORE, Action.ORDER_ISSUE)
        self.fields["village"].queryset = villages  # type: ignore[attr-defined]


class IssueForm(PageForm):
    kind = forms.ChoiceField(
        label="下发什么", choices=Order.Kind, initial=Order.Kind.NOTICE, widget=forms.RadioSelect(PICK),
        error_messages={"required": "请选整改通知书或督办单。"},
    )  # fmt: skip
    requirement = words_field("整改（督办）要求", 1000, "请写明整改要求。")


class PhotosInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos; whether they can be read is the service's to say."""

    widget = PhotosInput({"accept": "image/*"})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return list(data or ())


class ReportForm(PageForm):
    text = words_field("整改情况（做了什么、现在怎样）", 1000, "请写明整改情况。")
    photos = PhotosField(label="照片（可不加，最多 9 张）", required=False)


class ExtensionForm(PageForm):
    until = day_field("延期到哪一天")
    reason = words_field("延期理由", 300, "申请延期须写明理由。", 3)


class DecisionForm(PageForm):
    granted = forms.ChoiceField(
        label="是否同意", choices=[("1", "同意延期"), ("0", "不同意")], widget=forms.RadioSelect(PICK),
        error_messages={"required": "请选是否同意。"},
    )  # fmt: skip
    reason = words_field("说明（不同意的要写明原因）", 300, rows=3)

    def arguments(self) -> dict[str, Any]:
        return {"granted": self.cleaned_data["granted"] == "1", "reason": self.cleaned_data["reason"]}


class CheckForm(PageForm):
    passed = forms.ChoiceField(
        label="复核结果", choices=[("1", "整改到位，销号"), ("0", "没有到位，继续整改")], widget=forms.RadioSelect(PICK),
        error_messages={"required": "请选复核结果。"},
    )  # fmt: skip
    opinion = words_field("复核意见", 500, "请写明复核意见。", 3)

    def arguments(self) -> dict[str, Any]:
        return {"passed": self.cleaned_data["passed"] == "1", "opinion": self.cleaned_data["opinion"]}


class BlameForm(PageForm):
    """`village` is asked only where no order gives it."""

    village = village_field()
    kind = forms.ChoiceField(
        label="方式", choices=Blame.Kind, initial=Blame.Kind.TALK, widget=forms.RadioSelect(PICK),
        error_messages={"required": "请选方式。"},
    )  # fmt: skip
    person = forms.CharField(label="对象（姓名、职务）", max_length=60, error_messages={"required": "请写明对象。"})
    on = day_field("日期")
    facts = words_field("事由", 1000, "请写明事由。")
    outcome = words_field("结果（可不填）", 300, rows=2)

    def __init__(self, *args: Any, user: User, order: Order | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today()
        self.order = order
        if order is None:
            self.fields["village"].queryset = villages_for(user, Action.BLAME)  # type: ignore[attr-defined]
        else:
            del self.fields["village"]

    def arguments(self) -> dict[str, Any]:
        talk = self.cleaned_data.copy()
        village = self.order.village if self.order else talk.pop("village")
        return {"village": village, "talk": Talk(**talk)}
