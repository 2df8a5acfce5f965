"""Work in the background: asked for once, taken by one worker, told, sent again where a worker died, thrown away after some days."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from django.core.cache import cache
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.http import Http404
from django.utils import timezone

from governance.accounts.inbox import messages_send
from governance.accounts.inbox_models import Message
from governance.accounts.job_models import OPEN, Job
from governance.accounts.models import User
from governance.celery import nudge, reason_of
from governance.errors import DomainError
from governance.progress import heard_by

UNSENT = timedelta(seconds=30)  # nobody has taken it: its message is lost, or all workers are busy
LOST = timedelta(minutes=5)  # nobody has heard of it: its worker is dead
MOST_ATTEMPTS = 3

_logger = logging.getLogger(__name__)
_J = TypeVar("_J", bound=Job)


class JobError(DomainError):
    """A job that is not done or whose file is not handed out: `rights`, `state`."""


class _TakenOver(Exception):
    """Another worker does the job meanwhile: what this one did is nothing."""


def job_ask(job: _J) -> _J:
    """Put a new job in the queue; who asks for the same again while it is open gets the first one."""
    model = type(job)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=job.user_id)
        same: _J | None = model._default_manager.filter(user=job.user_id, state__in=OPEN, digest=job.digest).first()
        if same is not None:
            return same
        job.save()
        nudge(job.task, job.pk)
    return job


def job_work(model: type[_J], job_id: int, work: Callable[[_J], None], at: datetime | None = None) -> None:
    """The background task: whoever takes the row first does it; a refusal is kept as the row's reason and told."""
    now = at or timezone.now()
    taken = model._default_manager.filter(pk=job_id, state="queued")
    if not taken.update(state="running", moved_at=now, attempts=F("attempts") + 1):
        return
    job = model._default_manager.select_related("user").get(pk=job_id)
    try:
        if not job.user.is_active:
            raise Http404
        with heard_by(_note(job)):
            work(job)
    except (OperationalError, _TakenOver) as lost:
        _logger.warning("%s %s: %s", job.kind, job_id, lost)
    except Exception as error:
        broke = not isinstance(error, DomainError | Http404)
        if broke:
            _logger.error("%s %s", job.kind, job_id, exc_info=error)
        _fail(job, _reason(job, error), now, broke)


@contextmanager
def job_held(job: _J) -> Iterator[_J]:
    """The job's row under its lock, to finish it in the same transaction as what it does; meanwhile the sweeper leaves it alone."""
    with transaction.atomic():
        row = type(job)._default_manager.select_for_update(of=("self",)).select_related("user").get(pk=job.pk)
        if row.state != "running" or row.attempts != job.attempts:
            raise _TakenOver
        yield row


def job_again(*, job: Job, at: datetime | None = None) -> Job:
    """What failed goes back into the queue, for whoever asked for it; a job that has not failed stays as it is. Raises JobError."""
    model = type(job)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=job.user_id)
        row: Job = model._default_manager.select_for_update(of=("self",)).defer("file").get(pk=job.pk)
        if row.state != "failed":
            return row
        if not model._default_manager.filter(model.renewable(), pk=row.pk).exists():
            raise JobError("上传的文件没有保留，请重新上传。", "state")
        row.state, row.attempts, row.error = "queued", 0, ""
        row.asked_at = row.moved_at = at or timezone.now()
        try:
            with transaction.atomic():
                row.save(update_fields=["state", "attempts", "error", "asked_at", "moved_at"])
        except IntegrityError as error:
            raise JobError("同一件已经在后台办理，不用再试。", "state") from error
        Message.objects.filter(user=row.user_id, key=_message_key(row)).delete()  # so that the new end is told as well
        nudge(row.task, row.pk)
    return row


def job_tell(job: Job, text: str, at: datetime | None = None) -> None:
    messages_send(users=[job.user], text=text, link=job.link, key=_message_key(job), at=at)


def _message_key(job: Job) -> str:
    return f"{job.kind}:{job.pk}"


def jobs_sweep(at: datetime | None = None) -> int:
    """Send again what does not move any more, give up what never ends, delete what is kept no longer; returns how many moved."""
    return sum(_sweep(model, at or timezone.now()) for model in Job.__subclasses__())


def _sweep(model: type[Job], now: datetime) -> int:
    rows = model._default_manager
    with transaction.atomic():
        late = rows.filter(Q(state="queued", moved_at__lt=now - UNSENT) | Q(state="running", moved_at__lt=now - LOST))
        stuck = list(late.select_for_update(skip_locked=True, of=("self",)).select_related("user").defer("file"))
        for job in (job for job in stuck if job.attempts >= MOST_ATTEMPTS):
            _fail(job, job.given_up, now, broke=True)
        again = [job for job in stuck if job.attempts < MOST_ATTEMPTS]
        rows.filter(pk__in=[job.pk for job in again]).update(state="queued", moved_at=now)
        for job in again:
            nudge(job.task, job.pk)
    model.over(now).delete()
    return len(again)


def _fail(job: Job, reason: str, now: datetime, broke: bool) -> None:
    """What was refused would be refused again: its file goes."""
    mine = type(job)._default_manager.filter(pk=job.pk, attempts=job.attempts, state__in=OPEN)
    file = {} if broke and job.keeps_file else {"file": b""}
    with transaction.atomic():
        if mine.update(state="failed", error=reason[:200], moved_at=now, **file):
            job_tell(job, job.refusal(reason), now)


def _reason(job: Job, error: Exception) -> str:
    if isinstance(error, Http404):
        return job.denied
    return reason_of(error)


def _note(job: Job) -> Callable[[str, int, int], None]:
    """Who works says how far he is; outside of a transaction the row also says that it moves."""

    def hear(name: str, done: int, total: int) -> None:
        cache.set(job.progress_key, (name, done, total), LOST.total_seconds())
        if not connection.in_atomic_block:
            type(job)._default_manager.filter(pk=job.pk, attempts=job.attempts).update(moved_at=timezone.now())

    return hear
