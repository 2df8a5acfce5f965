"""One line of 今日待办, and how many of each sort are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from governance.desk.due import Due
from governance.periods import SHANGHAI

SHOWN = 50


@dataclass(frozen=True)
class Todo:
    """`at` orders the list; `mark` says where it comes from (a post's or office's queue), "" for what is mine."""

    at: datetime
    title: str
    words: str
    link: str
    due: Due | None
    mark: str = ""


def evening(day: date) -> datetime:
    """The end of office hours on a day."""
    return datetime.combine(day, time(17, 30), SHANGHAI)
