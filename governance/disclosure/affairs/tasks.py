"""Celery's door into the night of what is disclosed."""

from governance.celery import app
from governance.disclosure.affairs.services import affairs_archive
from governance.disclosure.affairs.turns import turns_make
from governance.periods import today


@app.task(name="disclosure.affairs_night")
def affairs_night_run() -> int:
    affairs_archive(today())
    return turns_make(today())
