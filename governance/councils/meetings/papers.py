"""会议记录 as an editable paper; signature places are left blank."""

from __future__ import annotations

from datetime import datetime

from governance.accounts.models import User
from governance.councils.meetings.exports import entitled_words, task_words
from governance.councils.meetings.rows import people
from governance.councils.models import Meeting
from governance.documents.official import Block, Heading, Official, Paragraph, Table, chinese_date, chinese_number
from governance.periods import today

SIGNS = (("召集人（签字）", ""), ("记录人（签字）", ""), ("确认人（签字）", ""))


def minutes_paper(meeting: Meeting) -> Official:
    blocks: list[Block] = [Table((), _facts(meeting), (2, 7))]
    for number, item in enumerate(meeting.items.prefetch_related("tasks"), 1):
        blocks.append(Heading(1, f"{chinese_number(number)}、{item.title}"))
        blocks += [Paragraph(text) for text in (item.said, f"议定：{item.outcome}" if item.outcome else "") if text]
        blocks += [Paragraph(f"落实：{task_words(task)}") for task in item.tasks.all()]
    if meeting.minutes:
        blocks += [Heading(1, "会议记录"), Paragraph(meeting.minutes)]
    blocks.append(Table((), SIGNS, (3, 6)))
    return Official(title=f"{meeting.body.name}会议记录", blocks=tuple(blocks), dated=meeting.on)


def _facts(meeting: Meeting) -> tuple[tuple[str, str], ...]:
    at = f" {meeting.time:%H:%M}" if meeting.time else ""
    came = "，".join(f"{label} {len(persons)}" for label, persons in people(meeting))
    names = "；".join(f"{label}：{'、'.join(one.name for one in persons)}" for label, persons in people(meeting))
    shown = [
        ("议题", meeting.topic),
        ("时间", f"{chinese_date(meeting.on)}{at}{'（会后补记）' if meeting.afterwards else ''}"),
        ("地点", meeting.place),
        ("召集人", meeting.body.convener),
        ("应到", str(entitled_words(meeting) or "")),
        ("实到", f"{meeting.present}" if meeting.present is not None else ""),
        ("到会情况", names or came),
        ("列席", meeting.guests),
        ("记录人", _who(meeting.minuted_by, meeting.minuted_at)),
        ("确认人", _who(meeting.confirmed_by, meeting.confirmed_at)),
    ]
    return tuple((label, text) for label, text in shown if text)


def _who(user: User | None, at: datetime | None) -> str:
    return f"{user.name}，{chinese_date(today(at))}" if user and at else ""
