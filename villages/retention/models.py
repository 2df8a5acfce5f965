"""How long the register keeps who has moved or died, and what was forgotten since (docs/decisions/0033-personal-data.md)."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, Q
from simple_history.models import HistoricalRecords

YEARS = 10
NAMELESS = "已注销"

# What is left of a person says only that there was one, in which household, and when they left.
FORGOTTEN_IS_EMPTY = CheckConstraint(
    condition=Q(forgotten_on=None)
    | (Q(name=NAMELESS, id_hash="", id_tail_hash="", phone="", note="", birth_date=None, status_on__isnull=False) & ~Q(status="present")),
    name="resident_forgotten_is_empty",
    violation_error_message="资料已经注销，不能再填。",
)


class Retention(models.Model):
    """A township's rule: `years` after somebody has moved or died their data goes, None for never; by itself only if `nightly`."""

    township = models.OneToOneField("villages.Unit", models.PROTECT, verbose_name="乡镇", related_name="retention")
    years = models.PositiveSmallIntegerField(
        "保留年数", null=True, blank=True, default=YEARS, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    nightly = models.BooleanField("每晚自动注销", default=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "资料保留年限"
        constraints = [
            CheckConstraint(condition=Q(years=None) | Q(years__gte=1), name="retention_years"),
            CheckConstraint(condition=Q(nightly=False) | Q(years__isnull=False), name="retention_night_has_years"),
        ]

    def __str__(self) -> str:
        return f"{self.years} 年" if self.years else "一直保留"

    def limit(self, on: date) -> date | None:
        """Who left on this day or before has been gone long enough."""
        if self.years is None:
            return None
        year = on.year - self.years
        return on.replace(year=year, day=28) if (on.month, on.day) == (2, 29) else on.replace(year=year)


class Forgetting(models.Model):
    """One time that people were forgotten: by whom (None: the night), by which rule, how many. Insert-only."""

    township = models.ForeignKey("villages.Unit", models.PROTECT, verbose_name="乡镇", related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="办理人", null=True, blank=True, related_name="+")
    at = models.DateTimeField("时间", auto_now_add=True)
    years = models.PositiveSmallIntegerField("保留年数")
    residents = models.PositiveIntegerField("人数")

    class Meta:
        verbose_name = verbose_name_plural = "资料注销记录"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.residents} 人"
