"""What a beat does to rows that are due: each once, whoever else comes late, twice or beside; and to rows whose message was lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import F, Model, QuerySet
from django.utils import timezone

from governance.celery import nudge

_M = TypeVar("_M", bound=Model)
BATCH = 200


def each_due(due: QuerySet[_M], related: Sequence[str], take: Callable[[_M, datetime], object], now: datetime) -> int:
    """`take` for every due row in the queryset's order, each in a transaction of its own and under its lock, with `related` read; rows
    that others hold are theirs. Returns how many were taken."""
    skips = connection.features.has_select_for_update_skip_locked
    taken, seen = 0, set[int]()
    while ids := list(due.exclude(pk__in=seen).values_list("pk", flat=True)[:BATCH]):
        seen |= set(ids)
        for pk in ids:
            with transaction.atomic():
                rows = due.order_by().select_for_update(of=("self",), skip_locked=skips).filter(pk=pk)
                row = rows.select_related(*related).first()
                if row is not None:
                    take(row, now)
                    taken += 1
    return taken


RESEND_SECONDS = 30  # a message is lost if nobody has done what it asks for
MOST_TRIES = 5
GIVEN_UP = f"试了 {MOST_TRIES} 次都没有办完（后台进程中断，或数据库不通），请再试一次；还不行请联系管理员"


def unheld(model: type[_M]) -> QuerySet[_M]:
    """The rows under their locks, without those that others hold."""
    skips = connection.features.has_select_for_update_skip_locked
    return model._default_manager.order_by("pk").select_for_update(skip_locked=skips)


def job_taken(model: type[Model], pk: int) -> bool:
    """Whether a worker shall do what the row asks for: it is queued and nobody does it. The try is counted beforehand and for good,
    so that what kills its worker is counted too. `model` has job, job_at, job_error, job_tries."""
    with transaction.atomic():
        if not unheld(model).filter(pk=pk, job="queued").values_list("pk"):  # exists() would take no lock
            return False
        model._default_manager.filter(pk=pk).update(job_tries=F("job_tries") + 1)
    return True


def jobs_resend(model: type[Model], task: str, at: datetime | None = None) -> int:
    """Send again what has been queued for so long that its message or its worker must be lost, and give up what was tried MOST_TRIES
    times: it stays as `failed` with its reason until somebody asks anew. Returns how many were sent."""
    now = at or timezone.now()
    rows = model._default_manager
    with transaction.atomic():
        late = unheld(model).filter(job="queued", job_at__lt=now - timedelta(seconds=RESEND_SECONDS))
        tries = dict(late.values_list("pk", "job_tries"))
        again = [pk for pk in tries if tries[pk] < MOST_TRIES]
        rows.filter(pk__in=tries.keys() - set(again)).update(job="failed", job_error=GIVEN_UP)
        rows.filter(pk__in=again).update(job_at=now)
        for pk in again:
            nudge(task, pk)
    return len(again)
