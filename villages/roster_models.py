"""A household roster on its way into the register (missions M01, M39)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from governance.accounts.duties import Action
from villages.scope import ScopedQuerySet


class RosterImport(models.Model):
    """One uploaded roster. `source` is the file and `preview` its judged rows, both encrypted, both gone when they have
    done their work: after the commit `preview` holds only the rows that were left out, after discarding nothing."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", "待导入"
        COMMITTED = "committed", "已导入"
        DISCARDED = "discarded", "已放弃"

    view_action = Action.ROSTER_IMPORT
    scope_village = "township__path"
    scope_unit = ""

    township = models.ForeignKey("villages.Unit", models.PROTECT, verbose_name="乡镇", related_name="roster_imports")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="上传人", related_name="+")
    filename = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("文件校验值", max_length=64, editable=False)
    source = models.BinaryField(editable=False, default=b"")
    preview = models.BinaryField(editable=False, default=b"")
    overrides = models.JSONField("列的对应", default=dict, blank=True)
    counts = models.JSONField("结果", default=dict, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PREVIEWED)
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    committed_at = models.DateTimeField("导入时间", null=True, blank=True)

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

    def __str__(self) -> str:
        return self.filename
