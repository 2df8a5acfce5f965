"""Celery's doors into the services: ids in, one call each. The schedule stands in settings (CELERY_BEAT_SCHEDULE)."""

from governance.celery import app
from governance.periods import Kind
from moral_bank import closings


@app.task(name=closings.COMPUTE_TASK)
def closing_compute(closing_id: int) -> None:
    closings.closing_work(closing_id)


@app.task(name="moral_bank.month_end")
def month_end() -> int:
    return closings.closings_request_due(kind=Kind.MONTH)


@app.task(name="moral_bank.closings_advance")
def closings_advance() -> int:
    return closings.closings_advance()


@app.task(name="moral_bank.closings_sweep")
def closings_sweep() -> int:
    return closings.closings_resend()
