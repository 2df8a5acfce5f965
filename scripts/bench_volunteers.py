"""Orders and people in care of a county at two sizes: board, lists, one's own pages, the beat of a minute in which nothing is due,
as a ratio."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import bench_cases

ROUNDS, VILLAGES, OPEN, ENDED, VOLUNTEERS, CARED = 25, 5, 100, 3, 10, 300
PAGES = {
    "cadre": ["/service-board/", "/service-orders/", "/service-orders/?tab=all", "/care/", "/care/?tab=all", "/my-care/"],
    "staff": ["/service-board/", "/service-orders/", "/service-orders/?tab=all", "/care/", "/care/?tab=all"],
    "volunteer": ["/my-orders/", "/my-care/"],
}


def load(count: int) -> dict[str, Any]:
    """Villages with OPEN open orders each, `count` in all, among ENDED times as many that are over, VILLAGES to a township; VOLUNTEERS and
    CARED people in care in each. Returns the cast of the first village, which is the same whatever the size."""
    from django.db import connection

    from tests.builders import make_cast, make_township, make_village
    from volunteers.models import Project

    places, projects = [], {}
    for number in range(count // OPEN):
        town, village = divmod(number, VILLAGES)
        if not village:
            township = make_township(f"5119231{town:02d}")
            projects[township.pk] = Project.objects.create(township=township, code="lifa", name="理发", text="理发")
        places.append(make_village(township, f"第{village}村委会", f"5119231{town:02d}2{village:02d}"))
    first = places[0]
    assert first.parent is not None
    cast = make_cast(first.parent, first)
    volunteers = [_volunteer(village, number, cast) for village in places for number in range(VOLUNTEERS)]
    _insert(count, places, projects, cast, volunteers)
    _insert_care(places, cast)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return cast


def _volunteer(village: Any, number: int, cast: dict[str, Any]) -> Any:
    """The first village's first has the cast's account."""
    from volunteers.models import Volunteer

    first = cast["volunteer"].posts.get().unit.path.startswith(village.path) and not number
    return Volunteer.objects.create(
        township=village.parent, village=village, name=f"志愿者{number}", name_pinyin="z", phone="15400000001", state="active",
        joined_on=date(2026, 1, 1), id_hash=f"{village.pk}-{number}", user=cast["volunteer"] if first else None,
    )  # fmt: skip


def _insert(count: int, places: list[Any], projects: dict[int, Any], cast: dict[str, Any], volunteers: list[Any]) -> None:
    """The newest `count` are open: a third waits, a third is offered, a third is on the way."""
    from django.utils import timezone

    from volunteers.models import Offer, Run, ServiceOrder, ServiceStep

    now, whole = timezone.now(), count * (1 + ENDED)
    for begin in range(0, whole, bench_cases.CHUNK):
        orders, offers, runs = [], [], []
        for number in range(begin, min(begin + bench_cases.CHUNK, whole)):
            seat, is_open = number % len(places), number >= whole - count
            state = ("asked", "offered", "offered")[number % 3] if is_open else "cancelled"
            order = ServiceOrder(
                township=places[seat].parent, village=places[seat], unit=places[seat], number=f"ZY2026-{number:06d}",
                project=projects[places[seat].parent_id], name="王大爷", phone="15400000002", text=f"第 {number} 单：理发",
                state=state, asked_at=now, logged_at=now, logged_by=cast["cadre"], stopped_at=None if is_open else now,
                accept_due_at=now + timedelta(days=1), finish_due_at=now + timedelta(minutes=10_000 + number),
                climb_at=now + timedelta(days=1) if is_open else None,
            )  # fmt: skip
            orders.append(order)
            if state == "offered":
                volunteer, taken = volunteers[seat * VOLUNTEERS + number // len(places) % VOLUNTEERS], number % 3 == 2
                answer = {"state": "accepted", "answered_at": now} if taken else {}
                offers.append(
                    Offer(order=order, volunteer=volunteer, asked_at=now, expires_at=now + timedelta(days=1), **answer)
                )
                runs += [Run(order=order, volunteer=volunteer, accepted_at=now)] if taken else []
        ServiceOrder.objects.bulk_create(orders)
        Offer.objects.bulk_create(offers)
        Run.objects.bulk_create(runs)
        ServiceOrder.objects.filter(pk__in=[run.order_id for run in runs]).update(state="accepted", accepted_at=now)
        ServiceStep.objects.bulk_create([ServiceStep(order=order, step="ask", at=now, happened_at=now, target="asked") for order in orders])


def _insert_care(places: list[Any], cast: dict[str, Any]) -> None:
    """CARED people a village; today a tenth of them is due, and the first village's cadre and volunteer help ten each."""
    from governance.periods import today
    from villages.models import Household, Resident
    from volunteers.care.setting_up import care_set_up
    from volunteers.models import CareCategory, CareRecord

    day, categories = today(), {}
    for place in places:
        if place.parent_id not in categories:
            care_set_up(township=place.parent)
            categories[place.parent_id] = CareCategory.objects.get(township=place.parent, code="duju")
        seat = {"village": place, "unit": place, "head_pinyin": "w"}
        homes = Household.objects.bulk_create(
            Household(number=f"{number:04d}", head_name=f"王{number}", **seat) for number in range(CARED)
        )
        people = Resident.objects.bulk_create([Resident(household=home, name=home.head_name, name_pinyin="w") for home in homes])
        helpers = {number: cast[("cadre", "volunteer")[number // 10]] for number in range(20)} if place == places[0] else {}
        CareRecord.objects.bulk_create(
            CareRecord(
                township=place.parent, village=place, unit=place, resident=person, category=categories[place.parent_id], tier="key",
                tier_reason="独居", consented_on=day, entered_on=day, entered_by=cast["cadre"], judged_on=day, helper=helpers.get(number),
                due_on=day + timedelta(days=number % 10),
            )
            for number, person in enumerate(people)
        )  # fmt: skip


def run(count: int) -> dict[str, float]:
    """Seconds (median) of every page, and of the beat, with `count` open orders."""
    from django.test import Client

    from volunteers.orders.climbing import orders_tick

    cast, seconds = load(count), {}
    for role, paths in PAGES.items():
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(cast[role], backend="django.contrib.auth.backends.ModelBackend")
        for path in paths:
            seconds[f"{role} {path}"] = bench_cases.median(client, path)
    return seconds | {"the beat": _median(orders_tick)}


def _median(beat: Callable[[], int]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        assert beat() == 0
        times.append(time.perf_counter() - start)
    return statistics.median(times)
