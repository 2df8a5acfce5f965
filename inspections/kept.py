"""Which pages of 户月评 and 门前三包 a phone keeps from logging in on: the walks of its owner's own places and their fronts."""

from __future__ import annotations

from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from inspections.checks.rows import homes_seen, places_of_homes
from inspections.fronts.rows import walk_places, walk_rows

WALKS, FRONTS = 4, 12


def inspections_kept(user: User) -> list[str]:
    pages = []
    if user.may(Action.CHECK_SCORE):
        yards = [unit for unit in places_of_homes(user, homes_seen(user, None))[:WALKS] if user.may(Action.CHECK_SCORE, unit.path)]
        pages += [reverse("inspections:check-walk", args=[unit.pk]) for unit in yards]
    if user.may(Action.FRONT_PATROL):
        places = walk_places(user)[:WALKS]
        pages += [reverse("inspections:front-walk", query={"unit": place.unit.pk} if len(places) > 1 else None) for place in places]
        rows = [row for place in places for row in walk_rows(user, place.unit) if not row.refusal and not row.waits]
        pages += [reverse("inspections:front-patrol", args=[row.front.pk], query={"walk": 1}) for row in rows[:FRONTS]]
    return pages
