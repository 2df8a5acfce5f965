"""The councils' part of the matrix."""

from __future__ import annotations

from typing import Any

from tests.councils.bodies import matrix as bodies
from tests.councils.covenants import matrix as covenants
from tests.councils.decisions import matrix as decisions
from tests.councils.meetings import matrix as meetings
from tests.matrix import Page

PARTS = (bodies, meetings, decisions, covenants)
PAGES: dict[str, Page] = {name: page for part in PARTS for name, page in part.PAGES.items()}
STAFF = {name: staff for part in PARTS for name, staff in part.STAFF.items()}


def build(house: Any) -> None:
    for part in PARTS:
        part.build(house)
