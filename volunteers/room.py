"""What the room of volunteers offers to the house."""

from __future__ import annotations

from governance.rooms import Room

ROOM = Room(
    urls="volunteers.urls",
    handbook={"volunteers": ("志愿服务和特殊困难群体", "volunteers/handbook.html")},
    due=["volunteers.care.due.notes_todo"],
    beat={"service-orders-tick": {"task": "volunteers.orders_tick", "schedule": 60.0}},
    guards="volunteers.guards.GUARDS",
    visit="volunteers.care.note_views.visit_part",
)
