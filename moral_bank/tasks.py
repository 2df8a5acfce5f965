"""Celery's doors into the services: ids in, one call each. The schedule stands in settings (CELERY_BEAT_SCHEDULE)."""

from django.conf import settings

from governance.celery import app
from governance.periods import Kind
from moral_bank.closings import services as closings
from moral_bank.market import services as market
from moral_bank.passbooks import cover_days, expiry
from moral_bank.proof import chain, reconciling


@app.task(name=closings.COMPUTE_TASK)
def closing_compute(closing_id: int) -> None:
    closings.closing_work(closing_id)


@app.task(name="moral_bank.month_end", **settings.LONG_TASK)
def month_end() -> int:
    return closings.closings_request_due(kind=Kind.MONTH)


@app.task(name="moral_bank.closings_advance")
def closings_advance() -> int:
    return closings.closings_advance()


@app.task(name="moral_bank.closings_sweep")
def closings_sweep() -> int:
    return closings.closings_resend()


@app.task(name="moral_bank.chain_seal")
def chain_seal() -> int:
    return chain.chain_seal()


@app.task(name="moral_bank.chain_heads", **settings.LONG_TASK)
def chain_heads() -> int:
    return chain.chain_heads()


@app.task(name="moral_bank.reconcile_all", **settings.LONG_TASK)
def reconcile_all() -> int:
    return reconciling.reconcile_all()


@app.task(name="moral_bank.redemptions_expire")
def redemptions_expire() -> int:
    return market.redemptions_expire()


@app.task(name="moral_bank.expiries_run", **settings.LONG_TASK)
def expiries_run() -> int:
    return expiry.expiries_run()


@app.task(name="moral_bank.covers_snapshot")
def covers_snapshot() -> int:
    return cover_days.covers_snapshot()
