"""All guards of the room."""

from volunteers.care.guards import GUARDS as CARE
from volunteers.orders.guards import GUARDS as ORDERS
from volunteers.people.guards import GUARDS as PEOPLE

GUARDS = [*PEOPLE, *ORDERS, *CARE]
