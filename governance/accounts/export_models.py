"""Big ledgers that are written in the background (docs/decisions/0023-outward.md)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.accounts.job_models import KEPT, OPEN, Job, JobQuerySet, once_open
from governance.sealed import CipherField


class ExportJob(Job):
    """A ledger that `user` asked for at `address`. The worker goes to the same address as the same person, so that who may
    see what is decided there anew; it is sealed, for it may say whose telephone was searched for. `rights`: a digest of what the
    person could see when the file was made."""

    kind: ClassVar[str] = "export"
    task: ClassVar[str] = "accounts.export_write"
    page: ClassVar[str] = "accounts:export-detail"
    denied: ClassVar[str] = "您现在不能导出这份台账"
    given_up: ClassVar[str] = "多次没有写完，请缩小范围再导出"

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "正在导出"
        READY = "ready", "可以下载"
        FAILED = "failed", "没有导出"

    title = models.CharField("台账", max_length=100)
    address = CipherField("页面", editable=False)
    reason = models.CharField("用途", max_length=100, blank=True)
    rights = models.CharField(max_length=64, blank=True)
    state = models.CharField("状态", max_length=8, choices=State, default=State.QUEUED)
    expires_at = models.DateTimeField("保留到", null=True, blank=True)
    filename = models.CharField("文件名", max_length=120, blank=True)

    objects: JobQuerySet[ExportJob] = JobQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "后台导出"
        ordering = ["-id"]
        indexes = [models.Index(fields=["moved_at"], name="export_job_open", condition=Q(state__in=OPEN))]
        constraints = [
            once_open("export_job_asked_once", "user", "digest"),
            models.CheckConstraint(
                condition=(Q(state="ready") & ~Q(file=b"") & ~Q(filename="") & ~Q(rights="") & Q(expires_at__isnull=False))
                | (Q(state__in=["queued", "running", "failed"], file=b"", expires_at=None)),
                name="export_job_file_when_ready",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def over(cls, now: datetime) -> models.QuerySet[ExportJob]:
        return cls.objects.filter(Q(expires_at__lte=now) | Q(state=cls.State.FAILED, asked_at__lt=now - KEPT))

    @property
    def name(self) -> str:
        return self.title

    def refusal(self, reason: str) -> str:
        return f"“{self.title}”没有导出：{reason}"
