"""Orders and hours as they stand, made past their services."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

from django.utils import timezone

from volunteers.models import Hours, Project, Run, ServiceOrder, Volunteer

_serial = itertools.count(1)


def make_order(volunteer: Volunteer, code: str = "linli", **fields: object) -> ServiceOrder:
    now = timezone.now()
    return ServiceOrder.objects.create(
        **{
            "township": volunteer.township, "village": volunteer.village, "unit": volunteer.village,
            "number": f"ZY2026-{next(_serial):05d}", "project": Project.objects.get(township=volunteer.township, code=code),
            "name": "王大娘", "text": "看望", "asked_at": now, "logged_at": now, "accept_due_at": now + timedelta(days=1),
            "finish_due_at": now + timedelta(days=7), **fields,
        }
    )  # fmt: skip


def make_run(volunteer: Volunteer) -> Run:
    """One that is not finished."""
    return Run.objects.create(order=make_order(volunteer, state="accepted"), volunteer=volunteer, accepted_at=timezone.now())


def make_hours(volunteer: Volunteer, day: date, minutes: int, text: str = "邻里守望") -> Hours:
    """Of a served order."""
    now = timezone.now()
    order = make_order(volunteer, state="done", finished_at=now)
    Run.objects.create(order=order, volunteer=volunteer, accepted_at=now, ended_at=now, outcome="done")
    return Hours.objects.create(
        volunteer=volunteer, village=volunteer.village, order=order, served_on=day, minutes=minutes, text=text, at=now
    )
