"""The volunteers' part of the matrix."""

from __future__ import annotations

from governance.accounts.duties import Action
from tests.matrix import Page

PAGES: dict[str, Page] = {
    "volunteers:care-note": Page(Action.CARE_VIEW, "visit"),
}
