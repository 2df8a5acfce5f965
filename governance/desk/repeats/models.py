"""How often somebody said of a form “这件事让我重复填了” (plan: 反复填报): counted by form and month, never by person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from governance.accounts.duties import Action
from villages.models import Unit
from villages.scope import TownQuerySet


class RepeatCount(models.Model):
    """One row for a township, form and month; nothing in it, nor in its order, leads to who pressed."""

    view_action = Action.REPEAT_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    form = models.CharField("哪张表", max_length=60)
    month = models.DateField("月份")
    count = models.PositiveIntegerField("反映次数", default=0)

    objects: TownQuerySet[RepeatCount] = TownQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "重复填报的反映"
        ordering = ["-month", "-count", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["township", "form", "month"], name="repeat_count_once_per_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="repeat_count_by_month"),
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.month:%Y-%m}: {self.count}"
