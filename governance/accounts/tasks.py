"""Celery's doors to the outbox, to used keys, to requests of 三员, to work in the background, and to what is thrown away at night."""

from typing import Any

from django.conf import settings
from django.core.management import call_command

from governance.accounts import consent, exporting
from governance.accounts.export_models import ExportJob
from governance.accounts.heartbeats import heartbeat
from governance.accounts.jobs import jobs_sweep
from governance.accounts.outbox import outbox_deliver
from governance.accounts.password_models import past_passwords_sweep
from governance.accounts.stale.services import stale_watch
from governance.accounts.tallies import tallies_sweep
from governance.accounts.used_keys import used_keys_sweep
from governance.celery import app


@app.task(name="accounts.outbox_deliver")
def deliver() -> int:
    return outbox_deliver()


@app.task(name="accounts.used_keys_sweep")
def sweep() -> int:
    return used_keys_sweep()


@app.task(name="accounts.guard_requests_expire")
def expire() -> int:
    return consent.requests_expire()


@app.task(name="accounts.heartbeat", bind=True)
def beaten(self: Any) -> None:
    heartbeat(sent_at=getattr(self.request, "sent_at", None))


@app.task(name="accounts.night")
def night() -> int:
    """Delete the sessions that are over, the counts whose window is, and passwords that were used long ago."""
    call_command("clearsessions")
    past_passwords_sweep()
    return tallies_sweep()


@app.task(name="accounts.stale_watch")
def stale() -> int:
    return stale_watch()


@app.task(name=ExportJob.task, **settings.LONG_TASK)
def export_write(job_id: int) -> None:
    exporting.export_work(job_id)


@app.task(name="accounts.jobs_sweep")
def jobs() -> int:
    return jobs_sweep()
