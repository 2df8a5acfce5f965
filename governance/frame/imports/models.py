"""A sheet on its way in: what every import keeps of it until it is committed or given up (missions M01, M39)."""

from __future__ import annotations

from typing import IO

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.frame.imports.payload import Preview, stored_rejects, unpack
from governance.sheets.cells import CLEAN, LOOK, OK


class SheetImport(models.Model):
    """One uploaded sheet. `source` is the file and `preview` its judged rows, both encrypted, both gone when they have
    done their work: after the commit `preview` holds only the rows that were left out, after giving up nothing.

    A model of its own adds `township`, its manager with `visible_to` and its `Meta`; how its rows are judged and written is
    said in a `SheetFlow`. With `outlives_commit` a second commit gives the first outcome, and what a commit left out may
    be given up.
    """

    class State(models.TextChoices):
        PREVIEWED = "previewed", "待导入"
        COMMITTED = "committed", "已导入"
        DISCARDED = "discarded", "已放弃"

    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="上传人", related_name="+")
    filename = models.CharField("文件名", max_length=200)
    source = models.BinaryField(editable=False, default=b"")
    preview = models.BinaryField(editable=False, default=b"")
    overrides = models.JSONField("列的对应", default=dict, blank=True)
    counts = models.JSONField("结果", default=dict, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PREVIEWED)
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    committed_at = models.DateTimeField("导入时间", null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.filename

    @property
    def outlives_commit(self) -> bool:
        return False

    @property
    def waits(self) -> bool:
        return self.state == self.State.PREVIEWED

    @property
    def is_open(self) -> bool:
        """Whether it may be committed or given up."""
        return self.waits or (self.outlives_commit and self.state == self.State.COMMITTED)

    @property
    def taken(self) -> tuple[int, int]:
        """How many rows are imported, and how many more with those that are to be looked at."""
        good = self.counts.get("good", self.counts.get(OK, 0) + self.counts.get(CLEAN, 0))
        return good, self.counts.get("all", good + self.counts.get(LOOK, 0)) - good

    def judged(self) -> Preview:
        """The judged rows; after the commit, those left out. They stand in clear: mask what is shown."""
        return unpack(bytes(self.preview))

    def rejects(self, stream: IO[bytes]) -> int:
        """Write the rows that are to be looked at or refused, with reasons, as .xlsx; returns how many. The page logs it."""
        return stored_rejects(stream, self.judged())


def committed_at_fits(name: str) -> models.CheckConstraint:
    """The constraint that an import has a time of its commit just when it is committed."""
    return models.CheckConstraint(
        condition=Q(state="committed", committed_at__isnull=False)
        | Q(state__in=["previewed", "discarded"], committed_at=None),
        name=name,
    )
