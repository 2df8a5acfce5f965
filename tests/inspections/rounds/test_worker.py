"""A county's quarter as a fan-out over a real worker on Redis: one task a township, lost messages sent again, a kill survived."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from governance.celery import app
from governance.frame.sweeping import RESEND_SECONDS
from inspections.models import Round, Scorecard
from inspections.rounds.computing import round_request, round_work, rounds_resend
from processes import poll
from tests.inspections.house import RoundHouse
from tests.worker import worker

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 180


def county_of(count: int) -> list[RoundHouse]:
    """Townships of one county, each being scored, one village with a fault."""
    houses = [RoundHouse(villages=2, code=f"5119231{number:02d}") for number in range(count)]
    for house in houses:
        house.scoring()
        house.judge(0, 白色垃圾=4), house.judge(1)
    return houses


def scores() -> list[Decimal | None]:
    return list(Scorecard.objects.order_by("village__path").values_list("score", flat=True))


def all_done() -> bool:
    return not Round.objects.exclude(job=Round.Job.IDLE, computed_at__isnull=False).exists()


def test_it_computes_a_countys_quarter_in_one_fan_out() -> None:
    houses = county_of(3)
    with worker():
        for house in houses:
            round_request(inspection_round=house.round)  # type: ignore[arg-type]
        assert poll(all_done, alive=lambda: True, seconds=SECONDS)
    assert scores() == [Decimal(96), Decimal(100)] * 3


def test_it_sends_a_lost_message_again_and_survives_a_kill() -> None:
    house, asked_at = county_of(1)[0], timezone.now()
    Round.objects.update(job="queued", job_at=asked_at)
    with worker("prefork") as victim, transaction.atomic():
        Scorecard.objects.select_for_update().get(pk=house.card().pk)
        app.send_task("inspections.round_compute", [house.round.pk])  # type: ignore[union-attr]
        assert poll(waits_for_card, alive=victim.alive, seconds=SECONDS), "the worker did not come to the cards"
        victim.kill()
        transaction.set_rollback(True)
    assert poll(lambda: not waiting(), alive=lambda: True, seconds=SECONDS)
    assert (scores(), Round.objects.get().job) == ([None, None], "queued")
    with worker():
        assert rounds_resend(asked_at + timedelta(seconds=RESEND_SECONDS - 1)) == 0, "not lost for long enough"
        assert rounds_resend(asked_at + timedelta(seconds=RESEND_SECONDS + 1)) == 1
        assert poll(all_done, alive=lambda: True, seconds=SECONDS)
    assert scores() == [Decimal(96), Decimal(100)]


def test_it_keeps_the_reason_of_a_refusal() -> None:
    house = county_of(1)[0]
    Round.objects.update(job="queued", job_at=timezone.now(), state="planned")
    round_work(house.round.pk)  # type: ignore[union-attr]
    row = Round.objects.get()
    assert (row.job, "不能计算" in row.job_error) == ("failed", True)


def waiting() -> list[str | None]:
    """What other backends that read the cards wait for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT wait_event_type FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND query LIKE '%inspections_scorecard%FOR UPDATE%'"
        )
        return [row[0] for row in cursor.fetchall()]


def waits_for_card() -> bool:
    return waiting() == ["Lock"]
