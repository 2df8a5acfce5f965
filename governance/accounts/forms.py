"""Forms of the login and the password page; the inputs are large, since they are met on phones."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.validators import MaxLengthValidator

from governance.accounts.stale.services import is_stale_locked

LONGEST = 150  # characters of a name or a password; more is neither, and no log keeps it


def dress(form: forms.BaseForm) -> None:
    """Bootstrap's look, and which field is missing in words."""
    for field in form.fields.values():
        if isinstance(field.widget, forms.CheckboxSelectMultiple | forms.CheckboxInput | forms.HiddenInput):
            continue
        field.widget.attrs["class"] = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
        if field.required:
            field.error_messages["required"] = f"请填写{field.label}。"


def _enlarge(form: forms.BaseForm) -> None:
    for field in form.fields.values():
        field.widget.attrs["class"] = "form-control form-control-lg"


class LoginForm(AuthenticationForm):
    error_messages = {
        "invalid_login": f"登录名或密码不对。连续错 {settings.AXES_FAILURE_LIMIT} 次，账号会暂时锁定。",
        "inactive": "这个账号已停用。",
        "stale": "这个账号很久没有登录，已经锁定。请系统管理员解锁。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].error_messages["required"] = "请填写登录名。"
        for name in ("username", "password"):  # Django tells the browser alone how long a name may be
            self.fields[name].validators.append(MaxLengthValidator(LONGEST, self.error_messages["invalid_login"]))
        self.fields["password"].error_messages["required"] = "请填写密码。"
        _enlarge(self)

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if is_stale_locked(user):
            raise forms.ValidationError(self.error_messages["stale"], code="stale")


class OwnPasswordForm(PasswordChangeForm):
    """Old password, new password twice; the new one must differ."""

    error_messages = {
        "password_mismatch": "两次填写的新密码不一样。",
        "password_incorrect": "现在的密码不对，请重新填写。",
        "password_same": "新密码不能和现在的密码相同。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"old_password": "现在的密码", "new_password1": "新密码", "new_password2": "再填一次新密码"}
        for name, label in labels.items():
            self.fields[name].label = label
            self.fields[name].help_text = ""
            self.fields[name].error_messages["required"] = f"请填写{label}。"
        _enlarge(self)

    def clean_new_password1(self) -> str:
        new: str = self.cleaned_data["new_password1"]
        if new == self.cleaned_data.get("old_password"):
            raise forms.ValidationError(self.error_messages["password_same"], code="password_same")
        return new
