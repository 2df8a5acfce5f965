"""点单 at the desk and on the public page, 派单, 评单 (plan §三.2)."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Visit
from governance.cases.sending.senders import true_time
from governance.frame.forms import PageForm, day_widget
from governance.periods import SHANGHAI, today
from governance.sheets.cells import clean_phone
from villages.filters import places_of
from villages.models import Household, Resident, Unit
from volunteers.models import Project, ServiceOrder, ServiceTeam, Volunteer
from volunteers.orders.models import TEXT_LENGTH
from volunteers.orders.services import Ask, Candidate

SOURCES = [choice for choice in ServiceOrder.Source.choices if choice[0] != ServiceOrder.Source.PUBLIC]
WANTED_HOUR = time(9)
BACK, AHEAD = timedelta(days=30), timedelta(days=366)  # how far off a moment may be typed
KEPT = timedelta(hours=24)  # how long the moment at which a phone saved a form counts


def check_moment(moment: datetime | None, back: timedelta = BACK) -> datetime | None:
    """A moment that somebody typed. Raises ValidationError where it is too far off to be meant."""
    now = timezone.now()
    if moment is not None and not now - back <= moment <= now + AHEAD:
        raise forms.ValidationError(f"时间写得太远了：不能早于 {back.days} 天前，不能晚于一年后。")
    return moment


def check_phone(text: str) -> str:
    """A phone that the desk writes down, also a short local one; "" where there is none. Raises ValidationError for what is no number."""
    words = unicodedata.normalize("NFKC", text).strip()
    digits, found = re.sub(r"[\s\-()+]", "", words), clean_phone(words)
    if found.aside or (words and not found.value and not re.fullmatch(r"[0-9]{7,12}", digits)):
        raise forms.ValidationError("请写一个电话，7 到 12 位数字。")
    return str(found.value or digits)


def moment_input() -> forms.DateTimeInput:
    return forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def tel_input() -> forms.TextInput:
    return forms.TextInput({"inputmode": "tel", "autocomplete": "tel"})


class AskForm(PageForm):
    """点单 by phone or in person. `client_key` is the phone's own number for this form, `saved_at` when it was saved there;
    where `asked_at` is empty, it was asked for then, or now."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)
    project = forms.ModelChoiceField(Project.objects.none(), error_messages={"required": "请选服务项目。"})
    unit = forms.ModelChoiceField(Unit.objects.none(), error_messages={"required": "请选地方。"})
    name = forms.CharField(label="服务对象", max_length=60, error_messages={"required": "请写服务对象的姓名。"})
    phone = forms.CharField(label="联系电话（没有可不填）", max_length=20, required=False, widget=tel_input())
    place = forms.CharField(label="具体位置（门牌、怎么走）", max_length=120, required=False)
    text = forms.CharField(
        label="需要什么（可不填）", max_length=TEXT_LENGTH, required=False, widget=forms.Textarea({"rows": 2}),
    )
    wanted_at = forms.DateTimeField(label="希望的时间", required=False, widget=moment_input())
    people = forms.IntegerField(label="需要几人（不填按项目的人数）", min_value=1, max_value=50, required=False)
    caller = forms.CharField(label="代点人（替别人点单时填）", max_length=60, required=False)
    caller_phone = forms.CharField(label="代点人电话", max_length=20, required=False, widget=tel_input())
    source = forms.ChoiceField(label="点单方式", choices=SOURCES, initial=ServiceOrder.Source.PHONE)
    asked_at = forms.DateTimeField(label="点单时间（事后补记时填）", required=False, widget=moment_input())
    saved_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    household = forms.ModelChoiceField(Household.objects.none(), label="户", required=False, widget=forms.HiddenInput)
    resident = forms.ModelChoiceField(Resident.objects.none(), label="服务对象", required=False, widget=forms.HiddenInput)
    visit = forms.ModelChoiceField(Visit.objects.none(), label="来自", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        projects = Project.objects.visible_to(user, Action.SERVICE_LOG).filter(is_active=True)
        rows: dict[str, Any] = {
            "project": projects.order_by("-is_emergency", "position", "pk"),
            "unit": places_of(user, Action.SERVICE_LOG),
            "household": Household.objects.visible_to(user, Action.SERVICE_LOG).filter(ended_on=None),
            "resident": Resident.objects.visible_to(user, Action.SERVICE_LOG).present(),
            "visit": Visit.objects.visible_to(user),
        }
        for name, queryset in rows.items():
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        return check_phone(self.cleaned_data["phone"])

    def clean_caller_phone(self) -> str:
        return check_phone(self.cleaned_data["caller_phone"])

    def clean_asked_at(self) -> datetime | None:
        return check_moment(self.cleaned_data["asked_at"])

    def clean_wanted_at(self) -> datetime | None:
        return check_moment(self.cleaned_data["wanted_at"])

    def clean(self) -> dict[str, Any]:
        """A phone whose clock is ahead saved it now; what has waited too long on a phone needs its time written down."""
        cleaned, now = super().clean() or self.cleaned_data, timezone.now()
        saved = cleaned.pop("saved_at", None)
        if saved is not None and cleaned.get("asked_at") is None and "asked_at" not in self.errors:
            saved = true_time(saved, self.data)
            if saved < now - KEPT:
                self.add_error("asked_at", "这张表是 24 小时以前填的，请写上点单时间。")
            else:
                cleaned["asked_at"] = min(saved, now)
        return cleaned

    def arguments(self) -> dict[str, Any]:
        cleaned = {name: value for name, value in self.cleaned_data.items() if name != "client_key"}
        cleaned["text"] = cleaned["text"].strip() or cleaned["project"].name
        return {"key": self.cleaned_data["client_key"], "ask": Ask(**cleaned)}


class PublicAskForm(PageForm):
    """What a resident asks for without an account; it is called back before anybody is sent. `website` is a trap for robots."""

    project = forms.ModelChoiceField(
        Project.objects.none(), label="需要什么服务", empty_label="请选择", error_messages={"required": "请选服务。"}
    )
    name = forms.CharField(
        label="您的姓名", max_length=60, widget=forms.TextInput({"autocomplete": "name"}), error_messages={"required": "请写姓名。"}
    )
    phone = forms.CharField(
        label="联系电话", max_length=20, widget=tel_input(), help_text="村里先打电话核实，再派人",
        error_messages={"required": "请写联系电话，村里要先回电。"},
    )  # fmt: skip
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="住在哪里", empty_label="请选择", error_messages={"required": "请选住在哪里。"}
    )
    place = forms.CharField(label="具体位置（门牌、怎么走，可不填）", max_length=120, required=False)
    text = forms.CharField(
        label="说说情况（可不填）", max_length=TEXT_LENGTH, required=False, widget=forms.Textarea({"rows": 3})
    )
    wanted_on = forms.DateField(
        label="希望哪一天（可不填）", required=False, widget=day_widget()
    )
    website = forms.CharField(required=False, widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}))

    def __init__(self, *args: Any, village: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        projects = Project.objects.filter(township=village.parent, is_public=True, is_active=True, is_emergency=False)
        self.fields["project"].queryset = projects.order_by("position", "pk")  # type: ignore[attr-defined]
        places = Unit.objects.on(today()).filter(Q(pk=village.pk) | Q(path__startswith=village.path)).order_by("path")
        self.fields["unit"].queryset = places  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        phone = clean_phone(self.cleaned_data["phone"]).value
        if not phone:
            raise forms.ValidationError("请写 11 位手机号，或带区号的座机号。")
        return str(phone)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.pop("website", ""):
            raise forms.ValidationError("提交没有成功，请重新填写。")
        if cleaned.get("wanted_on") and not today() <= cleaned["wanted_on"] <= today() + AHEAD:
            self.add_error("wanted_on", "不能早于今天，不能晚于一年后。")
        return cleaned

    def arguments(self) -> dict[str, Any]:
        """Somebody who names today is served as soon as can be: no time."""
        cleaned = self.cleaned_data
        day = cleaned["wanted_on"] if cleaned["wanted_on"] != today() else None
        ask = Ask(
            **{name: cleaned[name] for name in ("project", "unit", "name", "phone", "place")},
            text=cleaned["text"].strip() or cleaned["project"].name,
            wanted_at=datetime.combine(day, WANTED_HOUR, SHANGHAI) if day else None,
            source=ServiceOrder.Source.PUBLIC,
        )
        return {"ask": ask}


def _account(one: Candidate) -> str:
    return "" if one.volunteer.user_id else "（没有账号）"


class JudgeForm(PageForm):
    """评单: satisfied or not, and words if somebody has any."""

    rating = forms.ChoiceField(
        label="办得怎么样", choices=ServiceOrder.Rating, widget=forms.RadioSelect,
        error_messages={"required": "请选满意或不满意。"},
    )  # fmt: skip
    words = forms.CharField(label="想说的话（可不填）", max_length=200, required=False, widget=forms.Textarea({"rows": 2}))


class DispatchForm(PageForm):
    """To a team, to persons, or, where neither is chosen, to all who can; `confirmed`: the warnings were read."""

    team = forms.ModelChoiceField(ServiceTeam.objects.none(), label="派给服务队", required=False, empty_label="不派给整队")
    volunteers = forms.MultipleChoiceField(label="派给谁（可选多人）", required=False, widget=forms.CheckboxSelectMultiple)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, order: ServiceOrder, candidates: list[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.able = {str(one.volunteer.pk): one for one in candidates if not one.refusal}
        teams = ServiceTeam.objects.filter(village=order.village_id, is_active=True)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        choices = [(key, " ".join(filter(None, [one.volunteer.name, one.warning, _account(one)]))) for key, one in self.able.items()]
        self.fields["volunteers"].choices = choices  # type: ignore[attr-defined]
        self.fields["volunteers"].widget.attrs["class"] = "btn-check"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("team") and cleaned.get("volunteers"):
            raise forms.ValidationError("派给整队，或选几个人，只选一样。")
        return cleaned

    def asked(self) -> list[Volunteer]:
        """Whom the valid form would ask."""
        team, keys = self.cleaned_data["team"], self.cleaned_data["volunteers"]
        if team is not None:
            members = {str(pk) for pk in team.members.values_list("volunteer", flat=True)}
            return [one.volunteer for key, one in self.able.items() if key in members]
        return [self.able[key].volunteer for key in keys] if keys else [one.volunteer for one in self.able.values() if one.fits]

    def arguments(self) -> dict[str, Any]:
        chosen = [self.able[key].volunteer for key in self.cleaned_data["volunteers"]]
        return {"team": self.cleaned_data["team"], "volunteers": chosen}
