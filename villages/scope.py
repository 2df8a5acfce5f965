"""Scope: which rows a person may see. Every read of business data starts from `visible_to` (design §2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.shortcuts import get_object_or_404

from governance.accounts.duties import Action
from governance.accounts.models import Grant

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User

_M = TypeVar("_M", bound=models.Model)

VILLAGE_AND_ABOVE = ("county", "township", "village")


def _grant_q(grant: Grant, village: str, unit: str, former: dict[int, list[str]]) -> Q:
    """Rows below one grant: by village from village level up, by the household's own unit below it."""
    field = village if grant.level in VILLAGE_AND_ABOVE else unit
    found = Q(**{f"{field}__startswith": grant.path})
    for path in former.get(grant.unit_id, []):
        found |= Q(**{f"{field}__startswith": path})
    return found


def _former_paths(grants: list[Grant]) -> dict[int, list[str]]:
    """Paths of the units that were merged into each granted unit, one generation after the other."""
    from villages.models import Succession  # here, because models import this module

    found: dict[int, list[str]] = {}
    origin = {grant.unit_id: {grant.unit_id} for grant in grants if grant.level in VILLAGE_AND_ABOVE}
    while origin:
        older: dict[int, set[int]] = {}
        links = Succession.objects.filter(successor__in=origin).values_list(
            "predecessor_id", "successor_id", "predecessor__path"
        )
        for predecessor, successor, path in links:
            for unit_id in origin[successor]:
                if path not in found.setdefault(unit_id, []):
                    found[unit_id].append(path)
                    older.setdefault(predecessor, set()).add(unit_id)
        origin = older
    return found


def scope_q(user: User | AnonymousUser, action: Action, *, village: str, unit: str = "") -> Q | None:
    """Condition for rows on which `user` may do `action`; None where there are none.

    `village` and `unit` are the look-ups of the path of the row's village and of its household's own unit ("" if it
    has none: then a duty below village level sees nothing).
    """
    if not user.is_authenticated:
        return None
    grants = [grant for grant in user.grants if action in grant.actions]
    grants = [grant for grant in grants if grant.level in VILLAGE_AND_ABOVE or unit]
    if not grants:
        return None
    former = user.__dict__.setdefault("_former_paths", {})
    missing = [grant for grant in grants if grant.unit_id not in former]
    if missing:
        former.update({grant.unit_id: [] for grant in missing})
        former.update(_former_paths(missing))
    condition = Q()
    for grant in grants:
        condition |= _grant_q(grant, village, unit, former)
    return condition


class ScopedQuerySet(models.QuerySet[_M]):
    """Rows that belong to a village; a model says `view_action`, `scope_village` and `scope_unit`."""

    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """Rows on which `user` may do `action` (the model's own viewing action, if absent)."""
        model: Any = self.model
        condition = scope_q(user, action or model.view_action, village=model.scope_village, unit=model.scope_unit)
        return self.none() if condition is None else self.filter(condition)


class TownQuerySet(models.QuerySet[_M]):
    """What a township sets for itself: seen by everyone with a duty in that township or above it."""

    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        if not user.is_authenticated:
            return self.none()
        model: Any = self.model
        towns = Q(pk=None)
        for grant in user.grants:
            if (action or model.view_action) in grant.actions:
                towns |= Q(township__path__startswith=grant.path)
                towns |= Q(township__code__in=grant.path.strip("/").split("/"))
        return self.filter(towns)


def get_visible_or_404(
    queryset: ScopedQuerySet[_M], user: User | AnonymousUser, action: Action | None = None, **lookup: object
) -> _M:
    """The one row, or 404 alike for what is absent and what is another's."""
    return get_object_or_404(queryset.visible_to(user, action), **lookup)
