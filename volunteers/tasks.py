"""Celery's doors into the services of this room; the schedule stands in `room.py`."""

from governance.celery import app
from volunteers.care.tasks import care_night_run as care_night_run
from volunteers.orders import climbing


@app.task(name="volunteers.orders_tick")
def orders_tick() -> int:
    return climbing.orders_tick()
