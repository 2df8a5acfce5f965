"""Forms of facilities and points."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import PageForm, day_widget
from governance.periods import today
from villages.facilities.kinds import kind_groups
from villages.facilities.models import CHINA, KEEPER_CHOICES, FacilityCheck
from villages.facilities.services import Place
from villages.filters import place_choices, places_of
from villages.models import Unit


def _degrees(label: str, name: str) -> forms.DecimalField:
    least, most = CHINA[name]
    said = f"{label}在 {least} 到 {most} 之间。"
    return forms.DecimalField(
        label=label, required=False, max_digits=8, decimal_places=5, min_value=least, max_value=most,
        error_messages={"min_value": said, "max_value": said},
    )  # fmt: skip


class PlaceForm(PageForm):
    """What the register asks. Only what somebody needs who looks for the place, keeps it or mends it."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label="所在地", error_messages={"required": "请选所在地。"})
    kind = forms.ChoiceField(label="类型", error_messages={"required": "请选类型。"})
    name = forms.CharField(label="名称", max_length=60, error_messages={"required": "请写名称。"})
    address = forms.CharField(label="位置（如 村委会一楼）", max_length=120, required=False)
    since = forms.DateField(label="启用日期", initial=today, widget=day_widget(), error_messages={"required": "请选启用日期。"})
    keeper = forms.ChoiceField(
        label="管护岗位", required=False, choices=[("", "没有"), *KEEPER_CHOICES]
    )
    owner = forms.CharField(label="权属或运维单位", max_length=60, required=False, help_text="写单位名称，不写个人姓名和电话")
    hours = forms.CharField(label="开放时间", max_length=60, required=False)
    amount = forms.CharField(label="数量（如 4 个桶、300 米）", max_length=30, required=False)
    served = forms.IntegerField(label="服务户数（污水）", required=False, min_value=0, max_value=100_000)
    connected = forms.IntegerField(label="接入户数（污水）", required=False, min_value=0, max_value=100_000)
    latitude = _degrees("纬度", "latitude")
    longitude = _degrees("经度", "longitude")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places: Any = self.fields["unit"]
        places.queryset = places_of(user, Action.FACILITY_EDIT)
        places.choices = place_choices(places.queryset)
        kinds: Any = self.fields["kind"]
        kinds.choices = [("", "请选择"), *kind_groups()]

    def arguments(self) -> dict[str, Any]:
        return {"place": Place(**{name: self.cleaned_data[name] for name in Place.__dataclass_fields__})}


class CheckForm(PageForm):
    """One press and, where something is wrong, one line."""

    outcome = forms.ChoiceField(
        label="情况", choices=FacilityCheck.Outcome, widget=forms.RadioSelect, error_messages={"required": "请选情况。"}
    )
    note = forms.CharField(label="说明（损坏或停用须写）", max_length=200, required=False)
    on = forms.DateField(label="检查日期", initial=today, widget=day_widget(), error_messages={"required": "请选检查日期。"})


class EndForm(PageForm):
    on = forms.DateField(label="撤销日期", initial=today, widget=day_widget(), error_messages={"required": "请选撤销日期。"})
    reason = forms.CharField(label="原因", max_length=200, error_messages={"required": "请写原因。"})
