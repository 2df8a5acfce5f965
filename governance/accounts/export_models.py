"""Big ledgers that are written in the background (docs/decisions/0023-outward.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


class ExportJobQuerySet(models.QuerySet["ExportJob"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own, nobody else's."""
        return self.filter(user=user) if user.is_authenticated else self.none()

    def open(self) -> Self:
        return self.filter(state__in=["queued", "running"])


class ExportJob(models.Model):
    """A ledger that `user` asked for at `address`; the row is the task. The worker goes to the same address as the same person, so
    that who may see what is decided there anew. `rights`: a digest of what the person could see when the file was made."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "正在导出"
        READY = "ready", "可以下载"
        FAILED = "failed", "没有导出"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="export_jobs")
    title = models.CharField("台账", max_length=100)
    address = models.TextField("页面")
    digest = models.CharField(max_length=64)  # SHA-256 of the address and the reason
    reason = models.CharField("用途", max_length=100, blank=True)
    rights = models.CharField(max_length=64, blank=True)
    state = models.CharField("状态", max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    total = models.PositiveIntegerField("行数")
    done = models.PositiveIntegerField("已写", default=0)
    asked_at = models.DateTimeField("申请时间")
    moved_at = models.DateTimeField("最近进展")
    expires_at = models.DateTimeField("保留到", null=True, blank=True)
    filename = models.CharField("文件名", max_length=120, blank=True)
    file = models.BinaryField(editable=False, default=b"")
    error = models.CharField("原因", max_length=200, blank=True)

    objects: ExportJobQuerySet = ExportJobQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "后台导出"
        ordering = ["-id"]
        indexes = [models.Index(fields=["moved_at"], name="export_job_open", condition=Q(state__in=["queued", "running"]))]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "digest"], condition=Q(state__in=["queued", "running"]), name="export_job_asked_once"
            ),
            models.CheckConstraint(
                condition=(Q(state="ready") & ~Q(file=b"") & ~Q(filename="") & ~Q(rights="") & Q(expires_at__isnull=False))
                | (Q(state__in=["queued", "running", "failed"], file=b"", expires_at=None)),
                name="export_job_file_when_ready",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def percent(self) -> int:
        return 100 * min(self.done, self.total) // max(self.total, 1)
