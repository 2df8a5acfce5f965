"""An existing 矛盾纠纷台账 on its way in, previewed like the roster (mission M13, M39)."""

from __future__ import annotations

from django.db import models

from governance.accounts.duties import Action
from governance.frame.imports.models import SheetImport, committed_at_fits
from villages.models import Unit
from villages.scope import ScopedQuerySet


class DisputeImport(SheetImport):
    """One uploaded ledger."""

    view_action = Action.CASE_IMPORT
    scope_township, scope_village, scope_unit = "township", "", ""

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")

    objects: ScopedQuerySet[DisputeImport] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "纠纷台账导入"
        ordering = ["-id"]
        constraints = [committed_at_fits("dispute_import_committed_at")]
