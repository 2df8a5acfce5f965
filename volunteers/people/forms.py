"""Forms of volunteers, teams and certificates (plan §三.2)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import ChosenField, PageForm, day_widget
from governance.periods import today
from villages.models import Consent, Overlay, Resident, Unit
from volunteers.models import Project, ServiceTeam, Volunteer
from volunteers.people.errors import NO_ACCOUNT
from volunteers.people.services import VolunteerDetails, consent_of


def day_field(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=day_widget(),
        error_messages={"required": "请选日期。", "invalid": "日期应写作 2026-04-08。"},
        **options,
    )


def villages_kept(user: User) -> QuerySet[Unit]:
    """The villages standing today whose volunteers `user` keeps."""
    return Unit.objects.visible_to(user, Action.VOLUNTEER_EDIT).villages().on(today()).order_by("path")


def _phone_field() -> forms.CharField:
    return forms.CharField(label="联系电话", max_length=20, required=False, widget=forms.TextInput({"inputmode": "tel"}))


class VolunteerForm(PageForm):
    """Registers or changes. Of a resident name, village and number are the register's; an outsider's number is asked for once."""

    village = forms.ModelChoiceField(
        Unit.objects.none(), label="村（社区）", empty_label=None, error_messages={"required": "请选村（社区）。"}
    )
    name = forms.CharField(label="姓名", max_length=60, error_messages={"required": "请写姓名。"})
    phone = _phone_field()
    id_number = forms.CharField(label="身份证号", max_length=24, error_messages={"required": "请写身份证号。"})
    is_party_member = forms.BooleanField(label="党员", required=False)
    overlay = forms.ModelChoiceField(
        Overlay.objects.none(), label="网格员（联户长），选所在网格或联户", required=False, empty_label="不是"
    )
    days = forms.ChoiceField(label="哪些天能服务", choices=Volunteer.Days, initial=Volunteer.Days.ALL)
    projects = ChosenField(
        Project.objects.none(), label="愿做的服务（专长）", required=False, widget=forms.CheckboxSelectMultiple
    )
    covers = ChosenField(
        Unit.objects.none(), label="还能去哪些村（社区）", required=False, widget=forms.CheckboxSelectMultiple
    )
    agreed_on = day_field("本人同意参加的日期", initial=today)
    agreed_how = forms.ChoiceField(label="怎样同意的", choices=Consent.How.choices, widget=forms.RadioSelect, initial=Consent.How.SIGNED)
    guardian = forms.CharField(label="监护人（未满十八周岁的填）", max_length=60, required=False)
    guardian_consented_on = day_field("监护人同意日期", required=False)
    guardian_relation = forms.CharField(label="监护人与本人关系（未满十四周岁的填）", max_length=20, required=False)
    username = forms.CharField(label="登录名（有账号、自己接单的填）", max_length=64, required=False)

    def __init__(self, *args: Any, user: User, resident: Resident | None = None, volunteer: Volunteer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.resident = volunteer.resident if volunteer else resident
        villages = villages_kept(user)
        township = self.resident.household.village.parent_id if self.resident else volunteer.township_id if volunteer else None
        of_town = {"parent": township} if township else {"parent__in": villages.values("parent")}
        chosen: dict[str, QuerySet[Any]] = {
            "village": villages.filter(parent=township) if township else villages,
            "overlay": Overlay.objects.visible_to(user).filter(village__in=villages).select_related("village"),
            "projects": Project.objects.visible_to(user).filter(is_active=True, **_town(of_town)),
            "covers": Unit.objects.villages().on(today()).filter(**of_town).order_by("path"),
        }
        for name, rows in chosen.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        agreed = volunteer or (resident and consent_of(resident))
        left_out = {
            "name": self.resident, "phone": self.resident and self.resident.phone, "id_number": self.resident or volunteer,
            "agreed_on": agreed, "agreed_how": agreed, "guardian_relation": agreed,
        }  # fmt: skip
        for name, known in left_out.items():
            if known:
                del self.fields[name]

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"].strip()
        self.account = User.objects.filter(username=name, is_active=True).first() if name else None
        if name and self.account is None:
            raise forms.ValidationError(NO_ACCOUNT)
        return name

    def arguments(self) -> dict[str, Any]:
        details = {name: value for name, value in self.cleaned_data.items() if name != "username"}
        return {"details": VolunteerDetails(resident=self.resident, user=self.account, **details)}


def _town(village: dict[str, Any]) -> dict[str, Any]:
    """The look-up of a township's own rows for that of its villages."""
    return {name.replace("parent", "township"): value for name, value in village.items()}


class AdmitForm(PageForm):
    on = day_field("加入日期", initial=today)


class ReasonForm(PageForm):
    reason = forms.CharField(label="原因", max_length=100, error_messages={"required": "请写明原因。"})


class TeamForm(PageForm):
    """A team of one of the user's villages; its village stays."""

    village = forms.ModelChoiceField(
        Unit.objects.none(), label="村（社区）", empty_label=None, error_messages={"required": "请选村（社区）。"}
    )
    name = forms.CharField(label="名称", max_length=40, error_messages={"required": "请写服务队的名称。"})
    kind = forms.ChoiceField(label="类别", choices=ServiceTeam.Kind, initial=ServiceTeam.Kind.NEIGHBOUR)
    leader = forms.ModelChoiceField(Volunteer.objects.none(), label="队长", required=False, empty_label="还没有")
    is_active = forms.BooleanField(label="启用", required=False, initial=True)

    def __init__(self, *args: Any, user: User, team: ServiceTeam | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team
        if team is None:
            self.fields["village"].queryset = villages_kept(user)  # type: ignore[attr-defined]
            del self.fields["leader"], self.fields["is_active"]
        else:
            del self.fields["village"]
            members = Volunteer.objects.visible_to(user).filter(memberships__team=team)
            self.fields["leader"].queryset = members  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        team = self.team or ServiceTeam()
        for name, value in self.cleaned_data.items():
            setattr(team, name, value)
        return {"team": team}


class JoinForm(PageForm):
    """A volunteer who lives in the team's village or serves there."""

    volunteer = forms.ModelChoiceField(
        Volunteer.objects.none(), label="志愿者", empty_label="请选择", error_messages={"required": "请选志愿者。"}
    )

    def __init__(self, *args: Any, user: User, team: ServiceTeam, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = Volunteer.objects.visible_to(user).registered().serving(team.village).exclude(memberships__team=team)
        self.fields["volunteer"].queryset = free.order_by("name_pinyin", "pk")  # type: ignore[attr-defined]


class CertificateForm(PageForm):
    since = day_field("自")
    until = day_field("至", initial=today)
