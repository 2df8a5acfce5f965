"""How many households there are, village by village: joined, a county's scope would be compared with each of its households."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from governance.accounts.duties import Action
from governance.accounts.models import User
from villages.models import Household, Unit
from villages.scope import reach_of


def homes_by_village(user: User, homes: QuerySet[Household], action: Action) -> dict[int, int]:
    """Village's key → how many of `homes`, which `user` sees by `action`; villages without one are left out."""
    reach = reach_of(user, action)
    if reach is None:
        return {}
    here = homes.filter(village=OuterRef("pk")).order_by().values("village").annotate(count=Count("*")).values("count")
    villages = Unit.objects.villages().filter(Q(parent__in=reach.townships) | Q(pk__in=reach.villages_around))
    return {pk: count for pk, count in villages.order_by().values_list("pk", Subquery(here)) if count}
