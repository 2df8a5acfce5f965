"""会议任务: who does what until when, followed to its end."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.errors import CouncilError
from governance.councils.meetings.services import taken
from governance.councils.models import Item, Meeting, Task
from governance.frame.saving import save_by
from governance.periods import today
from villages.models import Post


def task_add(
    *, item: Item, what: str, due_on: date, by: User, post: Post | None = None, who: str = "", at: datetime | None = None
) -> Task:
    """A task of an item: of an officer (`post`), or of whom `who` names."""
    with transaction.atomic():
        meeting = taken(item.meeting, by, *_GOING)
        if due_on < meeting.on:
            raise CouncilError("办理期限不能早于会议日期。", "date", field="due_on")
        name = f"{post.holder_name}（{post.get_kind_display()}）" if post is not None else who.strip()
        if not name:
            raise CouncilError("请选或写明谁来办。", "words", field="who")
        task = Task(
            item=item, what=what.strip(), who=name[:60], post=post, due_on=due_on, made_by=by, made_at=at or timezone.now()
        )
        save_by(task, by, CouncilError)
    return task


def task_close(
    *, task: Task, result: str, done_on: date, by: User, dropped: bool = False, at: datetime | None = None
) -> Task:
    """已落实 or 不再办理, in words; by whoever has it or keeps the meetings there."""
    with transaction.atomic():
        task = Task.objects.select_for_update(of=("self",)).select_related("item__meeting__unit", "post").get(pk=task.pk)
        if not may_close(task, by):
            raise CouncilError("这项任务不归您办理。", "scope")
        if task.state != Task.State.OPEN:
            raise CouncilError(f"这项任务{task.get_state_display()}。", "state")
        if not result.strip():
            raise CouncilError("请写明落实情况。", "words", field="result")
        if not task.item.meeting.on <= done_on <= today(at):
            raise CouncilError("办结日期应在会议日期和今天之间。", "date", field="done_on")
        task.state = Task.State.DROPPED if dropped else Task.State.DONE
        task.result, task.done_on, task.closed_by = result.strip(), done_on, by
        save_by(task, by, CouncilError, ["state", "result", "done_on", "closed_by"])
    return task


def may_close(task: Task, user: User) -> bool:
    own = task.post is not None and task.post.user_id == user.pk and user.may(Action.COUNCIL_VIEW, task.item.meeting.unit.path)
    return own or user.may(Action.MEETING_RECORD, task.item.meeting.unit.path)


_GOING = [state for state in Meeting.State.values if state != Meeting.State.CANCELLED]
