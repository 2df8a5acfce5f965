"""Celery's doors into the services of villages."""

from governance.celery import app
from villages.retention import services as retention


@app.task(name="villages.residents_forget")
def residents_forget() -> int:
    return retention.residents_forget_all()
