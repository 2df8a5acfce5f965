"""The ledgers of cases, visits and turns by period (domain.md §12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.engine.exports import CASES, DISPUTES, ERRANDS, SHIFTS, VISITS
from governance.cases.models import Case, Shift, Visit
from governance.frame.exports import Book, timed
from governance.periods import Period


def _cases(kind: str) -> Callable[[User, Period], QuerySet[Any]]:
    logged = timed(Case, "logged_at")
    return lambda user, period: logged(user, period).filter(kind=kind)


def _shifts(user: User, period: Period) -> QuerySet[Any]:
    rows = Shift.objects.visible_to(user, Action.EXPORT).published()
    return rows.filter(day__gte=period.start, day__lt=period.end)


BOOKS = {
    "events": Book(CASES, _cases("event")),
    "disputes": Book(DISPUTES, _cases("dispute")),
    "errands": Book(ERRANDS, _cases("errand")),
    "visits": Book(VISITS, timed(Visit, "went_at")),
    "shifts": Book(SHIFTS, _shifts),
}
