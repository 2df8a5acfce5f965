"""The doors for Celery: what comes twice, fails or gets lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from governance.celery import app
from governance.frame.sweeping import GIVEN_UP, MOST_TRIES
from governance.periods import Kind, Period, today
from moral_bank import tasks
from moral_bank.closings.services import closing_publish, closing_request, closing_work, closings_resend
from moral_bank.models import Closing
from tests.builders import make_village
from tests.moral_bank.closings.house import ClosingHouse, noon

pytestmark = pytest.mark.django_db
LAST_MONTH = Period.of(Kind.MONTH, today()).previous()


@pytest.fixture
def house() -> ClosingHouse:
    return ClosingHouse(rules_from=LAST_MONTH.start)


def queued(house: ClosingHouse) -> Closing:
    return closing_request(village=house.village, period=LAST_MONTH)


def test_it_knows_every_task_of_the_schedule() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_it_computes_what_is_queued(house: ClosingHouse) -> None:
    closing = queued(house)
    tasks.closing_compute(closing.pk)
    closing.refresh_from_db()
    assert (closing.state, closing.job) == ("computed", "idle")


def test_it_does_nothing_with_a_message_that_comes_twice(house: ClosingHouse) -> None:
    closing = queued(house)
    tasks.closing_compute(closing.pk)
    notice = closing_publish(closing=closing)
    tasks.closing_compute(closing.pk)
    notice.refresh_from_db()
    assert notice.withdrawn_at is None


def test_it_keeps_the_reason_of_a_refusal_and_does_not_try_again(house: ClosingHouse) -> None:
    closing = closing_request(village=house.village, period=LAST_MONTH.previous(), at=noon(2026, 1, 1))
    tasks.closing_compute(closing.pk)
    closing.refresh_from_db()
    assert (closing.job, closing.job_error) == ("failed", f"{LAST_MONTH.previous().label}没有已施行的积分细则")
    assert tasks.closings_sweep() == 0


def test_it_keeps_a_programming_error_as_a_reason(house: ClosingHouse) -> None:
    closing = queued(house)
    closing_work(closing.pk, at="not an instant")  # type: ignore[arg-type]
    closing.refresh_from_db()
    assert (closing.job, closing.job_error) == ("failed", "程序出错（AttributeError），请联系管理员")


@pytest.mark.django_db(transaction=True)
def test_it_stays_queued_when_the_database_gives_up_and_is_given_up_after_some_tries(house: ClosingHouse) -> None:
    closing = queued(house)
    with held("LOCK TABLE moral_bank_rating IN ACCESS EXCLUSIVE MODE"), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
        for _ in range(MOST_TRIES):
            with pytest.raises(OperationalError):
                tasks.closing_compute(closing.pk)
            closing.refresh_from_db()
            assert closing.job == Closing.Job.QUEUED
        cursor.execute("RESET lock_timeout")
    later = timezone.now() + timedelta(minutes=1)
    assert closings_resend(later) == 0
    closing.refresh_from_db()
    assert (closing.job, closing.job_tries, closing.job_error) == ("failed", MOST_TRIES, GIVEN_UP)
    closing_request(village=house.village, period=LAST_MONTH)
    tasks.closing_compute(closing.pk)
    closing.refresh_from_db()
    assert (closing.state, closing.job, closing.job_tries) == ("computed", "idle", 1)


@pytest.mark.django_db(transaction=True)
def test_what_another_worker_does_is_left_alone(house: ClosingHouse) -> None:
    closing, later = queued(house), timezone.now() + timedelta(minutes=1)
    with held(f"SELECT FROM moral_bank_closing WHERE id = {closing.pk} FOR UPDATE"):
        tasks.closing_compute(closing.pk)
        assert closings_resend(later) == 0
    closing.refresh_from_db()
    assert (closing.job, closing.job_tries) == ("queued", 0)
    assert closings_resend(later) == 1


@contextmanager
def held(lock: str) -> Iterator[None]:
    """Another connection holds `lock` as long as the block lasts."""
    begun, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(lock)
            begun.set()
            release.wait()
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    begun.wait()
    try:
        yield
    finally:
        release.set()
        holder.join()


def test_it_sends_a_message_once_the_row_is_committed(
    house: ClosingHouse, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        closing = queued(house)
    assert len(callbacks) == 1
    assert (closing.job, closing.job_at is not None) == ("queued", True)


def test_it_sends_again_only_what_waits_too_long(
    house: ClosingHouse, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    asked = noon(2026, 4, 1)
    closing_request(village=house.village, period=LAST_MONTH, at=asked)
    assert closings_resend(asked + timedelta(seconds=29)) == 0
    with django_capture_on_commit_callbacks() as callbacks:
        assert closings_resend(asked + timedelta(seconds=31)) == 1
    assert len(callbacks) == 1
    assert closings_resend(asked + timedelta(seconds=32)) == 0, "asked for again, so it waits again"


def test_it_asks_for_last_month_of_every_standing_village_once(house: ClosingHouse) -> None:
    other = make_village(house.township, "桥坝村委会", "511923102202")
    gone = make_village(house.township, "石桥村委会", "511923102203")
    gone.valid_to = LAST_MONTH.start
    gone.save()
    assert tasks.month_end() == 2
    assert tasks.month_end() == 0
    asked = Closing.objects.filter(job="queued")
    assert {(closing.village, closing.period) for closing in asked} == {
        (house.village, LAST_MONTH),
        (other, LAST_MONTH),
    }


def test_it_advances_what_is_computed(house: ClosingHouse) -> None:
    closing = queued(house)
    tasks.closing_compute(closing.pk)
    assert tasks.closings_advance() == 1
    closing.refresh_from_db()
    assert closing.state == Closing.State.NOTICED
