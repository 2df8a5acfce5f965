"""What waits of 门前三包: re-checks that are due, fronts that are still not in order (plan §三.1–2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import Day, DueKind, Todo, evening, past
from inspections.conflicts import home_ids
from inspections.models import FrontPatrol

State = FrontPatrol.State
RECHECK = Day("due_on", met="rechecked_at__date")


def _to_recheck(rows: Any, user: User, now: datetime) -> QuerySet[FrontPatrol]:
    """For those who patrol there but did not remind and do not live there."""
    found: QuerySet[FrontPatrol] = rows.visible_to(user, Action.FRONT_PATROL)
    if not user.may(Action.FRONT_PATROL):
        return found
    others = found.exclude(by=user).exclude(front__person=user.name).exclude(front__household__in=home_ids(user))
    return others.exclude(front__phone=user.phone) if user.phone else others


def _recheck(patrol: FrontPatrol, now: datetime) -> Todo:
    assert patrol.due_on is not None
    front, link = patrol.front, reverse("inspections:patrol-recheck", args=[patrol.pk])
    words = f"{front.place} {front.plate_number}"
    return Todo(evening(patrol.due_on), f"门前三包复查：{front.name}", words, link, RECHECK.due(patrol, now))


def _again(patrol: FrontPatrol, now: datetime) -> Todo:
    words = f"{patrol.front.place} {patrol.recheck_note}"[:40]
    link = reverse("inspections:front-detail", args=[patrol.front_id])
    return Todo(patrol.rechecked_at or now, f"门前三包仍不合格：{patrol.front.name}", words, link, None)


KINDS = [
    DueKind(
        "front-recheck",
        "门前三包复查",
        open=lambda now: FrontPatrol.objects.filter(RECHECK.by(now), state=State.REMINDED, front__ended_on=None),
        held=_to_recheck,
        line=_recheck,
        order=("due_on", "pk"),
        related=("front",),
        late=past(RECHECK),
        village="front__village",
        words="{} 次门前三包复查逾期",
        page=lambda patrol: reverse("inspections:front-detail", args=[patrol.front_id]),
    ),
    DueKind(
        "front-again",
        "门前三包仍不合格",
        open=lambda now: FrontPatrol.objects.last_of_fronts().filter(state=State.AGAIN, front__ended_on=None),
        held=lambda rows, user, now: rows.visible_to(user, Action.FRONT_EDIT),
        line=_again,
        order=("rechecked_at", "pk"),
        related=("front",),
    ),
]
