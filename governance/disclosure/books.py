"""The ledgers of disclosure by period (domain.md §12)."""

from __future__ import annotations

from governance.disclosure.activities.lists import LEDGER as ACTIVITIES
from governance.disclosure.affairs.lists import LEDGER, QUESTION_LEDGER
from governance.disclosure.models import Activity, AffairQuestion, AffairTurn
from governance.frame.exports import Book, dated, timed

BOOKS = {
    "affairs": Book(LEDGER, dated(AffairTurn, "due_on")),
    "affair-questions": Book(QUESTION_LEDGER, timed(AffairQuestion, "received_at"), "affair__turn__village"),
    "activities": Book(ACTIVITIES, dated(Activity, "planned_on")),
}
