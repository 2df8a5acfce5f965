"""走访、巡查、上门: one record that feeds every ledger (plan §四.2 错时、网格巡查、上门服务; §四.3 定期走访)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from villages.models import Household, Unit
from villages.of_township import OfTownship
from villages.scope import ScopedQuerySet


class Visit(OfTownship):
    """Who went where, to whom, and what was seen."""

    class Kind(models.TextChoices):
        CALL = "call", "走访"
        PATROL = "patrol", "网格巡查"
        DOOR = "door", "上门服务"
        PHONE = "phone", "电话（视频）联系"

    view_action = Action.VISIT_VIEW
    township_from = "village.parent_id"
    scope_village = "village"
    scope_unit = "unit"

    kind = models.CharField("类型", max_length=6, choices=Kind)
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="visits", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="组（聚居点）", related_name="+")
    place = models.CharField("具体位置", max_length=120, blank=True)
    household = models.ForeignKey(
        Household, models.PROTECT, verbose_name="走访的户", null=True, blank=True, related_name="visits"
    )
    went_at = models.DateTimeField("时间")
    companions = models.CharField("同行人", max_length=100, blank=True)
    seen = models.TextField("看到的、听到的", max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="走访人", related_name="+")
    logged_at = models.DateTimeField("登记时间")

    objects: ScopedQuerySet[Visit] = ScopedQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "走访"
        ordering = ["-went_at", "-id"]
        indexes = [
            models.Index(fields=["-went_at", "-id"], name="visit_latest"),
            models.Index(fields=["township", "-went_at", "-id"], name="visit_by_township"),
            models.Index(fields=["village", "-went_at", "-id"], name="visit_by_village"),
        ]
        constraints = [models.CheckConstraint(condition=Q(kind__in=["call", "patrol", "door", "phone"]), name="visit_kind_known")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.unit}"
