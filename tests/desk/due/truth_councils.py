"""Bodies, meetings and tasks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.models import Body, Meeting, Task
from governance.periods import today
from tests.desk.due.truth import Truth, of_town
from tests.desk.due.world import TODAY


def _meets(body: Any, user: User) -> bool:
    """A village's own bodies by a duty in the village, a yard's by one in the yard."""
    if of_town(user):
        return False
    levels = [grant.level for grant in user.grants if Action.MEETING_RECORD in grant.actions and body.unit.path.startswith(grant.path)]
    return any((level == "village") == (body.kind != "yard") for level in levels)


def _looks(row: Any, user: User) -> bool:
    return user.may(Action.COUNCIL_VIEW, row.unit.path)


def _does(task: Any, user: User) -> bool:
    unit, own = task.item.meeting.unit, task.post is not None and task.post.user_id == user.pk
    nobodys = task.post is None or task.post.user_id is None
    may = (own and user.may(Action.COUNCIL_VIEW, unit.path)) or (nobodys and user.may(Action.MEETING_CONFIRM, unit.path))
    return may and not of_town(user)


def meetings() -> list[Meeting]:
    return list(Meeting.objects.select_related("unit", "body"))


def _term_until(body: Body) -> date:
    """The first end of a term of those who have not left; far away where none has a term."""
    return min([seat.term_end for seat in body.seats.all() if seat.term_end and seat.ended_on is None], default=date.max)


COUNCILS = {
    "body-term": Truth(
        lambda: Body.objects.select_related("unit").prefetch_related("seats"),
        lambda row: row.ended_on is None and _term_until(row) <= TODAY + timedelta(days=30),
        lambda row, user: user.may(Action.COUNCIL_EDIT, row.unit.path) and not of_town(user),
        lambda row: _term_until(row) < TODAY, _looks,
    ),
    "body-meet": Truth(
        lambda: Body.objects.select_related("unit"),
        lambda row: row.ended_on is None and row.meet_by is not None and row.meet_by <= TODAY + timedelta(days=7),
        _meets, lambda row: row.meet_by < TODAY, _looks,
    ),
    "meeting-write": Truth(
        meetings,
        lambda row: row.state in ("called", "held") and row.on <= TODAY,
        lambda row, user: user.may(Action.MEETING_RECORD, row.unit.path) and not of_town(user),
        lambda row: row.write_by < TODAY, _looks,
    ),
    "meeting-confirm": Truth(
        meetings,
        lambda row: row.state == "minuted",
        lambda row, user: user.may(Action.MEETING_CONFIRM, row.unit.path) and not of_town(user) and row.minuted_by_id != user.pk,
        lambda row: today(row.minuted_at) + timedelta(days=7) < TODAY, _looks,
    ),
    "council-task": Truth(
        lambda: Task.objects.select_related("item__meeting__unit", "post"),
        lambda row: row.state == "open",
        _does,
        lambda row: row.due_on < TODAY,
        lambda row, user: user.may(Action.COUNCIL_VIEW, row.item.meeting.unit.path),
        lambda row: row.item.meeting.village_id,
    ),
}  # fmt: skip
