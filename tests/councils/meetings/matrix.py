"""The part of the matrix of meetings, their items and tasks."""

from __future__ import annotations

from typing import Any

from governance.accounts.duties import Action
from governance.councils.meetings.services import (
    Came,
    Line,
    meeting_attend,
    meeting_call,
    meeting_confirm,
    meeting_minute,
)
from governance.councils.meetings.tasks import task_add
from governance.councils.models import Meeting
from governance.periods import today
from tests.matrix import MARK, Page, Staff, listed

_VIEW, _RECORD, _CONFIRM = Action.COUNCIL_VIEW, Action.MEETING_RECORD, Action.MEETING_CONFIRM

PAGES: dict[str, Page] = {
    "councils:meeting-list": Page(_VIEW),
    "councils:meeting-export": Page(Action.EXPORT),
    "councils:meeting-call": Page(_RECORD, "yard_body"),
    "councils:meeting-quick": Page(_RECORD, "yard_body"),
    "councils:meeting-detail": Page(_VIEW, "meeting_written"),
    "councils:meeting-noticed": Page(_RECORD, "meeting_called"),
    "councils:meeting-attend": Page(_RECORD, "meeting_called"),
    "councils:meeting-minutes": Page(_RECORD, "meeting_written"),
    "councils:meeting-confirm": Page(_CONFIRM, "meeting_written", "post", (302,)),
    "councils:meeting-file": Page(_CONFIRM, "meeting_kept", "post", (302,)),
    "councils:meeting-cancel": Page(_RECORD, "meeting_called"),
    "councils:meeting-reward": Page(Action.CLAIM_DECLARE, "meeting_kept"),
    "councils:meeting-invitation": Page(_VIEW, "meeting_called"),
    "councils:meeting-print": Page(_VIEW, "meeting_written"),
    "councils:meeting-paper": Page(_VIEW, "meeting_written"),
    "councils:task-add": Page(_RECORD, "meeting_item"),
    "councils:item-notice": Page(Action.NOTICE_PUBLISH, "meeting_item"),
    "councils:item-decide": Page(Action.DECISION_RUN, "meeting_item"),
    "councils:item-covenant": Page(Action.DECISION_RUN, "meeting_item"),
    "councils:item-make": Page(_RECORD, "meeting_item", arguments=(("name", "event"),)),
    "councils:task-list": Page(_VIEW),
    "councils:task-export": Page(Action.EXPORT),
    "councils:task-detail": Page(_VIEW, "council_task"),
    "api:task-list": Page(_VIEW),
    "api:task-detail": Page(_VIEW, "council_task"),
    **listed(("meeting", _VIEW, "meeting_written")),
}
STAFF = {
    "councils_meeting": Staff(_VIEW, "meeting_written", export=True, buttons=(("page", _VIEW),)),
    "councils_task": Staff(_VIEW, "council_task", export=True, buttons=(("page", _VIEW),)),
}


def build(house: Any) -> None:
    """Three meetings of the yard: called, written down, confirmed; a task."""
    cadre, secretary = house.cast["cadre"], house.cast["secretary"]

    def call() -> Any:
        """The mark is a name of the register, which no meeting is called by."""
        meeting = meeting_call(body=house.yard_body, topic="修路", on=today(), agenda=["修路"], by=cadre)
        Meeting.objects.filter(pk=meeting.pk).update(topic=MARK)
        return meeting

    def write() -> Any:
        came = Came([f"household-{house.household.pk}"])
        held = meeting_attend(meeting=call(), came=came, by=cadre)
        return meeting_minute(meeting=held, lines=[Line("修路", MARK, "每户出工一天", 1)], by=cadre)

    house.meeting_called, house.meeting_written = call(), write()
    house.meeting_kept = meeting_confirm(meeting=write(), by=secretary)
    house.meeting_item = house.meeting_written.items.get()
    house.council_task = task_add(item=house.meeting_item, what="出工", who=MARK, due_on=today(), by=cadre)
