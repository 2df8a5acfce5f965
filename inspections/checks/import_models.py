"""A past 户月评 on its way in (missions M27, M39)."""

from __future__ import annotations

from django.db import models

from governance.accounts.duties import Action
from governance.frame.imports.models import SheetImport, committed_at_fits
from villages.models import Unit
from villages.scope import ScopedQuerySet


class CheckImport(SheetImport):
    """One uploaded matrix: households by items or days, of one month or several."""

    view_action = Action.CHECK_IMPORT
    scope_township, scope_village, scope_unit = "township", "", ""

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")

    objects: ScopedQuerySet[CheckImport] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "户月评台账导入"
        ordering = ["-id"]
        constraints = [committed_at_fits("inspections_checkimport_committed_at")]
