"""What the room of councils offers to the house."""

from __future__ import annotations

from governance.accounts.duties import Action
from governance.rooms import Room

ROOM = Room(
    urls="governance.councils.urls",
    menu={
        "议事与决策": [
            ("议事组织", "groups", "councils_body", Action.COUNCIL_VIEW),
            ("组织成员", "group", "councils_seat", Action.COUNCIL_VIEW),
            ("会议", "event", "councils_meeting", Action.COUNCIL_VIEW),
            ("会议任务", "checklist", "councils_task", Action.COUNCIL_VIEW),
        ],
    },
    more={
        "议事与决策": [
            ("议事组织", "councils:body-list", Action.COUNCIL_VIEW),
            ("会议", "councils:meeting-list", Action.COUNCIL_VIEW),
            ("会议任务", "councils:task-list", Action.COUNCIL_VIEW),
        ],
    },
    due=[
        "governance.councils.bodies.due.KINDS",
        "governance.councils.meetings.due.KINDS",
    ],
    needs=["governance.councils.bodies.needs.bodies_needs"],
    ledgers="governance.councils.meetings.exports.BOOKS",
    shell=["councils.css", "councils.js"],
    kept="governance.councils.kept.councils_kept",
    household="governance.councils.household.household_part",
    person="governance.councils.personal.PERSON",
    holds=["governance.councils.personal.councils_hold"],
    api=[
        ("bodies", "governance.councils.bodies.api.BodyViewSet", ""),
        ("meetings", "governance.councils.meetings.api.MeetingViewSet", ""),
    ],
    enums={
        "BodyKind": "governance.councils.models.Body.Kind",
        "SeatRole": "governance.councils.models.Seat.Role",
        "MeetingState": "governance.councils.models.Meeting.State",
        "MeetingBase": "governance.councils.models.Meeting.Base",
        "CouncilTaskState": "governance.councils.models.Task.State",
    },
    handbook={"councils": ("议事组织和会议", "councils/handbook.html")},
    guards="governance.councils.guards.GUARDS",
)
