"""Orders and hours as they stand, made past their services."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

from django.utils import timezone

from governance.accounts.models import User
from volunteers.models import Hours, Offer, Project, Run, ServiceOrder, Volunteer

_serial = itertools.count(1)


def make_order(volunteer: Volunteer, code: str = "linli", **fields: object) -> ServiceOrder:
    now = timezone.now()
    return ServiceOrder.objects.create(
        **{
            "township": volunteer.township, "village": volunteer.village, "unit": volunteer.village,
            "number": f"ZY2026-{next(_serial):05d}", "project": Project.objects.get(township=volunteer.township, code=code),
            "name": "王大娘", "text": "看望", "asked_at": now, "logged_at": now, "accept_due_at": now + timedelta(days=1),
            "finish_due_at": now + timedelta(days=7), "logged_by": User.objects.get(username=f"cadre-{volunteer.village.code}"), **fields,
        }
    )  # fmt: skip


def make_run(volunteer: Volunteer, **fields: object) -> Run:
    """One that is not finished."""
    order, now = make_order(volunteer, state="offered"), timezone.now()
    Offer.objects.create(order=order, volunteer=volunteer, asked_at=now, expires_at=now, state="accepted", answered_at=now)
    return Run.objects.create(order=order, volunteer=volunteer, accepted_at=now, **fields)


def make_hours(volunteer: Volunteer, day: date, minutes: int, text: str = "邻里守望") -> Hours:
    """Of a served order."""
    now = timezone.now()
    run = make_run(volunteer, ended_at=now, outcome="done")
    return Hours.objects.create(
        volunteer=volunteer, village=volunteer.village, order=run.order, served_on=day, minutes=minutes, text=text, at=now
    )
