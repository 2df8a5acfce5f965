"""The trace that the background leaves each minute, so that somebody notices when it stands still."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from celery.signals import before_task_publish
from django.db import models
from django.utils import timezone


class Heartbeat(models.Model):
    """One row: when a worker last did what the beat asks for each minute, and how long that message had waited."""

    at = models.DateTimeField()
    waited = models.FloatField("等候秒数")

    class Meta:
        verbose_name = verbose_name_plural = "后台心跳"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="heartbeat_is_one_row")]

    def __str__(self) -> str:
        return f"{self.at}"


def heartbeat(*, sent_at: float | None, at: datetime | None = None) -> None:
    """Leave a trace: beat, broker, worker and database all work at this moment."""
    waited = max(0.0, time.time() - sent_at) if sent_at else 0.0
    Heartbeat.objects.update_or_create(pk=1, defaults={"at": at or timezone.now(), "waited": waited})


@before_task_publish.connect
def _with_the_time(headers: dict[str, Any], **kwargs: Any) -> None:
    headers["sent_at"] = time.time()
