"""The councils' part of the matrix."""

from __future__ import annotations

from typing import Any

from tests.councils.bodies import matrix as bodies
from tests.councils.decisions import matrix as decisions
from tests.councils.meetings import matrix as meetings
from tests.matrix import Page

PAGES: dict[str, Page] = {**bodies.PAGES, **meetings.PAGES, **decisions.PAGES}
STAFF = {**bodies.STAFF, **meetings.STAFF, **decisions.STAFF}


def build(house: Any) -> None:
    for part in (bodies, meetings, decisions):
        part.build(house)
