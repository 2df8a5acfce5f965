"""Forms of the care ledger: notes and contacts, taking in, changes, proposals (plan §三.2)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.accounts.models import User
from governance.cases.models import Visit
from governance.frame.forms import PageForm, day_widget, unchosen
from governance.periods import today
from villages.models import Resident
from volunteers.care.models import Tier
from volunteers.care.notes import SEEN
from volunteers.care.services import CareDetails, helpers_for, may_maintain
from volunteers.models import CareCategory, CareNote, CareRecord


def _day(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=day_widget(), **options)


class CareForm(PageForm):
    """One person of the visited household."""

    resident = forms.ModelChoiceField(
        Resident.objects.none(), label="谁", empty_label=None, error_messages={"required": "请选人。"}
    )
    condition = forms.ChoiceField(label="情况", choices=unchosen(CareNote.Condition.choices))
    need = forms.CharField(label="需要什么（平安的可不填）", max_length=200, required=False)
    again_on = _day("下次看望（可不填）", required=False)

    def __init__(self, *args: Any, residents: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resident"].queryset = residents  # type: ignore[attr-defined]


class ContactForm(PageForm):
    """Whom one reached and how they are: nobody is well before somebody has said so."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)
    record = forms.ModelChoiceField(
        CareRecord.objects.none(), label="联系到谁", widget=forms.RadioSelect, empty_label=None, error_messages={"required": "请选人。"}
    )
    kind = forms.ChoiceField(
        label="怎么联系的",
        widget=forms.RadioSelect({"data-default": Visit.Kind.PHONE.value}),
        choices=[(kind.value, kind.label) for kind in SEEN],
        initial=Visit.Kind.PHONE.value,
    )
    condition = forms.ChoiceField(
        label="情况", widget=forms.RadioSelect, choices=CareNote.Condition, error_messages={"required": "请选情况。"}
    )
    need = forms.CharField(label="需要什么（平安的可不填）", max_length=200, required=False)

    def __init__(self, *args: Any, records: QuerySet[CareRecord], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["record"]
        field.queryset, field.label_from_instance = records, lambda record: record.resident.name

    def arguments(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        return {"key": cleaned.pop("client_key"), **cleaned}


class _HelperForm(PageForm):
    helper = forms.ModelChoiceField(User.objects.none(), label="结对帮扶人", required=False, empty_label="还没有")
    substitute = forms.ModelChoiceField(User.objects.none(), label="替补（可不选）", required=False, empty_label="没有")

    def offer_helpers(self, village: Any) -> None:
        for name in ("helper", "substitute"):
            self.fields[name].queryset = helpers_for(village, today())  # type: ignore[attr-defined]


class HandForm(_HelperForm):
    def __init__(self, *args: Any, record: CareRecord, **kwargs: Any) -> None:
        super().__init__(*args, initial={"helper": record.helper_id, "substitute": record.substitute_id}, **kwargs)
        self.offer_helpers(record.village)


class JudgeForm(PageForm):
    tier = forms.ChoiceField(label="等级", choices=Tier, widget=forms.RadioSelect)
    tier_reason = forms.CharField(label="定级理由", max_length=200, error_messages={"required": "请写定级理由。"})


class DetailsForm(PageForm):
    """What is written of somebody; private words are never shown here, and stay where they are left empty."""

    category = forms.ModelChoiceField(CareCategory.objects.none(), label="类别", error_messages={"required": "请选类别。"})
    needs = forms.CharField(label="需要什么（可不填）", max_length=200, required=False)
    guardian = forms.CharField(label="监护（赡养）人和电话（可不填，保密）", max_length=60, required=False)
    words = forms.CharField(
        label="病情、残疾等（可不填，保密）", max_length=200, required=False, widget=forms.Textarea({"rows": 2})
    )
    consent = forms.ChoiceField(label="同意", choices=CareRecord.Consent, widget=forms.RadioSelect)
    consented_on = _day("同意日期", required=False)

    def __init__(self, *args: Any, user: User, unit: Any, township: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        categories = list(CareCategory.objects.filter(township=township, is_active=True))
        children = may_maintain(user, unit, child=True)
        allowed = [category.pk for category in categories if children or may_maintain(user, unit, category.is_child)]
        self.fields["category"].queryset = CareCategory.objects.filter(pk__in=allowed)  # type: ignore[attr-defined]


class ChangeForm(DetailsForm):
    def __init__(self, *args: Any, record: CareRecord, user: User, **kwargs: Any) -> None:
        initial = {name: getattr(record, name) for name in ("category", "needs", "consent", "consented_on")}
        super().__init__(*args, user=user, unit=record.unit, township=record.township, initial=initial, **kwargs)
        for name in ("guardian", "words"):
            self.fields[name].help_text = "不改的留空"


class EnterForm(_HelperForm, JudgeForm, DetailsForm):
    """Somebody of a household."""

    resident = forms.ModelChoiceField(
        Resident.objects.none(), label="谁", empty_label=None, error_messages={"required": "请选人。"}
    )
    field_order = ("resident", "category", "tier", "tier_reason", "helper", "substitute", "needs", "guardian", "words")

    def __init__(self, *args: Any, user: User, home: Any, residents: QuerySet[Resident], **kwargs: Any) -> None:
        super().__init__(*args, user=user, unit=home.unit, township=home.village.parent, **kwargs)
        self.fields["resident"].queryset = residents  # type: ignore[attr-defined]
        self.offer_helpers(home.village)

    def arguments(self) -> dict[str, Any]:
        return {"details": CareDetails(**self.cleaned_data)}


class LeaveForm(PageForm):
    reason = forms.CharField(
        label="退出原因", max_length=100, help_text="如去世、迁出、条件好转", error_messages={"required": "请写退出原因。"}
    )


class DeclineForm(PageForm):
    reason = forms.CharField(label="不纳入的理由", max_length=100, error_messages={"required": "请写不纳入的理由。"})
    again_on = _day("下次再提")
