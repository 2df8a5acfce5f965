"""Celery's door to the outbox."""

from governance.accounts.outbox import outbox_deliver
from governance.celery import app


@app.task(name="accounts.outbox_deliver")
def deliver() -> int:
    return outbox_deliver()
