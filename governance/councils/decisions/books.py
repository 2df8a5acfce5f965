"""The ledger of decisions by period (domain.md §12)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from governance.accounts.models import User
from governance.councils.decisions.exports import DECISION_LEDGER
from governance.councils.decisions.lists import shown_rows
from governance.councils.decisions.models import Decision
from governance.frame.exports import Book, dated
from governance.periods import Period


def _decisions(user: User, period: Period) -> QuerySet[Any]:
    rows: QuerySet[Any] = shown_rows(dated(Decision, "proposed_on")(user, period))
    return rows


BOOKS = {"decisions": Book(DECISION_LEDGER, _decisions)}
