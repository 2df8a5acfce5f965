"""The ledgers of councils by period."""

from governance.councils.decisions.books import BOOKS as DECISION_BOOKS

BOOKS = {**DECISION_BOOKS}
