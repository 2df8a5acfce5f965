"""All guards of the room."""

from volunteers.orders.guards import GUARDS as ORDERS

GUARDS = [*ORDERS]
