"""The ledgers of volunteers by period (domain.md §12)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.exports import Book
from governance.periods import Period
from volunteers.care.exports import BOOKS as CARE
from volunteers.models import Hours
from volunteers.orders.exports import BOOKS as ORDERS
from volunteers.people.exports import HOURS_LEDGER


def _hours(user: User, period: Period) -> QuerySet[Any]:
    rows = Hours.objects.visible_to(user, Action.EXPORT).with_service()
    return rows.filter(served_on__gte=period.start, served_on__lt=period.end)


BOOKS = {**ORDERS, "service-hours": Book(HOURS_LEDGER, _hours), **CARE}
