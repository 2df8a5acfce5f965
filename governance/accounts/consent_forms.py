"""Forms of the two-person rule for 三员 accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from governance.accounts import consent
from governance.accounts.consent_models import RequestKind
from governance.accounts.duties import Guard
from governance.accounts.forms import dress
from governance.accounts.models import User


class AskForm(forms.Form):
    """What is asked of which account; the service says what is missing for it."""

    kind = forms.ChoiceField(label="事项", choices=RequestKind)
    target = forms.ModelChoiceField(User.objects.none(), label="三员账号", required=False, empty_label="（增设时不选）")
    guard = forms.ChoiceField(label="增设哪一种", choices=[("", "（只在增设时选）"), *Guard.choices], required=False)
    username = forms.CharField(label="登录名", max_length=32, required=False, help_text="只在增设时填写。")
    name = forms.CharField(label="姓名", max_length=40, required=False, help_text="增设、修改时填写。")
    phone = forms.CharField(label="联系电话", max_length=20, required=False, help_text="增设、修改时填写。")
    reason = forms.CharField(label="原因", max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        target: Any = self.fields["target"]
        target.queryset = User.objects.exclude(guard="").order_by("guard", "username")
        target.label_from_instance = lambda user: f"{user.name}（{user.username}，{user.get_guard_display()}）"
        dress(self)

    def clean(self) -> dict[str, Any]:
        """An account to change or a new one, never both."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") == RequestKind.APPOINT:
            cleaned["target"] = None
        elif not cleaned.get("target") and "target" not in self.errors:
            self.add_error("target", "请选三员账号。")
        return cleaned


class CodeForm(forms.Form):
    """Both halves, and a password twice."""

    username = forms.CharField(label="登录名", max_length=32)
    first = forms.CharField(label="口令前半段", max_length=20, help_text="由申请重置的三员给您。")
    second = forms.CharField(label="口令后半段", max_length=20, help_text="由同意重置的三员给您。")
    password = forms.CharField(label="新密码", widget=forms.PasswordInput, max_length=128, strip=False)
    again = forms.CharField(label="再填一次新密码", widget=forms.PasswordInput, max_length=128, strip=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    def clean(self) -> dict[str, Any]:
        """The rules of passwords are told to who has the code alone: they look at the account's name and phone."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        if cleaned["password"] != cleaned["again"]:
            self.add_error("again", "两次填写的新密码不一样。")
        elif asked := consent.code_fits(**{name: cleaned[name] for name in ("username", "first", "second")}):
            try:
                validate_password(cleaned["password"], asked.target)
            except ValidationError as broken:
                self.add_error("password", broken)
        return cleaned

    def arguments(self) -> dict[str, Any]:
        """The service's arguments."""
        return {name: self.cleaned_data[name] for name in ("username", "first", "second", "password")}
