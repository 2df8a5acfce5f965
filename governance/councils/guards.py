"""What the databases refuse of the room of councils."""

from governance.councils.decisions.guards import GUARDS as DECISION_GUARDS

GUARDS = [*DECISION_GUARDS]
