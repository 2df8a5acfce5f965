"""网格 and 联户, which group households across the tree."""

from __future__ import annotations

from django.db import models
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from villages.scope import ScopedQuerySet


class Overlay(models.Model):
    """网格 or 联户: households grouped across the tree."""

    class Kind(models.TextChoices):
        GRID = "grid", "网格"
        JOINT = "joint", "联户"

    view_action = Action.UNIT_VIEW
    scope_village = "village"
    scope_unit = ""

    kind = models.CharField("类别", max_length=10, choices=Kind)
    name = models.CharField("名称", max_length=60)
    village = models.ForeignKey("villages.Unit", models.PROTECT, verbose_name="村（社区）", related_name="overlays")

    objects: ScopedQuerySet[Overlay] = ScopedQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "网格与联户"
        ordering = ["village__path", "kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "kind", "name"],
                name="overlay_name_once",
                violation_error_message="本村已有同名的网格或联户。",
            )
        ]

    def __str__(self) -> str:
        return self.name


class OverlayMember(models.Model):
    """A household in a 网格 or 联户; at most one of each kind."""

    overlay = models.ForeignKey(Overlay, models.CASCADE, related_name="members", verbose_name="网格（联户）")
    household = models.ForeignKey("villages.Household", models.CASCADE, related_name="overlay_members", verbose_name="户")
    kind = models.CharField(max_length=10, choices=Overlay.Kind, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "成员户"
        constraints = [
            models.UniqueConstraint(
                fields=["household", "kind"],
                name="overlay_member_once_per_kind",
                violation_error_message="这一户已在另一个同类网格（联户）中。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.household_id} in {self.overlay_id}"
