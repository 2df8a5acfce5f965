"""Orders of a county at two sizes: board, lists, a volunteer's own page, the beat of a minute in which nothing is due, as a ratio."""

from __future__ import annotations

import statistics
import time
from datetime import date, timedelta
from typing import Any

import bench_cases

ROUNDS, VILLAGES, OPEN, ENDED, VOLUNTEERS = 25, 5, 100, 3, 10
PAGES = {
    "cadre": ["/service-board/", "/service-orders/", "/service-orders/?tab=all"],
    "staff": ["/service-board/", "/service-orders/", "/service-orders/?tab=all"],
    "volunteer": ["/my-orders/"],
}


def load(count: int) -> dict[str, Any]:
    """Villages with OPEN open orders each, `count` in all, among ENDED times as many that are over, VILLAGES to a township; VOLUNTEERS in
    each. Returns the cast of the first village, which is the same whatever the size."""
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
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        assert orders_tick() == 0
        times.append(time.perf_counter() - start)
    return seconds | {"the beat": statistics.median(times)}
