"""Celery's doors into the services: ids in, one call each. The schedule stands in settings (CELERY_BEAT_SCHEDULE)."""

from governance.celery import app
from inspections.orders import clock as order_clock
from inspections.rounds import computing


@app.task(name=computing.COMPUTE_TASK)
def round_compute(round_id: int) -> None:
    computing.round_work(round_id)


@app.task(name="inspections.rounds_sweep")
def rounds_sweep() -> int:
    return computing.rounds_resend()


@app.task(name="inspections.orders_sweep")
def orders_sweep() -> int:
    return order_clock.orders_sweep()
