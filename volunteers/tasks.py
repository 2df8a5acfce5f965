"""Celery's doors into the services; the schedule stands in `room.py`."""

from governance.celery import app
from volunteers.orders import climbing


@app.task(name="volunteers.orders_tick")
def orders_tick() -> int:
    return climbing.orders_tick()
