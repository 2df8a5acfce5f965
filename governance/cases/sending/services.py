"""Sending twice creates once: the phone's UUID and a digest of what it says (design §8)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.cases.engine.services import Report, case_log
from governance.cases.models import Case, Conflict, Sent, Visit
from governance.cases.sending.photos import photos_link
from governance.cases.sending.senders import Writing
from governance.cases.visits.services import VisitReport, visit_log
from governance.crypto import keyed_hash
from governance.errors import DomainError

HERE = Writing()  # on the page itself, not on a phone


class SendError(DomainError):
    """A form that cannot be taken: `key` (the UUID is somebody else's, or of another form)."""


@dataclass(frozen=True)
class Arrival:
    """What became of a form: created, same (it was there already) or conflict (the UUID was there with other content)."""

    status: str
    sent: Sent
    conflict: Conflict | None = None

    @property
    def thing(self) -> Case | Visit:
        made = self.sent.case or self.sent.visit
        assert made is not None
        return made


def digest(payload: Mapping[str, str]) -> str:
    """Keyed hash of what a form says; empty fields say nothing, blanks around words neither."""
    said = {name: value.strip() for name, value in payload.items() if value.strip()}
    return keyed_hash(hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest())


def case_send(
    *, key: UUID, payload: Mapping[str, str], report: Report, by: User, writing: Writing = HERE, at: datetime | None = None
) -> Arrival:
    """Log a case once for `key`; `payload` is the form as it was sent, without its key."""
    now = at or timezone.now()
    return _take("case", key, payload, by, now, writing, lambda: case_log(report=report, by=by, at=now))


def visit_send(
    *, key: UUID, payload: Mapping[str, str], report: VisitReport, by: User, writing: Writing = HERE, at: datetime | None = None
) -> Arrival:
    """Log a visit once for `key`."""
    now = at or timezone.now()
    return _take("visit", key, payload, by, now, writing, lambda: visit_log(report=report, by=by, at=now))


def _take(
    kind: str, key: UUID, payload: Mapping[str, str], by: User, now: datetime, writing: Writing, make: Callable[[], Case | Visit]
) -> Arrival:
    """The unique key decides between two that arrive at once: the loser's work is undone and it reads the winner's."""
    found = _find(kind, key, by)
    if found is None:
        try:
            with transaction.atomic():
                times = {"at": now, "written_at": writing.at, "clock_off": writing.off}
                found = Sent.objects.create(key=key, user=by, digest=digest(payload), **times, **{kind: make()})
                photos_link(key)
            return Arrival("created", found)
        except IntegrityError:
            found = _find(kind, key, by)
            if found is None:
                raise
    return _again(found, payload, now)


def _find(kind: str, key: UUID, by: User) -> Sent | None:
    found = Sent.objects.select_related("case__category", "visit__unit").filter(key=key).first()
    if found is not None and (found.user_id != by.pk or getattr(found, kind) is None):
        raise SendError("这张表的提交号有误，请重新打开页面再填。", "key")
    return found


def _again(found: Sent, payload: Mapping[str, str], now: datetime) -> Arrival:
    says = digest(payload)
    if says == found.digest:
        return Arrival("same", found)
    kept = {name: value for name, value in payload.items() if value.strip()}
    conflict, _ = Conflict.objects.get_or_create(sent=found, digest=says, defaults={"payload": kept, "at": now})
    return Arrival("conflict", found, conflict)
