"""An existing 矛盾纠纷台账 on its way in, previewed like the roster (mission M13, M39)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.accounts.duties import Action
from villages.models import Unit
from villages.scope import ScopedQuerySet


class DisputeImport(models.Model):
    """One uploaded ledger. `preview` holds the judged rows, encrypted; after the commit only those left out."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", "待导入"
        COMMITTED = "committed", "已导入"
        DISCARDED = "discarded", "已放弃"

    view_action = Action.CASE_IMPORT
    scope_village = "township__path"
    scope_unit = ""

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="上传人", related_name="+")
    filename = models.CharField("文件名", max_length=200)
    source = models.BinaryField(editable=False, default=b"")
    preview = models.BinaryField(editable=False, default=b"")
    overrides = models.JSONField("列的对应", default=dict, blank=True)
    counts = models.JSONField("结果", default=dict, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PREVIEWED)
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    committed_at = models.DateTimeField("导入时间", null=True, blank=True)

    objects: ScopedQuerySet[DisputeImport] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "纠纷台账导入"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="committed", committed_at__isnull=False)
                | Q(state__in=["previewed", "discarded"], committed_at=None),
                name="dispute_import_committed_at",
            ),
        ]

    def __str__(self) -> str:
        return self.filename
