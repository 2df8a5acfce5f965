"""What waits of meetings: to be written down, to be confirmed, to be carried out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from governance.accounts.duties import TOWN_OFFICES, Action
from governance.accounts.models import User
from governance.councils.models import Meeting, Task
from governance.frame.due import Day, DayOf, Due, DueKind, Todo, asked, asked_of_villages, evening, past
from governance.periods import today

WRITE, CONFIRM = Day("write_by"), DayOf("minuted_at", within=timedelta(days=7))
FINISH = Day("due_on", met="done_on")


def page_of(meeting: Meeting) -> str:
    return reverse("councils:meeting-detail", args=[meeting.pk])


def task_page(task: Task) -> str:
    return reverse("councils:task-detail", args=[task.pk])


def finish_due(task: Task, now: datetime) -> Due | None:
    """How long until a task's day; none once it is done or dropped."""
    return FINISH.due(task, now) if task.state == Task.State.OPEN else None


def _to_write(now: datetime) -> QuerySet[Meeting]:
    return Meeting.objects.filter(state__in=[Meeting.State.CALLED, Meeting.State.HELD], on__lte=today(now))


def _write(meeting: Meeting, now: datetime) -> Todo:
    words = f"{meeting.on} {meeting.topic}"[:40]
    return Todo(evening(meeting.on), f"登记会议：{meeting.body.name}", words, page_of(meeting), WRITE.due(meeting, now))


def _to_confirm(rows: Any, user: User, now: datetime) -> QuerySet[Meeting]:
    found: QuerySet[Meeting] = asked_of_villages(rows, user, Action.MEETING_CONFIRM).exclude(minuted_by=user)
    return found


def _confirm(meeting: Meeting, now: datetime) -> Todo:
    assert meeting.minuted_at is not None
    words = f"{meeting.on} {meeting.topic}"[:40]
    return Todo(meeting.minuted_at, f"确认会议：{meeting.body.name}", words, page_of(meeting), CONFIRM.due(meeting, now))


def _mine(rows: Any, user: User, now: datetime) -> QuerySet[Task]:
    """Those of the user's own posts; who keeps the meetings of a village has the tasks that no account has."""
    if user.duties() & set(TOWN_OFFICES):
        return rows.none()  # type: ignore[no-any-return]
    own = Q(post__user=user, pk__in=rows.visible_to(user).order_by().values("pk"))
    loose = Q(pk__in=rows.visible_to(user, Action.MEETING_CONFIRM).order_by().values("pk")) & (Q(post=None) | Q(post__user=None))
    found: QuerySet[Task] = rows.filter(own | loose)
    return found


def _finish(task: Task, now: datetime) -> Todo:
    return Todo(evening(task.due_on), "会议任务", f"{task.what[:30]}（{task.who}）", task_page(task), FINISH.due(task, now))


KINDS = [
    DueKind(
        "meeting-write",
        "会议待登记",
        open=_to_write,
        held=asked(Action.MEETING_RECORD),
        line=_write,
        order=("on", "pk"),
        related=("body",),
        late=past(WRITE),
        words="{} 次会议逾期没有登记",
        page=page_of,
    ),
    DueKind(
        "meeting-confirm",
        "会议待确认",
        open=lambda now: Meeting.objects.filter(state=Meeting.State.MINUTED),
        held=_to_confirm,
        line=_confirm,
        order=("minuted_at", "pk"),
        related=("body",),
        late=past(CONFIRM),
        words="{} 次会议逾期没有确认",
        page=page_of,
    ),
    DueKind(
        "council-task",
        "会议任务",
        open=lambda now: Task.objects.filter(state=Task.State.OPEN),
        held=_mine,
        line=_finish,
        order=("due_on", "pk"),
        related=("item__meeting",),
        late=past(FINISH),
        village="item__meeting__village",
        words="{} 项会议任务逾期",
        page=task_page,
    ),
]
