"""The last number of each series (villages/numbers.py)."""

from __future__ import annotations

from django.db import models


class NumberSeries(models.Model):
    """The last number given out: one row for unit and prefix, locked while a number is taken."""

    unit = models.ForeignKey("villages.Unit", models.PROTECT, related_name="+")
    prefix = models.CharField(max_length=66)
    last = models.PositiveIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "编号"
        constraints = [models.UniqueConstraint(fields=["unit", "prefix"], name="number_series_once_per_prefix")]

    def __str__(self) -> str:
        return f"{self.prefix}: {self.last}"
