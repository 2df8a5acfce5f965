"""Due things: their time in words (剩 3 小时, 已逾期 2 天), and one line of 今日待办."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from governance.periods import SHANGHAI

SHOWN = 50  # lines of each sort


@dataclass(frozen=True)
class Due:
    """`words` for people, `tone` for the tag: late, near (within a day), or nothing."""

    words: str
    tone: str


def due_words(at: datetime, now: datetime) -> Due:
    """How long until `at`, or since."""
    left = at - now
    if left < timedelta():
        return Due(f"已逾期 {_span(-left)}", "late")
    return Due(f"剩 {_span(left)}", "near" if left < timedelta(days=1) else "")


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


def _span(left: timedelta) -> str:
    minutes = int(left.total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 1)} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // (24 * 60)} 天"
