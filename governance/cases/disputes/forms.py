"""Forms of mediation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from governance.cases.models import Agreement, ReturnVisit, Risk, Sitting
from governance.frame.forms import PageForm, day_widget, unchosen
from governance.periods import SHANGHAI, today
from villages.models import Post, Resident

FOUND = 20


class PartyForm(PageForm):
    """`resident` comes from the search above it; without one it is somebody from outside."""

    resident = forms.ModelChoiceField(Resident.objects.none(), label="找到的人", required=False, widget=forms.RadioSelect)
    name = forms.CharField(label="姓名（不在名册里的）", max_length=60, required=False)
    phone = forms.CharField(label="联系电话", max_length=20, required=False)
    address = forms.CharField(label="住址", max_length=120, required=False)

    def __init__(self, *args: Any, residents: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not residents.exists():
            del self.fields["resident"]
            return
        field: Any = self.fields["resident"]
        field.queryset = residents
        field.empty_label = None
        field.label_from_instance = lambda row: f"{row.name}（{row.household.head_name}户，{row.household.unit}）"


class PostForm(PageForm):
    post = forms.ModelChoiceField(
        Post.objects.none(), label="调解员", empty_label="请选择", error_messages={"required": "请选调解员。"}
    )

    def __init__(self, *args: Any, posts: list[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["post"]
        field.queryset = Post.objects.filter(pk__in=[post.pk for post in posts])
        field.choices = [("", "请选择")] + [
            (post.pk, f"{post.holder_name}（{post.unit}{post.get_kind_display()}）") for post in posts
        ]


class RecusalForm(PostForm):
    reason = forms.CharField(label="为什么要回避", max_length=100, error_messages={"required": "请写明回避原因。"})


class RiskForm(PageForm):
    risk = forms.ChoiceField(label="风险等级", choices=Risk)
    leader = forms.CharField(label="责任领导（可不填）", max_length=40, required=False)


class SittingForm(PageForm):
    held_at = forms.DateTimeField(
        label="调解时间", widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    place = forms.CharField(label="调解地点", max_length=60)
    present = forms.CharField(label="到场人员", max_length=200)
    content = forms.CharField(label="调解情况", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    outcome = forms.ChoiceField(label="结果", choices=unchosen(Sitting.Outcome.choices))

    @staticmethod
    def first(place: str, present: str) -> dict[str, Any]:
        return {"held_at": timezone.now().astimezone(SHANGHAI), "place": place, "present": present}


class AgreementForm(PageForm):
    form = forms.ChoiceField(label="形式", choices=Agreement.Form)
    signed_on = forms.DateField(label="签订（生效）日期", widget=day_widget(), initial=today)
    facts = forms.CharField(label="纠纷主要事实、争议事项", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    terms = forms.CharField(label="协议内容", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    perform_by = forms.DateField(label="履行期限（可不填）", required=False, widget=day_widget())
    how = forms.CharField(label="履行方式（可不填）", max_length=200, required=False)


class PerformanceForm(PageForm):
    performance = forms.ChoiceField(label="履行情况", choices=unchosen(Agreement.Performance.choices))
    on = forms.DateField(label="履行日期", required=False, widget=day_widget())
    note = forms.CharField(label="说明", max_length=300, required=False)


class ConfirmationForm(PageForm):
    confirmation = forms.ChoiceField(label="司法确认", choices=unchosen(Agreement.Confirmation.choices))


class ReturnVisitForm(PageForm):
    done_on = forms.DateField(label="回访日期", widget=day_widget(), initial=today)
    finding = forms.ChoiceField(
        label="回访结果", choices=ReturnVisit.Finding, widget=forms.RadioSelect, error_messages={"required": "请选回访结果。"}
    )
    note = forms.CharField(
        label="回访情况", max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明回访情况。"},
    )
