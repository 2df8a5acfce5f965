"""Passwords that an account had before: hashes only, written by the database whenever a password changes (password_guards.py)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Window
from django.db.models.functions import RowNumber

KEPT = 5


class PastPassword(models.Model):
    """`at`: when it was replaced."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="past_passwords", db_index=False)
    password = models.CharField(max_length=128)
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "用过的密码"
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "-id"], name="past_password_of_user")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"


def past_passwords_sweep() -> int:
    """Delete all but the last KEPT of each account."""
    number = Window(RowNumber(), partition_by=F("user"), order_by=F("id").desc())
    older = PastPassword.objects.annotate(number=number).filter(number__gt=KEPT)
    return PastPassword.objects.filter(pk__in=list(older.values_list("pk", flat=True))).delete()[0]
