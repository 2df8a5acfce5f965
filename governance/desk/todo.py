"""The to-do of one person: everything that waits, in three parts, in a fixed number of reads; each room declares its own kinds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from governance.accounts.models import User
from governance.frame.due import SHOWN, DueKind, Part, Todo, lines_of
from governance.rooms import named


@dataclass(frozen=True)
class TodoPart:
    part: Part
    lines: list[Todo]

    @property
    def label(self) -> str:
        return self.part.value

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than is shown."""
        return len(self.lines) >= SHOWN


def due_kinds() -> list[DueKind]:
    """Every kind of every room, in the order of the rooms."""
    return [kind for kinds in named("due") for kind in kinds]


def todo_of(user: User, now: datetime) -> list[Todo]:
    """What is due first at the top; at most SHOWN of each kind."""
    return lines_of(due_kinds(), user, now)


def todo_parts(user: User, now: datetime) -> list[TodoPart]:
    """已逾期, 今天, 以后: only those in which something stands."""
    found = todo_of(user, now)
    parts = [TodoPart(part, [todo for todo in found if todo.part == part]) for part in Part]
    return [part for part in parts if part.lines]
