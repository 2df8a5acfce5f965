"""The ledgers of councils by period."""

from governance.councils.decisions.books import BOOKS as DECISION_BOOKS
from governance.councils.meetings.exports import BOOKS as MEETING_BOOKS

BOOKS = {**MEETING_BOOKS, **DECISION_BOOKS}
