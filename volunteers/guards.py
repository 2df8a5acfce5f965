"""All guards of the room."""

from volunteers.care.guards import GUARDS as CARE

GUARDS = [*CARE]
