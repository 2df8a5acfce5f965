"""What 门前三包 asks of one person today: re-checks that are due, fronts that are still not in order (plan §三.1–2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import SHOWN, Todo, due_words, evening
from governance.periods import today
from inspections.conflicts import homes_of
from inspections.models import FrontPatrol


def fronts_todo(user: User, now: datetime) -> Iterator[Todo]:
    yield from _to_recheck(user, now)
    yield from _still_wrong(user, now)


def _to_recheck(user: User, now: datetime) -> Iterator[Todo]:
    """Reminders whose day has come, for those who patrol there but did not remind and do not live there."""
    if not user.may(Action.FRONT_PATROL):
        return
    patrols = FrontPatrol.objects.visible_to(user, Action.FRONT_PATROL).filter(
        state=FrontPatrol.State.REMINDED, due_on__lte=today(now), front__ended_on=None
    )
    others = patrols.exclude(by=user).exclude(front__person=user.name).exclude(front__household__in=homes_of(user))
    if user.phone:
        others = others.exclude(front__phone=user.phone)
    for patrol in others.select_related("front").order_by("due_on", "pk")[:SHOWN]:
        assert patrol.due_on is not None
        at = evening(patrol.due_on)
        front = patrol.front
        link = reverse("inspections:patrol-recheck", args=[patrol.pk])
        yield Todo(at, f"门前三包复查：{front.name}", f"{front.place} {front.plate_number}", link, due_words(at, now))


def _still_wrong(user: User, now: datetime) -> Iterator[Todo]:
    """Fronts that failed their re-check and have not been patrolled since, for the village and the office."""
    if not user.may(Action.FRONT_EDIT):
        return
    failed = FrontPatrol.objects.visible_to(user, Action.FRONT_EDIT).last_of_fronts()
    failed = failed.filter(state=FrontPatrol.State.AGAIN, front__ended_on=None)
    for patrol in failed.select_related("front").order_by("rechecked_at", "pk")[:SHOWN]:
        words = f"{patrol.front.place} {patrol.recheck_note}"[:40]
        link = reverse("inspections:front-detail", args=[patrol.front_id])
        yield Todo(patrol.rechecked_at or now, f"门前三包仍不合格：{patrol.front.name}", words, link, None)
