"""院户会 and 说事会 written down in one go, with the task that follows."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from governance.accounts.models import User
from governance.councils.meetings.services import Came, Line, meeting_write
from governance.councils.meetings.tasks import task_add
from governance.councils.models import Body, Meeting
from villages.models import Post


def yard_write(
    *, body: Body, on: date, came: Came, line: Line, by: User, post: Post | None = None, who: str = "", due_on: date | None = None,
    at: datetime | None = None,
) -> Meeting:  # fmt: skip
    """The meeting; what was agreed is a task where somebody was named for it."""
    with transaction.atomic():
        meeting = meeting_write(body=body, on=on, came=came, lines=[line], by=by, at=at)
        if due_on is not None and (post is not None or who.strip()):
            item = meeting.items.get(number=meeting.items.count())
            task_add(item=item, what=line.outcome[:200], due_on=due_on, by=by, post=post, who=who, at=at)
    return meeting
