"""Big ledgers in the background: asked for, written by a worker, told, handed to whoever asked, thrown away after some days."""

from __future__ import annotations

import hashlib
import logging
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.messages.storage.base import BaseStorage
from django.db import OperationalError, transaction
from django.db.models import F
from django.http import FileResponse, Http404, HttpRequest, QueryDict
from django.urls import resolve
from django.utils import timezone

from governance.accounts.export_models import ExportJob
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.celery import app
from governance.crypto import decrypt, encrypt
from governance.errors import DomainError

TASK = "accounts.export_write"
KEPT = timedelta(days=7)
LOST = timedelta(minutes=5)
MOST_ATTEMPTS = 3
STEP = 2000

_logger = logging.getLogger(__name__)


class JobError(DomainError):
    """An export that is not made or not handed out: `rights`, `state`."""


class ExportRequest(HttpRequest):
    """The request of a worker for somebody who has gone on; what the page says to the user is the reason why no file came."""

    def __init__(self, job: ExportJob) -> None:
        super().__init__()
        path, _, query = job.address.partition("?")
        self.method, self.path, self.path_info = "GET", path, path
        self.GET = QueryDict(query)
        self.META = {"QUERY_STRING": query, "REQUEST_METHOD": "GET", "SERVER_NAME": "localhost", "SERVER_PORT": "80"}
        self.user = job.user
        self.htmx = False
        self.export_job = job
        self._messages = _Said(self)


class _Said(BaseStorage):
    """Messages that nobody has stored and nobody will."""

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Any], bool]:
        return [], True

    def _store(self, messages: Any, response: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return []


def job_of(request: HttpRequest) -> ExportJob | None:
    """The job that a worker makes by this request."""
    return request.export_job if isinstance(request, ExportRequest) else None


def export_ask(*, user: User, title: str, address: str, total: int, reason: str = "", at: datetime | None = None) -> ExportJob:
    """Have a ledger written in the background; who asks again while it is being written gets the same one."""
    now = at or timezone.now()
    digest = hashlib.sha256(f"{address}\n{reason}".encode()).hexdigest()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        same = ExportJob.objects.visible_to(user).open().filter(digest=digest).first()
        if same is not None:
            return same
        job = ExportJob.objects.create(
            user=user, title=title[:100], address=address, digest=digest, reason=reason, total=total, asked_at=now, moved_at=now
        )
        _send(job.pk)
    return job


def export_work(job_id: int, at: datetime | None = None) -> None:
    """The background task: whoever takes the row first writes the file; a refusal is kept as the row's reason and told."""
    now = at or timezone.now()
    taken = ExportJob.objects.filter(pk=job_id, state=ExportJob.State.QUEUED)
    if not taken.update(state=ExportJob.State.RUNNING, moved_at=now, done=0, attempts=F("attempts") + 1):
        return
    job = ExportJob.objects.select_related("user").get(pk=job_id)
    try:
        _finish(job, *_written(job), now)
    except OperationalError:
        raise
    except Exception as error:
        if not isinstance(error, DomainError | Http404):
            _logger.error("export %s", job_id, exc_info=error)
        _fail(job, _reason(error), now)


def exports_sweep(at: datetime | None = None) -> int:
    """Send again what does not move any more, give up what never ends, delete what is kept no longer; returns how many moved."""
    now = at or timezone.now()
    stuck = ExportJob.objects.open().filter(moved_at__lt=now - LOST)
    for job in stuck.filter(attempts__gte=MOST_ATTEMPTS).select_related("user"):
        _fail(job, "多次没有写完，请缩小范围再导出", now)
    with transaction.atomic():
        lost = list(stuck.filter(attempts__lt=MOST_ATTEMPTS).select_for_update().values_list("pk", flat=True))
        ExportJob.objects.filter(pk__in=lost).update(state=ExportJob.State.QUEUED, moved_at=now)
        for pk in lost:
            _send(pk)
    ExportJob.objects.filter(expires_at__lte=now).delete()
    ExportJob.objects.filter(state=ExportJob.State.FAILED, asked_at__lt=now - KEPT).delete()
    return len(lost)


def export_file(*, job: ExportJob, by: User, at: datetime | None = None) -> bytes:
    """The file, for whoever asked for it, as long as he may still see what he could see then. The page logs it."""
    if job.user_id != by.pk or job.state != ExportJob.State.READY or job.expires_at is None or job.expires_at <= (at or timezone.now()):
        raise JobError("这个文件还没有写好，或者已经过期。", "state")
    if job.rights != rights_of(by):
        raise JobError("您的职务在导出以后有变动，请重新导出。", "rights")
    return b64decode(decrypt(bytes(job.file)))


def counted(job: ExportJob, rows: Iterable[Any]) -> Iterator[Any]:
    """The rows of a ledger, while the job's row says how far it is."""
    for number, row in enumerate(rows, start=1):
        if number % STEP == 0:
            ExportJob.objects.filter(pk=job.pk).update(done=number, moved_at=timezone.now())
        yield row


def rights_of(user: User) -> str:
    """A digest of what the person may do where, and of whether the account is open."""
    grants = sorted(f"{grant.duty} {grant.path} {sorted(grant.actions)}" for grant in user.grants)
    return hashlib.sha256(f"{user.is_active} {grants}".encode()).hexdigest()


def _written(job: ExportJob) -> tuple[bytes, str]:
    """The file that the address answers with, and its name."""
    if not job.user.is_active:
        raise Http404
    request = ExportRequest(job)
    view = request.resolver_match = resolve(request.path)
    answer = view.func(request, *view.args, **view.kwargs)
    if not isinstance(answer, FileResponse):
        raise JobError("；".join(str(message) for message in request._messages) or "这个页面没有给出文件。", "state")
    return answer.getvalue(), answer.filename


def _finish(job: ExportJob, data: bytes, filename: str, now: datetime) -> None:
    """A job that another worker took over meanwhile is that one's."""
    with transaction.atomic():
        row = ExportJob.objects.select_for_update().get(pk=job.pk)
        if row.state != ExportJob.State.RUNNING or row.attempts != job.attempts:
            return
        row.state, row.done, row.rights, row.filename = ExportJob.State.READY, row.total, rights_of(job.user), filename
        row.file, row.moved_at, row.expires_at = encrypt(b64encode(data).decode("ascii")), now, timezone.now() + KEPT
        row.save(update_fields=["state", "done", "rights", "filename", "file", "moved_at", "expires_at"])
        _tell(row, f"“{row.title}”已导出，{row.total} 行，{KEPT.days} 天内可以下载。", now)


def _fail(job: ExportJob, reason: str, now: datetime) -> None:
    with transaction.atomic():
        if ExportJob.objects.open().filter(pk=job.pk).update(state=ExportJob.State.FAILED, error=reason[:200], moved_at=now):
            _tell(job, f"“{job.title}”没有导出：{reason}", now)


def _reason(error: Exception) -> str:
    if isinstance(error, Http404):
        return "您现在不能导出这份台账"
    return str(error) if isinstance(error, DomainError) else f"程序出错（{type(error).__name__}），请联系管理员"


def _tell(job: ExportJob, text: str, now: datetime) -> None:
    messages_send(users=[job.user], text=text, link=f"/exports/{job.pk}/", key=f"export:{job.pk}", at=now)


def _send(job_id: int) -> None:
    transaction.on_commit(lambda: app.send_task(TASK, [job_id]), robust=True)
