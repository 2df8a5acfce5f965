"""The one-time code that opens an empty portal (docs/decisions/0022-first-day.md)."""

from __future__ import annotations

from django.db import models


class FirstCode(models.Model):
    """The one row there is: a new code takes the place of one that was not used, a used one stays for good (guards.py)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    hash = models.CharField(max_length=64)  # of the code, keyed
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "开通码"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="first_code_is_one")]

    def __str__(self) -> str:
        return f"开通码 {self.made_at:%Y-%m-%d}"
