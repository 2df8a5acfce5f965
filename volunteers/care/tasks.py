"""Celery's door into the care ledger's night."""

from governance.celery import app
from volunteers.care.climbing import care_night


@app.task(name="volunteers.care_night")
def care_night_run() -> int:
    return care_night()
