"""The two clocks of a case, in Chinese working time (限时办结; plan §四.3). Pure.

The step clock starts with each step, the whole-case clock with the round; both stand still in a pause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.workdays import Limit, WorkCalendar, due, near, resumed

Pause = tuple[datetime, datetime]


@dataclass(frozen=True)
class Reading:
    """When a clock is due, and when four fifths of its time are gone."""

    due: datetime
    near: datetime


@dataclass(frozen=True)
class Dues:
    """`near_at` is the next reminder, `climb_at` the next climb; None where there is none."""

    step_due_at: datetime
    case_due_at: datetime
    near_at: datetime | None
    climb_at: datetime | None


def reading(calendar: WorkCalendar, start: datetime, limit: Limit, pauses: Sequence[Pause]) -> Reading:
    """A clock of `limit` from `start` that stood still in `pauses` (begin, end; in order, after `start`)."""
    ends = due(calendar, start, limit)
    warns = near(calendar, start, ends, limit)
    for paused_at, resumed_at in pauses:
        if resumed_at > start:
            ends = resumed(calendar, limit.unit, ends, paused_at, resumed_at)
            warns = resumed(calendar, limit.unit, warns, paused_at, resumed_at)
    return Reading(ends, warns)


def dues(
    calendar: WorkCalendar,
    *,
    now: datetime,
    step: tuple[datetime, Limit],
    case: tuple[datetime, Limit],
    pauses: Sequence[Pause],
    top: bool,
    climbed: bool = False,
) -> Dues:
    """Both clocks read at `now`; `step` and `case` are start and limit. A case at the `top` climbs no further; one that
    has just `climbed` gives those above one step's limit before it climbs again."""
    first, whole = reading(calendar, *step, pauses), reading(calendar, *case, pauses)
    reminders = [at for at in (first.near, whole.near) if at > now]
    climbs = [at for at in (first.due, whole.due) if at > now]
    if climbed or not climbs:
        climbs.append(due(calendar, now, step[1]))
    return Dues(first.due, whole.due, min(reminders, default=None), None if top else min(climbs))
