"""A list that the portal can fill in from its own records: which items, and by which room (`Room.affair_sources`,
`Room.event_sources`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from django.utils.module_loading import import_string

from governance.disclosure.affairs.models import AffairTurn
from governance.periods import Period
from governance.rooms import merged, rooms


class Filled(NamedTuple):
    """What a draft begins with; `source` says where it comes from."""

    columns: list[str]
    rows: list[list[str]]
    note: str
    source: str


class Filler(NamedTuple):
    """`label` of the button, and what fills the list of a turn."""

    label: str
    fill: Callable[[], Filled]


def filler_of(turn: AffairTurn) -> Filler | None:
    """Who can fill in the list of `turn`: of its period, or of the day on which it happened."""
    span: Period | date = Period.parse(turn.period) if turn.period else turn.begins_on
    found = merged("affair_sources" if turn.period else "event_sources", rooms()).get(turn.kind.code)
    return Filler(found[0], lambda: import_string(found[1])(turn.village, span)) if found else None
