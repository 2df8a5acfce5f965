"""Celery's doors into the services of this room; the schedule stands in `room.py`."""

from volunteers.care.tasks import care_night_run as care_night_run
