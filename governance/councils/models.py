"""议事与决策: bodies, their meetings, what is decided and how (plan §三.1–4; design §13; missions M18, M19)."""

from governance.councils.bodies.models import Body, Seat
from governance.councils.meetings.models import Attendance, Item, Meeting, Outcome, Task

__all__ = ["Attendance", "Body", "Item", "Meeting", "Outcome", "Seat", "Task"]
