"""What the room of councils offers to the house."""

from __future__ import annotations

from governance.rooms import Room

ROOM = Room(
    guards="governance.councils.guards.GUARDS",
)
