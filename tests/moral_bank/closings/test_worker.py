"""Closings by a real worker on Redis and PostgreSQL, also one that is killed in the middle."""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta
from functools import partial

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.utils import timezone

from governance.celery import app, reason_of
from governance.disclosure.models import Notice
from governance.frame.sweeping import RESEND_SECONDS
from governance.periods import Kind, Period, today
from moral_bank.closings.services import closing_compute, closing_publish, closing_request, closings_resend, is_stale
from moral_bank.models import Closing, Rating
from processes import children, poll
from tests.moral_bank.closings.house import ClosingHouse, rows_of
from tests.worker import worker

pytestmark = pytest.mark.django_db(transaction=True)
LAST_MONTH = Period.of(Kind.MONTH, today()).previous()
SECONDS = 180


@pytest.fixture
def house() -> ClosingHouse:
    """Six households with entries in last month."""
    house = ClosingHouse(households=6, rules_from=LAST_MONTH.start)
    for number, account in enumerate(house.accounts):
        for _ in range(number % 3):
            house.enter("S1", LAST_MONTH.start, account)
    return house


def reaches(closing: Closing, **state: str) -> bool:
    """Whether the closing comes to `state` within a minute."""
    row = Closing.objects.filter(pk=closing.pk, **state)
    return poll(row.exists, alive=lambda: True, seconds=SECONDS)


def control(closing: Closing) -> list[tuple[object, ...]]:
    """What this process computes for the closing, without ids; rolled back."""
    with transaction.atomic():
        closing_compute(closing.pk)
        rows = without_ids(closing)
        transaction.set_rollback(True)
    return rows


def without_ids(closing: Closing) -> list[tuple[object, ...]]:
    return sorted(row[1:] for row in rows_of(closing))


def test_it_computes_a_month_in_the_background(house: ClosingHouse) -> None:
    with worker():
        closing = closing_request(village=house.village, period=LAST_MONTH)
        assert reaches(closing, state="computed", job="idle")
    assert len(rows_of(closing)) == 6
    assert without_ids(closing) == control(closing)


def test_it_writes_down_why_it_could_not(house: ClosingHouse) -> None:
    with worker():
        closing = closing_request(village=house.village, period=LAST_MONTH.previous())
        assert reaches(closing, job="failed")
    closing.refresh_from_db()
    assert (closing.state, closing.job_error) == ("open", f"{LAST_MONTH.previous().label}没有已施行的积分细则")


def test_it_recomputes_and_shows_anew_after_a_late_entry(house: ClosingHouse) -> None:
    closing = house.closing(str(LAST_MONTH))
    first = closing_publish(closing=closing_compute(closing.pk))
    Notice.objects.update(opens_on=today() - timedelta(days=5), closes_on=today() - timedelta(days=1))
    house.enter("J1", LAST_MONTH.start, score=5)
    closing.refresh_from_db()
    assert is_stale(closing)
    with worker():
        app.send_task("moral_bank.closings_advance")
        anew = Closing.objects.filter(pk=closing.pk, state="noticed").exclude(notice=first)
        assert poll(anew.exists, alive=lambda: True, seconds=SECONDS)
    closing.refresh_from_db()
    first.refresh_from_db()
    assert first.withdrawn_at is not None
    assert not is_stale(closing)
    assert without_ids(closing) == control_after(closing)


def control_after(closing: Closing) -> list[tuple[object, ...]]:
    """The ratings of scratch: what a first computation would write."""
    with transaction.atomic():
        Rating.objects.filter(closing=closing).delete()
        Closing.objects.filter(pk=closing.pk).update(state="open", computed_at=None, notice=None)
        rows = control(closing)
        transaction.set_rollback(True)
    return rows


def test_it_survives_a_kill_in_the_middle_of_writing(house: ClosingHouse) -> None:
    closing = house.closing(str(LAST_MONTH))
    wanted, asked_at = control(closing), timezone.now()
    Closing.objects.filter(pk=closing.pk).update(job="queued", job_at=asked_at)
    with worker("prefork") as victim, transaction.atomic():
        Rating.objects.create(closing=closing, account=house.accounts[0], rank=1)
        app.send_task("moral_bank.closing_compute", [closing.pk])
        assert poll(stands_in_insert, alive=victim.alive, seconds=SECONDS), "the worker did not come to the INSERT"
        victim.kill()
        transaction.set_rollback(True)
    assert poll(lambda: not backends(), alive=lambda: True, seconds=SECONDS)
    closing.refresh_from_db()
    assert (closing.state, closing.job, rows_of(closing)) == ("open", "queued", [])
    with worker():
        assert closings_resend(asked_at + timedelta(seconds=RESEND_SECONDS - 1)) == 0, "not lost for long enough"
        assert closings_resend(asked_at + timedelta(seconds=RESEND_SECONDS + 1)) == 1
        assert reaches(closing, state="computed", job="idle")
    assert without_ids(closing) == wanted


def backends() -> list[str | None]:
    """What the other backends that write ratings wait for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT wait_event_type FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND query LIKE 'WITH rated%'"
        )
        return [row[0] for row in cursor.fetchall()]


def stands_in_insert() -> bool:
    """Whether a worker's INSERT waits for the rating that the test holds."""
    return backends() == ["Lock"]


def test_what_hangs_is_killed_counted_and_sent_again(house: ClosingHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    closing = house.closing(str(LAST_MONTH))
    Closing.objects.filter(pk=closing.pk).update(job="queued", job_at=timezone.now())
    monkeypatch.setenv("TASK_SECONDS", "3")
    monkeypatch.setenv("TASK_KILL_SECONDS", "5")
    with worker("prefork") as slow:
        hanging = children(slow.process.pid).keys()
        with transaction.atomic():
            Rating.objects.create(closing=closing, account=house.accounts[0], rank=1)
            app.send_task("moral_bank.closing_compute", [closing.pk])
            assert poll(stands_in_insert, alive=slow.alive, seconds=SECONDS), "the worker did not come to the INSERT"
            gone = partial(_are_gone, hanging, slow.process.pid)
            assert poll(gone, alive=slow.alive, seconds=SECONDS), "the limit did not end it"
            transaction.set_rollback(True)
        assert poll(lambda: not backends(), alive=slow.alive, seconds=SECONDS), "its lock on the row is still held"
        closing.refresh_from_db()
        assert (closing.job, closing.job_tries) == ("queued", 1)
        assert closings_resend(timezone.now() + timedelta(minutes=1)) == 1
        assert reaches(closing, state="computed", job="idle")


def _are_gone(pids: Set[int], parent: int) -> bool:
    return not pids & children(parent).keys()


def test_what_is_stopped_in_time_says_so() -> None:
    assert "超过时限" in reason_of(SoftTimeLimitExceeded())
