"""The Celery application; schedules and brokers stand in settings."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init

from governance import earnest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")

for starting in (worker_init, beat_init):
    starting.connect(earnest.refuse)
app = Celery("governance")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["governance.frame"])  # no app of its own
