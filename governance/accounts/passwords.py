"""Password rules beyond Django's own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from governance.accounts.password_models import KEPT, PastPassword


class LettersAndDigitsValidator:
    """A password has letters and digits."""

    def validate(self, password: str, user: Any = None) -> None:
        if not (any(c.isalpha() for c in password) and any(c.isdigit() for c in password)):
            raise ValidationError("密码须同时有字母和数字。", code="password_letters_and_digits")

    def get_help_text(self) -> str:
        return "密码须同时有字母和数字。"


class PastPasswordValidator:
    """Not one of the last KEPT that were replaced; the present one is compared by the page that asks for it."""

    def validate(self, password: str, user: Any = None) -> None:
        past = PastPassword.objects.filter(user=user)[:KEPT] if user is not None and user.pk else []
        if any(check_password(password, one.password) for one in past):
            raise ValidationError(f"不能用最近用过的 {KEPT} 个密码。", code="password_past")

    def get_help_text(self) -> str:
        return f"不能用最近用过的 {KEPT} 个密码。"


def is_too_old(user: Any, days: int, now: datetime) -> bool:
    """Whether the password of this account has been in use for more than `days`; 0 is never."""
    if not days or not user.has_usable_password():
        return False
    last = PastPassword.objects.filter(user=user).first()
    return bool((last.at if last else user.created_at) < now - timedelta(days=days))
