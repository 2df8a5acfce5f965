"""The way out: SMS and webhook behind one interface, one row for each message (at least once, never in a request)."""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from governance.accounts.inbox_models import Outbox
from governance.accounts.sms import SIGNATURE, body_of, signature_of
from governance.errors import DomainError

WAITS = (1, 5, 30, 120)  # minutes before the next try; after the last one the message has failed
TIMEOUT_SECONDS, ANSWER_BYTES = 5, 65536
AGAIN = timedelta(days=1)  # what it asks for is over by then

_logger = logging.getLogger(__name__)


class OutboxError(Exception):
    """A message could not be handed over; `permanent` ones are not tried again."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


class OutboxRefusal(DomainError):
    """A message that is not sent once more: `late`."""


class Backend(Protocol):
    """One way out. `send` returns when the message is handed over (the gateway's own number of it, "" for none), and raises
    OutboxError when it is not."""

    def send(self, row: Outbox) -> str: ...


class ConsoleBackend:
    """Writes a line to the log: nothing leaves the machine, and the log holds neither number nor words."""

    def send(self, row: Outbox) -> str:
        _logger.warning("%s %s is not sent: there is no gateway", row.channel, row.pk)
        return ""


class WebhookBackend:
    """POSTs JSON to NOTIFY_WEBHOOK_URL, signed with NOTIFY_WEBHOOK_SECRET (HMAC-SHA256 of the body, in hex)."""

    def send(self, row: Outbox) -> str:
        body = json.dumps({"id": row.pk, "to": row.to, "text": row.text}, ensure_ascii=False).encode()
        _post(settings.NOTIFY_WEBHOOK_URL, body, settings.NOTIFY_WEBHOOK_SECRET)
        return ""


class SmsBackend:
    """POSTs signed JSON to NOTIFY_SMS_URL (`sms.py`); the gateway's answer `{"receipt": "…"}` is kept."""

    def send(self, row: Outbox) -> str:
        body = body_of(row)
        answer = _post(settings.NOTIFY_SMS_URL, body, settings.NOTIFY_SMS_SECRET)
        try:
            return str(json.loads(answer)["receipt"])[:80]
        except (ValueError, KeyError, TypeError):
            return ""


def _post(address: str, body: bytes, secret: str) -> bytes:
    headers = {"Content-Type": "application/json", SIGNATURE: signature_of(body, secret)}
    request = urllib.request.Request(address, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            found: bytes = answer.read(ANSWER_BYTES)
            return found
    except urllib.error.HTTPError as error:
        raise OutboxError(f"HTTP {error.code}", permanent=400 <= error.code < 500) from error
    except (OSError, ValueError) as error:
        raise OutboxError(str(error)) from error


def outbox_deliver(limit: int = 100, at: datetime | None = None) -> int:
    """Hand over what is due; returns how many went. A worker that dies between sending and marking sends again."""
    now = at or timezone.now()
    due = Outbox.objects.filter(state=Outbox.State.QUEUED, next_at__lte=now).order_by("next_at", "pk")
    sent = 0
    for pk in list(due.values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            skips = connection.features.has_select_for_update_skip_locked
            row = due.order_by().select_for_update(skip_locked=skips).filter(pk=pk).first()
            if row is not None:
                sent += _hand_over(row, now)
    return sent


def outbox_again(*, row: Outbox, at: datetime | None = None) -> None:
    """Send once more what was given up within AGAIN; what is on its way stays so. Raises OutboxRefusal where it comes too late."""
    now = at or timezone.now()
    failed = Outbox.objects.filter(pk=row.pk, state=Outbox.State.FAILED)
    anew = {"state": Outbox.State.QUEUED, "attempts": 0, "next_at": now, "error": "", "receipt": ""}
    if not failed.filter(next_at__gt=now - AGAIN).update(**anew) and failed.exists():
        raise OutboxRefusal("已过一天，不再补发，请直接联系。", "late")


def _hand_over(row: Outbox, now: datetime) -> bool:
    row.attempts += 1
    try:
        row.receipt = import_string(settings.NOTIFY_BACKENDS[row.channel])().send(row)
    except OutboxError as error:
        row.error = str(error)[:200]
        if error.permanent or row.attempts > len(WAITS):
            row.state = Outbox.State.FAILED
        else:
            row.next_at = now + timedelta(minutes=WAITS[row.attempts - 1])
    else:
        row.state, row.sent_at, row.error = Outbox.State.SENT, now, ""
    row.save(update_fields=["attempts", "state", "sent_at", "error", "next_at", "receipt"])
    return row.state == Outbox.State.SENT
