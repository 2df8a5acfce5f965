"""A care ledger on its way in (missions M28, M39)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from governance.accounts.duties import Action
from governance.frame.imports.models import SheetImport, committed_at_fits
from villages.models import Unit
from villages.scope import ScopedQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


class CareImportQuerySet(ScopedQuerySet["CareImport"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """One's own: the rows stand there as uploaded, children among them."""
        return super().visible_to(user, action).filter(uploaded_by=user.pk)


class CareImport(SheetImport):
    """One uploaded ledger; only who uploaded it sees it."""

    view_action = Action.CARE_IMPORT
    scope_township, scope_village, scope_unit = "township", "", ""

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")

    objects: CareImportQuerySet = CareImportQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "特殊困难群体台账导入"
        ordering = ["-id"]
        constraints = [committed_at_fits("volunteers_careimport_committed_at")]
