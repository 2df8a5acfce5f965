"""Which pages of meetings a phone keeps from logging in on: the one page of each yard (or village) that its owner writes for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from governance.accounts.duties import TOWN_OFFICES, Action, Duty
from governance.accounts.models import User
from governance.councils.bodies.kinds import SORTS
from governance.councils.models import Body

PAGES = 6
QUICK = [kind for kind, sort in SORTS.items() if sort.quick]


def councils_kept(user: User) -> list[str]:
    """Nearest first: a yard head's own 院户会, a village's 说事会 before its yards."""
    if not user.may(Action.MEETING_RECORD) or user.duties() & set(TOWN_OFFICES):
        return []
    return _pages(user, QUICK)


def yard_page(user: User) -> str:
    """Where a yard head writes down the 院户会 of his own yard, "" for anybody else."""
    own = [grant.path for grant in user.grants if grant.duty == Duty.YARD_HEAD]
    return next(iter(_pages(user, [Body.Kind.YARD], unit__path__in=own)), "") if own else ""


def _pages(user: User, kinds: Sequence[str], **where: Any) -> list[str]:
    bodies = Body.objects.visible_to(user, Action.MEETING_RECORD).filter(kind__in=kinds, ended_on=None, **where)
    return [reverse("councils:meeting-quick", args=[pk]) for pk in bodies.order_by("kind", "pk").values_list("pk", flat=True)[:PAGES]]
