"""Lists of meetings and of their tasks."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from governance.accounts.duties import Action
from governance.councils.bodies.lists import TO_BODIES
from governance.councils.meetings.due import CONFIRM, FINISH, WRITE, finish_due
from governance.councils.models import Body, Meeting, Task
from governance.frame.columns import Col, Tag
from governance.frame.due import Due
from governance.frame.filters import PeriodFilter, WordsFilter
from governance.frame.lists import Listing, Tab, To
from villages.filters import InVillages

TO_MEETINGS = To("会议", "councils:meeting-list")
TO_TASKS = To("会议任务", "councils:task-list")
TONES = {
    Meeting.State.CALLED: "waiting",
    Meeting.State.HELD: "waiting",
    Meeting.State.MINUTED: "near",
    Meeting.State.CONFIRMED: "good",
    Meeting.State.FILED: "good",
    Meeting.State.CANCELLED: "",
}


class MeetingFilter(InVillages):
    kind = django_filters.ChoiceFilter(label="组织", field_name="body__kind", choices=Body.Kind.choices, empty_label="全部组织")
    state = django_filters.ChoiceFilter(label="状态", choices=Meeting.State.choices, empty_label="全部状态")
    period = PeriodFilter("月份", "on")
    q = WordsFilter("议题、事项里的字", method="with_words")

    def with_words(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        return rows.filter(topic__contains=words) | rows.filter(pk__in=Meeting.objects.filter(items__title__contains=words).values("pk"))


class TaskFilter(InVillages):
    place = "item__meeting__village"
    late = django_filters.BooleanFilter(label="只看逾期的", widget=forms.CheckboxInput, method="of_late")
    q = WordsFilter("任务或承办人里的字", "what__contains", "who__contains")

    def of_late(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return rows.filter(FINISH.past(timezone.now()), state=Task.State.OPEN) if value else rows


def task_due(task: Task) -> Due | None:
    return finish_due(task, timezone.now())


def came_words(meeting: Meeting) -> str:
    """12/20, or 12 where everybody may come."""
    if meeting.present is None:
        return ""
    return str(meeting.present) if meeting.base == Meeting.Base.OPEN else f"{meeting.present}/{meeting.entitled}"


def due_of(meeting: Meeting) -> Due | None:
    """What is waited for next, where its time has come."""
    now = timezone.now()
    if meeting.is_open:
        return WRITE.due(meeting, now)
    return CONFIRM.due(meeting, now) if meeting.state == Meeting.State.MINUTED else None


def state_tags(meeting: Meeting) -> list[Any]:
    tags: list[Any] = [Tag(meeting.get_state_display(), TONES[Meeting.State(meeting.state)])]
    if meeting.afterwards:
        tags.append(Tag("会后补记"))
    due = due_of(meeting)
    return [*tags, due if due and due.tone == "late" else None]


MEETINGS = Listing(
    "会议",
    [
        Col("日期", "on", sort="on", hint="body", whole=True),
        Col("村（社区）", "village", sort="village__path"),
        Col("议题", "topic", whole=True),
        Col("实到/应到", came_words, num=True),
        Col("状态", tags=state_tags),
    ],
    MeetingFilter,
    order=("-on", "-pk"),
    href="councils:meeting-detail",
    parent=TO_BODIES,
    unit="次",
    actions=(
        To("选组织，通知或记一次会", "councils:body-list", needs=(Action.MEETING_RECORD,)),
        To("会议任务", "councils:task-list", first=False),
    ),
    exports=(To("导出会议台账", "councils:meeting-export", needs=(Action.EXPORT,)),),
    empty="还没有会议。",
    steps=(To("到议事组织里通知开会", "councils:body-list", needs=(Action.MEETING_RECORD,)),),
    none_found="没有符合条件的会议。",
    ledgers=True,
)

TASKS = Listing(
    "会议任务",
    [
        Col("任务", "what", whole=True),
        Col("村（社区）", "item.meeting.village", sort="item__meeting__village__path"),
        Col("承办人", "who"),
        Col("会议", "item.meeting.body", hint="item.meeting.on"),
        Col("期限", "due_on", sort="due_on", tags=lambda task: [task_due(task)]),
        Col("落实情况", lambda task: task.result, tabs=("closed",), whole=True),
        Col("办结", "done_on", sort="done_on", tabs=("closed",)),
    ],
    TaskFilter,
    href="councils:task-detail",
    parent=TO_MEETINGS,
    unit="项",
    tabs=(
        Tab("open", "办理中", lambda rows, user: rows.filter(state=Task.State.OPEN), ("due_on", "pk"), "没有办理中的会议任务。"),
        Tab("closed", "已办结", lambda rows, user: rows.exclude(state=Task.State.OPEN), ("-done_on", "-pk"), "还没有办结的会议任务。"),
    ),
    exports=(To("导出会议任务台账", "councils:task-export", needs=(Action.EXPORT,)),),
    empty="还没有会议任务。",
    none_found="没有符合条件的会议任务。",
)
