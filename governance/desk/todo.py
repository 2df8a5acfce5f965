"""The to-do of one person: everything that waits, in three parts; each room declares its own kinds. One read counts, and one more
for each kind of which something waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse

from governance.accounts.models import User
from governance.frame.due import DueKind, Part, Todo, found_of, lines_of
from governance.rooms import named


@dataclass(frozen=True)
class TodoPart:
    part: Part
    lines: list[Todo]

    @property
    def label(self) -> str:
        return self.part.value


class Cut(NamedTuple):
    """A kind of which the first page shows the first rows only: how many there are, and where."""

    name: str
    number: int
    link: str


def due_kinds() -> list[DueKind]:
    """Every kind of every room, in the order of the rooms."""
    return [kind for kinds in named("due") for kind in kinds]


def todo_of(user: User, now: datetime) -> list[Todo]:
    """What is due first at the top; at most SHOWN of each kind."""
    return lines_of(due_kinds(), user, now)


def todo_parts(user: User, now: datetime) -> tuple[list[TodoPart], list[Cut]]:
    """已逾期, 今天, 以后: only those in which something stands; and what is not all there."""
    found, cut = found_of(due_kinds(), user, now)
    parts = [TodoPart(part, [todo for todo in found if todo.part == part]) for part in Part]
    rest = [Cut(kind.name, number, reverse("desk:due-list", args=[kind.key])) for kind, number in cut]
    return [part for part in parts if part.lines], rest
