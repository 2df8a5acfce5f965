"""Celery's doors into the services of this room; the schedule stands in `room.py`."""

from governance.disclosure.affairs.tasks import affairs_night_run as affairs_night_run
