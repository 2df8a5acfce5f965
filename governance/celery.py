"""The Celery application; schedules and brokers stand in settings. A request sends by `nudge` alone."""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import beat_init, worker_init
from django.db import transaction

from governance import earnest
from governance.errors import DomainError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")

AWAY_SECONDS = 5.0  # after a failure nothing is sent for so long

for starting in (worker_init, beat_init):
    starting.connect(earnest.refuse)
app = Celery("governance")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["governance.frame"])  # no app of its own

_logger = logging.getLogger(__name__)


class _Sender:
    """A thread that sends, so that whoever asks never waits for a broker that does not answer."""

    def __init__(self) -> None:
        self.away_until = 0.0
        self.renew()

    def renew(self) -> None:
        """A process that was forked has no threads."""
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nudges")

    def hand(self, task: str, row_id: int) -> None:
        with suppress(RuntimeError):  # the process ends
            self.thread.submit(self._send, task, row_id)

    def _send(self, task: str, row_id: int) -> None:
        if time.monotonic() < self.away_until:
            return
        try:
            app.send_task(task, [row_id])
        except Exception as error:  # each broker has errors of its own; the row waits for the sweeper
            self.away_until = time.monotonic() + AWAY_SECONDS
            _logger.warning("%s %s was not sent: %s", task, row_id, error)


_sender = _Sender()
os.register_at_fork(after_in_child=_sender.renew)


def nudge(task: str, row_id: int) -> None:
    """Tell a worker, once the transaction is committed, that a row is queued. The row is the truth: this never raises and never waits,
    and a message that is not sent or is lost is sent again by the sweeper (`frame/sweeping.py`)."""
    transaction.on_commit(lambda: _sender.hand(task, row_id))


def reason_of(error: Exception) -> str:
    """Why work in the background failed, as its row keeps it and as people read it."""
    if isinstance(error, DomainError):
        return str(error)
    if isinstance(error, SoftTimeLimitExceeded):
        return "超过时限还没有办完，已停下；请分成几份再试，或联系管理员"
    return f"程序出错（{type(error).__name__}），请联系管理员"
