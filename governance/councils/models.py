"""议事与决策: bodies, their meetings, what is decided and how (plan §三.1–4; design §13; missions M18, M19)."""

from governance.councils.bodies.models import Body, Seat
from governance.councils.covenants.models import Clause, Covenant, CovenantVersion
from governance.councils.decisions.import_models import DecisionImport
from governance.councils.decisions.kind_models import DecisionKind, Gate
from governance.councils.decisions.models import Beneficiary, Decision, GatePaper, GateRecord, GateVote, Nominee
from governance.councils.meetings.models import Attendance, Item, Meeting, Outcome, Task

__all__ = [
    "Attendance",
    "Beneficiary",
    "Body",
    "Clause",
    "Covenant",
    "CovenantVersion",
    "Decision",
    "DecisionImport",
    "DecisionKind",
    "Gate",
    "GatePaper",
    "GateRecord",
    "GateVote",
    "Item",
    "Meeting",
    "Nominee",
    "Outcome",
    "Seat",
    "Task",
]
