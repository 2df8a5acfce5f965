"""Big sheets in the background: what the request would do a worker does, all or nothing (docs/decisions/0025-background.md)."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from governance.accounts.jobs import JobError, job_ask, job_held, job_tell, job_work
from governance.accounts.models import ImportJob, User
from governance.crypto import decrypt, encrypt
from governance.frame.imports.flow import UNDER_WAY, SheetFlow, plain_about, restored_about
from governance.frame.imports.models import SheetImport
from governance.sheets.cells import LEVELS
from governance.sheets.limits import Limits

Flow = SheetFlow[Any, Any]
Step = ImportJob.Step


def sheet_read(
    *, flow: Flow, back: str, by: User, file: bytes | IO[bytes], filename: str = "", encoding: str = "", **about: Any
) -> SheetImport | ImportJob:
    """`flow.read`, or for a big file the job that does it. How many rows a file has is known when it is read, which is what takes
    the time: its bytes say nearly as much. `back`: the page of the upload."""
    name = PurePath(filename or getattr(file, "name", "")).name[:200]
    limit = Limits().file_bytes
    data = file if isinstance(file, bytes) else file.read(limit + 1)
    if not settings.IMPORT_BACKGROUND_BYTES <= len(data) <= limit:
        sheet: SheetImport = flow.read(file=data, filename=name, by=by, encoding=encoding, **about)
        return sheet
    flow.place(by, about)
    given = {"encoding": encoding, "about": plain_about(about)}
    job = _job(flow, Step.READ, given, by=by, filename=name, back=back, total=0, seal=data)
    job.file = encrypt(b64encode(data).decode("ascii"))
    return job_ask(job)


def sheet_remap(*, flow: Flow, sheet: SheetImport, overrides: Mapping[str, str], by: User) -> SheetImport | ImportJob:
    """`flow.remap`, or of a big sheet the job that does it."""
    if not is_big(sheet):
        judged: SheetImport = flow.remap(sheet, overrides=overrides, by=by)
        return judged
    return _ask(flow, sheet, Step.REMAP, {"overrides": dict(overrides)}, by)


def sheet_commit(*, flow: Flow, sheet: SheetImport, include_look: bool, by: User) -> Any:
    """`flow.commit`, or of a big sheet the job that does it."""
    if not is_big(sheet):
        return flow.commit(sheet, include_look=include_look, by=by)
    return _ask(flow, sheet, Step.COMMIT, {"include_look": include_look}, by)


def is_big(sheet: SheetImport) -> bool:
    return sheet.waits and _rows(sheet) >= settings.IMPORT_BACKGROUND_ROWS


def import_work(job_id: int, at: datetime | None = None) -> None:
    """The background task."""
    job_work(ImportJob, job_id, _work, at)


def _ask(flow: Flow, sheet: SheetImport, step: Step, given: dict[str, Any], by: User) -> ImportJob:
    """One job a sheet: who asks for the same again gets it, anybody else is told that it is under way."""
    address = flow.address(sheet.pk)
    asked = _job(flow, step, given, by=by, filename=sheet.filename, back=address, total=_rows(sheet), sheet_id=sheet.pk)
    with transaction.atomic():
        flow.imports(by).select_for_update(of=("self",)).filter(pk=sheet.pk).first()
        job = job_ask(asked) if _may_ask(flow, sheet, asked) else None
    if job is None:
        raise flow.error(UNDER_WAY, "state")
    return job


def _may_ask(flow: Flow, sheet: SheetImport, asked: ImportJob) -> bool:
    return not flow.jobs(sheet).exclude(user=asked.user, digest=asked.digest).exists()


def _job(flow: Flow, step: Step, given: dict[str, Any], *, seal: bytes = b"", **fields: Any) -> ImportJob:
    by = fields.pop("by")
    said = json.dumps([flow.name, step, given, fields.get("sheet_id"), fields["filename"]], sort_keys=True)
    digest, now = hashlib.sha256(said.encode() + seal).hexdigest(), timezone.now()
    return ImportJob(user=by, flow=flow.name, step=step, given=given, digest=digest, asked_at=now, moved_at=now, **fields)


def _rows(sheet: SheetImport) -> int:
    return sum(sheet.counts.get(level, 0) for level in LEVELS)


def _work(job: ImportJob) -> None:
    flow: Flow = import_string(job.flow)()
    if job.step == Step.READ:
        sheet = _judged(flow, job)
        with job_held(job) as row:
            _finish(row, flow, flow.keep(sheet), f"“{job.filename}”已读完，请核对后导入。")
        return
    with job_held(job) as row:
        sheet = flow.model(pk=row.sheet_id)
        if job.step == Step.REMAP:
            flow.remap(sheet, by=row.user, job=row, **row.given)
            _finish(row, flow, sheet, f"“{row.filename}”已按新的对应重新核对。")
        else:
            _finish(row, flow, sheet, f"“{row.filename}”：{flow.told(flow.commit(sheet, by=row.user, job=row, **row.given))}")


def _judged(flow: Flow, job: ImportJob) -> SheetImport:
    try:
        about = restored_about(job.given["about"])
    except ObjectDoesNotExist as error:
        raise JobError("要导入到的地方已经删除。", "state") from error
    data, encoding = b64decode(decrypt(bytes(job.file))), job.given["encoding"]
    sheet: SheetImport = flow.judge(file=data, filename=job.filename, encoding=encoding, by=job.user, **about)
    return sheet


def _finish(row: ImportJob, flow: Flow, sheet: SheetImport, words: str) -> None:
    row.state, row.sheet_id, row.result, row.file, row.moved_at = row.State.READY, sheet.pk, flow.address(sheet.pk), b"", timezone.now()
    row.total = row.total or _rows(sheet)
    row.save(update_fields=["state", "sheet_id", "result", "file", "moved_at", "total"])
    job_tell(row, words)
