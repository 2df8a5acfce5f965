"""Password rules beyond Django's own."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError


class LettersAndDigitsValidator:
    """A password has letters and digits."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        if not (any(c.isalpha() for c in password) and any(c.isdigit() for c in password)):
            raise ValidationError("密码须同时有字母和数字。", code="password_letters_and_digits")

    def get_help_text(self) -> str:
        return "密码须同时有字母和数字。"
