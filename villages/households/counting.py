"""How many households there are, village by village: joined, a county's scope would be compared with each of its households."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from governance.accounts.duties import Action
from governance.accounts.models import User
from villages.models import Household, Unit
from villages.scope import reach_of


def homes_by_village(user: User, homes: QuerySet[Household], action: Action) -> dict[int, int]:
    """Village's key → how many of `homes`, households of whatever place, `user` sees by `action`; villages without one are left out."""
    reach = reach_of(user, action)
    if reach is None:
        return {}
    whole = Q(parent__in=reach.townships) | Q(pk__in=reach.villages)
    found = _counted(whole, homes)
    if reach.units:
        found |= _counted(Q(pk__in=reach.villages_around) & ~whole, homes.filter(unit__in=reach.units))
    return found


def _counted(villages: Q, homes: QuerySet[Household]) -> dict[int, int]:
    here = homes.filter(village=OuterRef("pk")).order_by().values("village").annotate(count=Count("*")).values("count")
    counted = Unit.objects.villages().filter(villages).order_by().values_list("pk", Subquery(here))
    return {pk: count for pk, count in counted if count}
