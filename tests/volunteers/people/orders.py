"""Orders and hours as they stand, made past their services."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

from django.utils import timezone

from governance.accounts.models import User
from volunteers.models import Hours, Offer, Project, Run, ServiceOrder, Volunteer

_serial = itertools.count(1)


def make_order(volunteer: Volunteer, code: str = "linli", **fields: object) -> ServiceOrder:
    """One that the volunteer is asked to take."""
    now = timezone.now()
    order = ServiceOrder.objects.create(
        **{
            "township": volunteer.township, "village": volunteer.village, "unit": volunteer.village, "state": "offered",
            "number": f"ZY2026-{next(_serial):05d}", "project": Project.objects.get(township=volunteer.township, code=code),
            "name": "王大娘", "text": "看望", "asked_at": now, "logged_at": now, "accept_due_at": now + timedelta(days=1),
            "finish_due_at": now + timedelta(days=7), "logged_by": User.objects.order_by("pk")[0], **fields,
        }
    )  # fmt: skip
    Offer.objects.create(
        order=order, volunteer=volunteer, asked_at=now, expires_at=now + timedelta(days=1), state="accepted", answered_at=now
    )
    return order


def make_run(volunteer: Volunteer) -> Run:
    """One that is not finished."""
    return Run.objects.create(order=make_order(volunteer), volunteer=volunteer, accepted_at=timezone.now())


def make_hours(volunteer: Volunteer, day: date, minutes: int, text: str = "邻里守望") -> Hours:
    """Of a served order."""
    now, run = timezone.now(), make_run(volunteer)
    Run.objects.filter(pk=run.pk).update(ended_at=now, outcome="done")
    ServiceOrder.objects.filter(pk=run.order_id).update(state="done", finished_at=now, accepted_at=now)
    return Hours.objects.create(
        volunteer=volunteer, village=volunteer.village, order=run.order, served_on=day, minutes=minutes, text=text, at=now
    )
