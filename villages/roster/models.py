"""A household roster on its way into the register (missions M01, M39)."""

from __future__ import annotations

from typing import Any

from django.db import models

from governance.accounts.duties import Action
from governance.frame.imports.models import SheetImport
from villages.scope import ScopedQuerySet


class RosterImport(SheetImport):
    """One uploaded roster."""

    view_action = Action.ROSTER_IMPORT
    scope_township, scope_village, scope_unit = "township", "", ""

    township = models.ForeignKey("villages.Unit", models.PROTECT, verbose_name="乡镇", related_name="roster_imports")
    sha256 = models.CharField("文件校验值", max_length=64, editable=False)

    objects: ScopedQuerySet[Any] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "名册导入"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["previewed", "committed", "discarded"]), name="roster_import_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="committed", committed_at__isnull=False)
                | (~models.Q(state="committed") & models.Q(committed_at=None)),
                name="roster_import_committed_at",
            ),
        ]

    @property
    def outlives_commit(self) -> bool:
        return True
