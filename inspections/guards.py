"""All guards of the room."""

from inspections.cards.guards import GUARDS as CARDS
from inspections.checks.guards import GUARDS as CHECKS
from inspections.fronts.guards import GUARDS as FRONTS
from inspections.orders.guards import GUARDS as ORDERS
from inspections.reviews.guards import GUARDS as REVIEWS
from inspections.rounds.guards import GUARDS as ROUNDS

GUARDS = [*CARDS, *ROUNDS, *ORDERS, *CHECKS, *FRONTS, *REVIEWS]
