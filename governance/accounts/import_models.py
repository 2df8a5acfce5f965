"""Big sheets that are read and written in the background (docs/decisions/0025-background.md)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.accounts.job_models import KEPT, OPEN, Job, JobQuerySet, once_open


class ImportJob(Job):
    """A step of an import that `user` asked for. `flow`: the dotted name of its class; `given`: what the step was given; `sheet_id`: the
    import, none before it is read. `file`: the upload, until it is read; where reading broke it stays to be read once more.
    `back`: the page where it was asked, `result` where the import is looked at."""

    kind: ClassVar[str] = "import"
    task: ClassVar[str] = "frame.import_work"
    page: ClassVar[str] = "accounts:import-detail"
    denied: ClassVar[str] = "您现在不能办理这次导入"
    given_up: ClassVar[str] = "多次没有办完，请分成几份再试"
    keeps_file: ClassVar[bool] = True

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "正在办理"
        READY = "ready", "已办完"
        FAILED = "failed", "没有办成"

    class Step(models.TextChoices):
        READ = "read", "读取"
        REMAP = "remap", "重新核对"
        COMMIT = "commit", "导入"

    flow = models.CharField(max_length=120)
    step = models.CharField("办理", max_length=6, choices=Step)
    sheet_id = models.BigIntegerField(null=True, editable=False)
    given = models.JSONField(default=dict, editable=False)
    filename = models.CharField("文件名", max_length=200)
    back = models.CharField(max_length=200, editable=False)
    result = models.CharField(max_length=200, blank=True, editable=False)
    state = models.CharField("状态", max_length=8, choices=State, default=State.QUEUED)

    objects: JobQuerySet[ImportJob] = JobQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "后台导入"
        ordering = ["-id"]
        indexes = [models.Index(fields=["moved_at"], name="import_job_open", condition=Q(state__in=OPEN))]
        constraints = [
            once_open("import_job_asked_once", "user", "digest"),
            once_open("import_job_one_a_sheet", "flow", "sheet_id"),
            models.CheckConstraint(condition=Q(step="read") | Q(sheet_id__isnull=False), name="import_job_has_its_sheet"),
            models.CheckConstraint(
                condition=(Q(state__in=OPEN, step="read", result="") & ~Q(file=b""))
                | (Q(state__in=OPEN, file=b"") & ~Q(step="read"))
                | (Q(state="ready", file=b"", sheet_id__isnull=False) & ~Q(result=""))
                | Q(state="failed", file=b"")
                | Q(state="failed", step="read"),
                name="import_job_file_until_read",
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @classmethod
    def over(cls, now: datetime) -> models.QuerySet[ImportJob]:
        return cls.objects.exclude(state__in=OPEN).filter(asked_at__lt=now - KEPT)

    @classmethod
    def renewable(cls) -> Q:
        return Q(state="failed") & (~Q(step=cls.Step.READ) | ~Q(file=b""))

    @property
    def name(self) -> str:
        return f"{self.get_step_display()}“{self.filename}”"

    def refusal(self, reason: str) -> str:
        return f"“{self.filename}”没有{self.get_step_display()}：{reason}"
