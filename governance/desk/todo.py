"""今日待办: everything that waits for one person, by due time, in a fixed number of reads; each room says its own."""

from __future__ import annotations

from datetime import datetime

from governance.accounts.models import User
from governance.frame.due import Todo
from governance.rooms import named


def todo_of(user: User, now: datetime) -> list[Todo]:
    """What is due first at the top; at most SHOWN of each sort."""
    found = [todo for lines in named("due") for todo in lines(user, now)]
    return sorted(found, key=lambda todo: todo.at)
