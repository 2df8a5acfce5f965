"""What the room of notices offers to the house."""

from __future__ import annotations

from governance.accounts.duties import Action
from governance.rooms import Room

ROOM = Room(
    urls="governance.disclosure.desk_urls",
    public_urls="governance.disclosure.urls",
    guards="governance.disclosure.guards.GUARDS",
    due=["governance.disclosure.due.KINDS"],
    handbook={"notices": ("公示、异议和公开的姓名", "disclosure/handbook.html")},
    menu={
        "公示与异议": [
            ("公示", "campaign", "disclosure_notice", Action.NOTICE_VIEW),
            ("异议", "contact_support", "disclosure_objection", Action.NOTICE_VIEW),
        ],
    },
)
