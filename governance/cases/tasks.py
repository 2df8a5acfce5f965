"""Celery's doors into the services; the schedule stands in settings (CELERY_BEAT_SCHEDULE)."""

from governance.cases.engine import climbing, return_visits
from governance.cases.sending import photos
from governance.celery import app


@app.task(name="cases.climb")
def cases_climb() -> int:
    """Every minute: reminders first, so that nobody is told of a case that climbs in the same breath without one."""
    return climbing.cases_remind() + climbing.cases_climb()


@app.task(name="cases.night")
def cases_night() -> int:
    """Every morning: what the day asks for, and what can be put away."""
    return (
        return_visits.visits_remind()
        + return_visits.confirmations_remind()
        + climbing.cases_file_done()
        + photos.photos_sweep()
    )
