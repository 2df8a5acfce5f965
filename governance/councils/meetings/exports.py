"""会议台账 and 会议任务台账 (domain.md §12)."""

from __future__ import annotations

from typing import Any

from governance.councils.models import Meeting, Task
from governance.frame.columns import Col
from governance.frame.exports import Book, Ledger, dated


def numbered(texts: list[str]) -> str:
    """One text as it is; several with their numbers, a line each."""
    return texts[0] if len(texts) == 1 else "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))


def agreed(meeting: Meeting) -> str:
    return numbered([item.outcome for item in meeting.items.all() if item.outcome])


def items_of(meeting: Meeting) -> str:
    return numbered([item.title for item in meeting.items.all()]) or meeting.topic


def carried_out(meeting: Meeting) -> str:
    """What became of its tasks."""
    return numbered([task_words(task) for item in meeting.items.all() for task in item.tasks.all()])


def task_words(task: Task) -> str:
    ended = f"{task.done_on} {task.get_state_display()}：{task.result}" if task.done_on else f"{task.due_on} 前办"
    return f"{task.what}（{task.who}）{ended}"


def entitled_words(meeting: Any) -> int | str | None:
    return "不限" if meeting.base == Meeting.Base.OPEN else meeting.entitled


MEETINGS = Ledger.of(
    "会议台账",
    [
        Col("会议名称", "body.name", width=24),
        Col("日期", "on"),
        Col("地点", "place", width=14),
        Col("召集人", "body.convener", width=14),
        Col("应到", entitled_words, width=7),
        Col("实到", "present", width=7),
        Col("列席", "guests", width=16),
        Col("议题", items_of, width=30),
        Col("议定意见", agreed, width=36),
        Col("落实情况", carried_out, width=36),
        Col("状态", lambda meeting: f"{meeting.get_state_display()}{'（会后补记）' if meeting.afterwards else ''}", width=16),
        Col("村（社区）", "village", width=16),
    ],
    related=("body", "village"),
    prefetch=("items__tasks",),
    order=("village__path", "on", "pk"),
    numbered=True,
    state="状态",
)

TASKS = Ledger.of(
    "会议任务台账",
    [
        Col("村（社区）", "item.meeting.village", width=16),
        Col("会议名称", "item.meeting.body.name", width=24),
        Col("会议日期", "item.meeting.on"),
        Col("事项", "item.title", width=26),
        Col("任务", "what", width=30),
        Col("承办人", "who", width=16),
        Col("办理期限", "due_on"),
        Col("状态", "get_state_display", width=10),
        Col("办结日期", "done_on"),
        Col("落实情况", "result", width=30),
    ],
    related=("item__meeting__body", "item__meeting__village"),
    order=("item__meeting__village__path", "due_on", "pk"),
    numbered=True,
    state="状态",
)

BOOKS = {
    "meetings": Book(MEETINGS, dated(Meeting, "on")),
    "council-tasks": Book(TASKS, dated(Task, "due_on"), "item__meeting__village"),
}
