"""What is done in the background for somebody who does not wait for it (docs/decisions/0025-background.md)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db import models
from django.db.models import Q
from django.urls import reverse

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User

OPEN = ("queued", "running")
KEPT = timedelta(days=7)
_J = TypeVar("_J", bound="Job")


class JobQuerySet(models.QuerySet[_J], Generic[_J]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own, nobody else's."""
        return self.filter(user=user) if user.is_authenticated else self.none()

    def open(self) -> Self:
        return self.filter(state__in=OPEN)


class Job(models.Model):
    """The row is the task, its Celery message only a nudge: who takes the row does the work (`jobs.py`). A model of its own adds
    `state` with these values in its own words, and says what the job is about.

    `digest`: of what was asked, so that the same is not asked twice at a time. `file`: encrypted, what comes in or goes out.
    `kind` names the job in keys, `task` is Celery's name of the work, `page` where the job is looked at; `denied` and `given_up` are
    reasons of a failure. `keeps_file`: whether the file is needed to do once more what broke.
    """

    kind: ClassVar[str]
    task: ClassVar[str]
    page: ClassVar[str]
    denied: ClassVar[str]
    given_up: ClassVar[str]
    keeps_file: ClassVar[bool] = False

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    state = models.CharField("状态", max_length=8, default="queued")
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    total = models.PositiveIntegerField("行数")
    asked_at = models.DateTimeField("申请时间")
    moved_at = models.DateTimeField("最近进展")
    file = models.BinaryField(editable=False, default=b"")
    error = models.CharField("原因", max_length=200, blank=True)

    class Meta:
        abstract = True

    @classmethod
    def over(cls, now: datetime) -> models.QuerySet[Any]:
        """The jobs that are kept no longer."""
        raise NotImplementedError

    @classmethod
    def renewable(cls) -> Q:
        """Which of the failed ones can be done once more without anything new from whoever asked."""
        return Q(state="failed")

    def refusal(self, reason: str) -> str:
        """What is told of a job that failed."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """What it is about, in words."""
        raise NotImplementedError

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def link(self) -> str:
        return reverse(self.page, args=[self.pk])

    @property
    def progress_key(self) -> str:
        return f"{self.kind}:{self.pk}:{self.attempts}"

    @property
    def progress(self) -> tuple[str, int, int]:
        """What is being done, rows done, rows in all or 0: in the cache, for the work may stand in one transaction."""
        return cache.get(self.progress_key) or ("", 0, 0)

    @property
    def percent(self) -> int:
        _, done, total = self.progress
        return 100 * done // max(total, 1)


def once_open(name: str, *fields: str) -> models.UniqueConstraint:
    """The constraint that of jobs with the same `fields` one at most is open."""
    return models.UniqueConstraint(fields=fields, condition=Q(state__in=OPEN), name=name)
