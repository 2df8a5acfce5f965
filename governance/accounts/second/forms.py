"""Forms that ask for a second factor, or for what enrolling one needs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate, update_session_auth_hash
from django.http import HttpRequest
from django_otp import DEVICE_ID_SESSION_KEY

from governance.accounts.forms import LONGEST, LoginForm, dress
from governance.accounts.models import User
from governance.accounts.second.services import SecondError, code_take, has_second

HELP = "验证器上的 6 位数，或者备用验证码中没有用过的一个。"


def _code_field(**options: Any) -> forms.CharField:
    attrs = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}
    return forms.CharField(label="验证码", max_length=20, help_text=HELP, widget=forms.TextInput(attrs), **options)


class CodeForm(forms.Form):
    """A code of `user`; `device` is whose it was. A code is used up by being asked here."""

    code = _code_field()

    def __init__(self, *args: Any, user: User, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.request, self.device = user, request, None
        dress(self)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                self.device = code_take(user=self.user, code=cleaned.get("code", ""), request=self.request)
            except SecondError as error:
                self.add_error("code", error.message)
        return cleaned


class PasswordAgainForm(CodeForm):
    """The password, counted as on the login page; and a code of the factor that is there, where this session gave none yet."""

    password = forms.CharField(
        label="现在的密码", max_length=LONGEST, strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )
    field_order = ("password", "code")

    def __init__(self, *args: Any, user: User, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, user=user, request=request, **kwargs)
        if DEVICE_ID_SESSION_KEY in request.session or not has_second(user):
            del self.fields["code"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        known: Any = authenticate(self.request, username=self.user.username, password=password)
        if known != self.user:
            raise forms.ValidationError("密码不对，请重新填写。")
        if known.password != self.user.password:  # hashed anew by a newer hasher: the session is still the same person's
            update_session_auth_hash(self.request, known)
        return password

    def clean(self) -> dict[str, Any]:
        return super().clean() if "code" in self.fields else self.cleaned_data


class FirstCodeForm(forms.Form):
    """The first code of a new key."""

    code = forms.CharField(
        label="验证码", max_length=20, help_text="验证器上现在显示的 6 位数。",
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


class CodedLoginForm(LoginForm):
    """Name, password and code at once: for a form that comes after its session has ended. `who`: whose it was, where that is known;
    the code is asked for where it is needed."""

    code = _code_field(required=False)

    def __init__(self, *args: Any, who: User | None, **kwargs: Any) -> None:
        super().__init__(*args, initial={"username": who.username} if who else {}, **kwargs)
        asks = who is not None and has_second(who)
        self._written = self.fields["code"].widget
        if not asks and not self.data.get(self.add_prefix("code")):
            self.fields["code"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        user: Any = self.get_user()
        request: Any = self.request
        if not self.errors and has_second(user):
            self.fields["code"].widget = self._written
            try:
                user.otp_device = code_take(user=user, code=cleaned.get("code", ""), request=request)
            except SecondError as error:
                self.add_error("code", error.message)
        return cleaned
