"""All guards of councils."""

from governance.councils.bodies import guards as bodies
from governance.councils.covenants import guards as covenants
from governance.councils.decisions import guards as decisions
from governance.councils.meetings import guards as meetings

GUARDS = [*bodies.GUARDS, *meetings.GUARDS, *decisions.GUARDS, *covenants.GUARDS]
