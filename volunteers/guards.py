"""Guards of this room, by feature."""

from volunteers.people.guards import GUARDS as PEOPLE

GUARDS = [*PEOPLE]
