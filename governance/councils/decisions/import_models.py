"""Old books of decisions on their way in (missions M19, M39)."""

from __future__ import annotations

from django.db import models

from governance.accounts.duties import Action
from governance.frame.imports.models import SheetImport, committed_at_fits
from villages.models import Unit
from villages.scope import ScopedQuerySet


class DecisionImport(SheetImport):
    """One uploaded book of decisions. What comes in is history: it never counts as adopted here."""

    view_action = Action.DECISION_KIND
    scope_township, scope_village, scope_unit = "township", "", ""

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")

    objects: ScopedQuerySet[DecisionImport] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "决策台账导入"
        ordering = ["-id"]
        constraints = [committed_at_fits("councils_decisionimport_committed_at")]
