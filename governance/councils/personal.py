"""What councils hold of residents (docs/decisions/0033-personal-data.md)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from governance.councils.decisions.personal import PERSON as DECISIONS
from governance.councils.models import Attendance, Seat
from governance.frame.columns import Col
from governance.frame.personal import Held
from villages.models import Resident


def councils_hold(on: date) -> QuerySet[Any]:
    """Those who sit in a body."""
    return Resident.objects.filter(pk__in=Seat.objects.seated(on).order_by().values("resident")).order_by().values("pk")


_MEETING = [
    Col("会议", "meeting.body"),
    Col("日期", "meeting.on"),
    Col("议题", "meeting.topic"),
    Col("到会情况", "get_status_display"),
]
PERSON = [
    Held(
        "议事组织的成员",
        Seat,
        "resident",
        [
            Col("组织", "body"),
            Col("职务", "get_role_display"),
            Col("任职日期", "since"),
            Col("任期至", "term_end"),
            Col("离任日期", "ended_on"),
            Col("离任原因", "end_reason"),
        ],
        ("body",),
    ),
    Held("参加的会议（作为成员）", Attendance, "seat__resident", _MEETING, ("meeting__body",)),
    Held("参加的会议（作为任职的人）", Attendance, "post__resident", _MEETING, ("meeting__body",)),
    Held("本户参加的会议", Attendance, "household__residents", _MEETING, ("meeting__body",)),
    *DECISIONS,
]
