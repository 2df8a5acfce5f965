"""The desk's part of the matrix."""

from __future__ import annotations

from governance.accounts.duties import Action
from tests.matrix import LOGGED_IN, PUBLIC, Page

PAGES: dict[str, Page] = {
    "desk:home": Page(LOGGED_IN),
    "desk:village-report": Page(Action.UNIT_VIEW),
    "desk:more": Page(LOGGED_IN),
    "desk:handbook": Page(LOGGED_IN),
    "desk:handbook-page": Page(LOGGED_IN, arguments=(("name", "volunteers"),)),
    "desk:ledger-list": Page(Action.EXPORT),
    "desk:ledger-export": Page(Action.EXPORT, arguments=(("name", "disputes"),)),
    "desk:ledger-print": Page(Action.EXPORT, arguments=(("name", "errands"),)),
    "public:board": Page(PUBLIC),
    "public:village": Page(PUBLIC, "village", arguments=(("code", "511923102201"),)),
}
