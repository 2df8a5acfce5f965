"""Due times in words: 剩 3 小时, 已逾期 2 天."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.cases.models import Case


@dataclass(frozen=True)
class Due:
    """`words` for people, `tone` for the tag: bad (overdue), wait (within a day), or nothing."""

    words: str
    tone: str


def due_words(at: datetime, now: datetime) -> Due:
    """How long until `at`, or since."""
    left = at - now
    if left < timedelta():
        return Due(f"已逾期 {_span(-left)}", "bad")
    return Due(f"剩 {_span(left)}", "wait" if left < timedelta(days=1) else "")


def due_of(case: Case, now: datetime) -> Due | None:
    """The nearer clock of an open case, the pause of a paused one, nothing for one that has ended."""
    if case.paused_at is not None:
        return Due("已暂停", "")
    return due_words(case.due_at, now) if case.due_at is not None else None


def _span(left: timedelta) -> str:
    minutes = int(left.total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 1)} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // (24 * 60)} 天"
