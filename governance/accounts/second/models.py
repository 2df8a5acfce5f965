"""What somebody has beside the password: a key in an authenticator app, or printed codes (docs/decisions/0034-second-factor.md).

Both are devices of django-otp, which finds and asks them (`match_token`); its own tables keep keys and codes in clear, these do not.
"""

from __future__ import annotations

from base64 import b32encode
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_otp.models import Device
from django_otp.oath import TOTP

from governance.accounts.codes import code_hash
from governance.crypto import decrypt_bytes
from governance.sealed import digits_of

DIGITS = 6
TOLERANCE = 1  # steps of thirty seconds that a phone's clock may be off
ISSUER = "乡治"


class SecondApp(Device):
    """A key in an app (TOTP, RFC 6238), encrypted at rest; `confirmed` once its first code was given.

    `last_t`: the step of the last code, none before or at which is taken again. `let_go`: the holder gave it up himself.
    """

    name: Any = None  # django-otp's, for those with several of a kind
    user: Any = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="second_app")
    sealed_key = models.BinaryField()
    drift = models.SmallIntegerField(default=0)
    last_t = models.BigIntegerField(default=-1)
    let_go = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "验证器"

    def __str__(self) -> str:
        return f"{self.user} 的验证器"

    @property
    def key(self) -> bytes:
        return decrypt_bytes(bytes(self.sealed_key))

    @property
    def key_text(self) -> str:
        """The key as it is typed into an app that has no camera, in groups of four."""
        text = b32encode(self.key).decode()
        return " ".join(text[start : start + 4] for start in range(0, len(text), 4))

    @property
    def address(self) -> str:
        """What the QR code says to the app."""
        asked = urlencode({"secret": b32encode(self.key).decode(), "issuer": ISSUER, "digits": DIGITS}, quote_via=quote)
        return f"otpauth://totp/{quote(f'{ISSUER}:{self.user.username}')}?{asked}"

    def verify_token(self, token: str) -> bool:
        """Whether this is a code of now; the next one must be a later one."""
        digits, totp = digits_of(token), TOTP(self.key, digits=DIGITS, drift=self.drift)
        if len(digits) != DIGITS or not digits.isdecimal() or not totp.verify(int(digits), TOLERANCE, self.last_t + 1):
            return False
        later = type(self).objects.filter(pk=self.pk, last_t__lt=totp.t())
        return bool(later.update(last_t=totp.t(), drift=totp.drift))


class CodeSheet(Device):
    """A printed sheet of codes, each good for once. `let_go`: the holder gave it up himself."""

    name: Any = None
    user: Any = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="second_sheet")
    let_go = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "备用验证码"

    def __str__(self) -> str:
        return f"{self.user} 的备用验证码"

    @property
    def left(self) -> int:
        """How many codes are unused."""
        number: int = self.codes.filter(used_at=None).count()
        return number

    def verify_token(self, token: str) -> bool:
        """Whether this is an unused code; it is used by that."""
        return bool(self.codes.filter(hash=code_hash(token), used_at=None).update(used_at=timezone.now()))


class SheetCode(models.Model):
    """One code of a sheet: its keyed hash, and when it was used."""

    sheet = models.ForeignKey(CodeSheet, models.CASCADE, related_name="codes")
    hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "备用验证码"
        constraints = [
            models.UniqueConstraint(fields=["sheet", "hash"], name="sheet_code_once"),
            models.CheckConstraint(condition=~Q(hash=""), name="sheet_code_there"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id}"
