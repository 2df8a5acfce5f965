"""Escalation by a real beat and a real worker on Redis, killed in the middle and started again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from governance.accounts.inbox_models import Message
from governance.cases.engine.flow import Step
from governance.cases.engine.services import Report, case_log
from governance.cases.models import Case, CaseStep
from processes import poll
from tests.cases.house import CaseHouse
from tests.worker import beat, worker

pytestmark = pytest.mark.django_db(transaction=True)
CASES, SECONDS = 40, 180


def climbs() -> int:
    return CaseStep.objects.filter(step=Step.CLIMB).count()


def reaches(count: int) -> bool:
    return poll(lambda: climbs() >= count, alive=lambda: True, seconds=SECONDS)


def test_it_neither_skips_nor_doubles_a_step_when_killed(tmp_path: Path) -> None:
    """All cases are half an hour over the ten minutes of an urgent one. The first worker stands in the middle, waiting for
    a message that this test is about to write, and is killed there; the second one goes on."""
    house = CaseHouse()
    report = Report(category=house.category("xiaofang"), unit=house.yard, text="线路老化冒烟")
    for _ in range(CASES):
        case_log(report=report, by=house.user("informant"), at=timezone.now() - timedelta(minutes=40))
    middle = Case.objects.order_by("climb_at", "pk")[CASES // 2]
    held = {"user": house.user("staff"), "key": f"climb:{middle.pk}:1:office", "link": "/"}
    with transaction.atomic():
        Message.objects.create(**held, created_at=timezone.now())
        with worker() as first, beat(tmp_path, CLIMB_SECONDS="1"):
            assert reaches(CASES // 2)
            first.kill()
        transaction.set_rollback(True)
    assert climbs() == CASES // 2, "killed in the middle"
    with worker(), beat(tmp_path, CLIMB_SECONDS="1"):
        assert reaches(CASES)
    steps = CaseStep.objects.filter(step=Step.CLIMB)
    assert sorted(steps.values_list("case", flat=True)) == sorted(Case.objects.values_list("pk", flat=True))
    assert set(steps.values_list("level", flat=True)) == {"office"}
    told = Message.objects.filter(user=house.user("staff"), key__startswith="climb")
    assert told.count() == CASES
