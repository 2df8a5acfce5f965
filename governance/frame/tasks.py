"""Celery's door to imports in the background."""

from django.conf import settings

from governance.accounts.models import ImportJob
from governance.celery import app
from governance.frame.imports.background import import_work


@app.task(name=ImportJob.task, **settings.LONG_TASK)
def work(job_id: int) -> None:
    import_work(job_id)
