"""Forms of the first day: the code, then the township and its three 三员."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from django import forms
from django.forms import BoundField

from governance.accounts.duties import Guard
from governance.accounts.models import User
from governance.frame.forms import PageForm
from governance.sheets.cells import LOOK, clean_phone, tidy
from villages.first_day.services import GuardAccount

USERNAMES = {Guard.SYSTEM: "xitong", Guard.SECURITY: "anquan", Guard.AUDIT: "shenji"}


class CodeForm(PageForm):
    code = forms.CharField(label="开通码", max_length=40, error_messages={"required": "请填写开通码。"})


class BeginForm(PageForm):
    """Nothing but what the units and accounts need."""

    code = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField(label="乡镇名称", max_length=60, error_messages={"required": "请填写乡镇名称。"})
    township_code = forms.CharField(
        label="乡镇的 12 位代码",
        help_text="统计用区划代码，末三位是 000，例如 511929101000",
        error_messages={"required": "请填写乡镇代码。"},
    )
    county = forms.CharField(label="所属县（区）名称", max_length=60, error_messages={"required": "请填写县的名称。"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for guard in Guard:
            for part, field in _fields_of(guard).items():
                self.fields[f"{guard}_{part}"] = field

    def guards(self) -> list[tuple[str, list[BoundField]]]:
        """The fields of each of 三员, under its name."""
        return [(str(guard.label), [self[f"{guard}_{part}"] for part in ("name", "username", "phone")]) for guard in Guard]

    def head(self) -> list[BoundField]:
        return [self["name"], self["township_code"], self["county"]]

    def clean_township_code(self) -> str:
        code = "".join(tidy(self.cleaned_data["township_code"]).split())
        if not re.fullmatch(r"[0-9]{9}000", code):
            raise forms.ValidationError("乡镇代码是 12 位数字，末三位是 000。")
        if code.endswith("000000"):
            raise forms.ValidationError("这是县的代码，请填写乡镇的代码。")
        return code

    def clean(self) -> dict[str, Any]:
        """Three people, each with a name to log in and a phone of their own."""
        cleaned = super().clean() or {}
        for part, words in (("username", "登录名"), ("phone", "联系电话")):
            names = {guard: cleaned[f"{guard}_{part}"] for guard in Guard if cleaned.get(f"{guard}_{part}")}
            often = Counter(names.values())
            for guard, given in names.items():
                if often[given] > 1:
                    self.add_error(f"{guard}_{part}", f"三员是三个人，{words}不能相同。")
        return cleaned

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        accounts = [
            GuardAccount(guard.value, given[f"{guard}_name"], given[f"{guard}_username"], given[f"{guard}_phone"]) for guard in Guard
        ]
        return {**{key: given[key] for key in ("code", "county", "name", "township_code")}, "guards": accounts}


def _fields_of(guard: Guard) -> dict[str, forms.Field]:
    username = User._meta.get_field("username")
    fields: dict[str, forms.Field] = {
        "name": forms.CharField(label="姓名", max_length=40),
        "username": forms.CharField(
            label="登录名", max_length=32, validators=username.validators, initial=USERNAMES[guard], help_text="可以改；以后不能改"
        ),
        "phone": PhoneField(label="联系电话", max_length=20),
    }
    for field in fields.values():
        field.error_messages["required"] = f"请填写{guard.label}的{field.label}。"
        field.widget.attrs["class"] = "form-control"
    return fields


class PhoneField(forms.CharField):
    """A phone number, as ledgers' phones are read."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        cleaned = clean_phone(text)
        if cleaned.level == LOOK or not re.search(r"\d", text):
            raise forms.ValidationError("不是 11 位手机号，也不是带区号的座机号。")
        return str(cleaned.value)
