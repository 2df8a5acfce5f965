"""Celery's doors to the outbox and to used keys."""

from governance.accounts.outbox import outbox_deliver
from governance.accounts.used_keys import used_keys_sweep
from governance.celery import app


@app.task(name="accounts.outbox_deliver")
def deliver() -> int:
    return outbox_deliver()


@app.task(name="accounts.used_keys_sweep")
def sweep() -> int:
    return used_keys_sweep()
