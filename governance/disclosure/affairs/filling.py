"""A list that the portal can fill in from its own records: which items, and by which room (`Room.affair_sources`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.utils.module_loading import import_string

from governance.disclosure.affairs.models import AffairTurn
from governance.periods import Period
from governance.rooms import merged, rooms
from villages.models import Unit


class Filled(NamedTuple):
    """What a draft begins with; `source` says where it comes from."""

    columns: list[str]
    rows: list[list[str]]
    note: str
    source: str


class Filler(NamedTuple):
    """`label` of the button, and what fills the list of a village and period."""

    label: str
    fill: Callable[[Unit, Period], Filled]


def filler_of(turn: AffairTurn) -> Filler | None:
    """Who can fill in the list of `turn`; nobody where it is of no period."""
    found = merged("affair_sources", rooms()).get(turn.kind.code) if turn.period else None
    return Filler(found[0], import_string(found[1])) if found else None
