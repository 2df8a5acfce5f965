"""The emergency's ten minutes by a real beat and a real worker on Redis, on a day off: the hour of the night is the machine's own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from governance.accounts.models import Message
from governance.periods import today
from processes import poll
from tests.volunteers.orders.house import ServiceHouse
from tests.worker import beat, worker
from villages.models import CalendarDay
from volunteers.models import ServiceOrder, ServiceStep
from volunteers.orders.services import order_contact

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 180


def test_it_lets_climb_what_had_no_contact_in_ten_minutes(tmp_path: Path) -> None:
    house = ServiceHouse()
    CalendarDay.objects.bulk_create(
        CalendarDay(day=today() + timedelta(days=days), kind="off", name="放假") for days in range(-3, 2)
    )
    now = timezone.now()
    asked = now - timedelta(minutes=12)
    nine, eleven = (house.ask(house.alarm, at=asked) for _ in range(2))
    soon = house.ask(house.alarm, at=now - timedelta(minutes=10) + timedelta(seconds=6))
    ordinary = house.ask(at=now - timedelta(hours=25))
    in_time = asked + timedelta(minutes=9)
    order_contact(order=nine, happened_at=in_time, by=house.user("cadre"), at=in_time)
    climbed = ServiceOrder.objects.filter(pk=soon.pk, level="secretary")
    with worker(), beat(tmp_path, CLIMB_SECONDS="1"):
        assert poll(climbed.exists, alive=lambda: True, seconds=SECONDS)
    late = asked + timedelta(minutes=11)
    order_contact(order=ServiceOrder.objects.get(pk=eleven.pk), happened_at=late, by=house.user("cadre"), at=timezone.now())
    levels = dict(ServiceOrder.objects.values_list("pk", "level"))
    assert levels == {nine.pk: "village", eleven.pk: "secretary", soon.pk: "secretary", ordinary.pk: "village"}
    climbs = ServiceStep.objects.filter(step="climb").order_by("pk").values_list("order", "level")
    assert list(climbs) == [(eleven.pk, "secretary"), (soon.pk, "secretary")]
    told = Message.objects.filter(user=house.user("secretary"), text__contains="首次联系逾期")
    assert told.filter(text__contains=eleven.number).count() == 1 and not told.filter(text__contains=nine.number).exists()
