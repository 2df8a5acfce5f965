"""Big ledgers in the background: asked for, written by a worker, told, handed to whoever asked, thrown away after some days."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any

from django.contrib.messages.storage.base import BaseStorage
from django.http import FileResponse, HttpRequest, QueryDict
from django.urls import resolve
from django.utils import timezone

from governance.accounts.export_models import ExportJob
from governance.accounts.job_models import KEPT
from governance.accounts.jobs import JobError, job_ask, job_held, job_tell, job_work
from governance.accounts.models import User
from governance.crypto import decrypt, encrypt, keyed_hash


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
    digest = keyed_hash(f"{address}\n{reason}")
    return job_ask(
        ExportJob(user=user, title=title[:100], address=address, digest=digest, reason=reason, total=total, asked_at=now, moved_at=now)
    )


def export_work(job_id: int, at: datetime | None = None) -> None:
    """The background task: write the file and tell."""
    job_work(ExportJob, job_id, _work, at)


def export_file(*, job: ExportJob, by: User, at: datetime | None = None) -> bytes:
    """The file, for whoever asked for it, as long as he may still see what he could see then. The page logs it."""
    if job.user_id != by.pk or job.state != ExportJob.State.READY or job.expires_at is None or job.expires_at <= (at or timezone.now()):
        raise JobError("这个文件还没有写好，或者已经过期。", "state")
    if job.rights != rights_of(by):
        raise JobError("您的职务在导出以后有变动，请重新导出。", "rights")
    return b64decode(decrypt(bytes(job.file)))


def rights_of(user: User) -> str:
    """A digest of what the person may do where, and of whether the account is open."""
    grants = sorted(f"{grant.duty} {grant.path} {sorted(grant.actions)}" for grant in user.grants)
    return hashlib.sha256(f"{user.is_active} {grants}".encode()).hexdigest()


def _written(job: ExportJob) -> tuple[bytes, str]:
    """The file that the address answers with, and its name."""
    request = ExportRequest(job)
    view = request.resolver_match = resolve(request.path)
    answer = view.func(request, *view.args, **view.kwargs)
    if not isinstance(answer, FileResponse):
        raise JobError("；".join(str(message) for message in request._messages) or "这个页面没有给出文件。", "state")
    return answer.getvalue(), answer.filename


def _work(job: ExportJob) -> None:
    data, filename = _written(job)
    with job_held(job) as row:
        now = timezone.now()
        row.state, row.rights, row.filename = ExportJob.State.READY, rights_of(job.user), filename
        row.file, row.moved_at, row.expires_at = encrypt(b64encode(data).decode("ascii")), now, now + KEPT
        row.save(update_fields=["state", "rights", "filename", "file", "moved_at", "expires_at"])
        job_tell(row, f"“{row.title}”已导出，{row.total} 行，{KEPT.days} 天内可以下载。")
