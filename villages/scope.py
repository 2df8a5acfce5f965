"""Scope: which rows a person may see. Every read of business data starts from `visible_to` (design §2).

Grants are resolved to ids once a request (`reach_of`); a queryset compares its own columns with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.shortcuts import get_object_or_404

from governance.accounts.duties import Action
from governance.accounts.models import Grant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User

_M = TypeVar("_M", bound=models.Model)

VILLAGE_AND_ABOVE = ("county", "township", "village")


class _Place(NamedTuple):
    """A unit as scope needs it."""

    pk: int
    level: str
    path: str

    @classmethod
    def of(cls, grant: Grant) -> _Place:
        return cls(grant.unit_id, grant.level, grant.path)


@dataclass(frozen=True)
class Reach:
    """Where somebody may do one action. What a township already holds is in neither `villages` nor `units`.

    `villages` are held whole, with those that were merged into them; `units` lie below villages, each with all below it.
    `paths` say the same for rows that hang on a unit of any level, `lower_paths` those of the duties below villages.
    `townships_around` and `villages_around` also name those above what is held.
    """

    townships: frozenset[int]
    villages: frozenset[int]
    units: frozenset[int]
    paths: frozenset[str]
    lower_paths: frozenset[str]
    townships_around: frozenset[int]
    villages_around: frozenset[int]


class _Resolver:
    """Reads the units that some grants need, in one query and one more for each generation of mergers."""

    def __init__(self, grants: tuple[Grant, ...]) -> None:
        self.grants = grants
        self.reaches: dict[Action, Reach | None] = {}
        self._former = _former_units([_Place.of(grant) for grant in grants if grant.level in VILLAGE_AND_ABOVE])
        self._units = _units_around(grants)

    def reach(self, action: Action) -> Reach | None:
        if action not in self.reaches:
            held = [_Place.of(grant) for grant in self.grants if action in grant.actions]
            self.reaches[action] = self._reach(held) if held else None
        return self.reaches[action]

    def _reach(self, held: list[_Place]) -> Reach:
        lower = [place for place in held if place.level not in VILLAGE_AND_ABOVE]
        upper = [place for place in held if place.level in VILLAGE_AND_ABOVE]
        upper += [former for place in upper for former in self._former.get(place.pk, [])]
        towns = tuple(place.path for place in upper if place.level != "village")
        townships = {place.pk for place in [*self._units, *upper] if place.level == "township" and place.path.startswith(towns)}
        villages = frozenset(place.pk for place in upper if place.level == "village" and not place.path.startswith(towns))
        above = [unit for unit in self._units if any(place.path.startswith(unit.path) for place in held)]
        return Reach(
            townships=frozenset(townships),
            villages=villages,
            units=frozenset(
                unit.pk
                for unit in self._units
                if unit.path.startswith(tuple(place.path for place in lower)) and not unit.path.startswith(towns)
            ),
            paths=frozenset(place.path for place in upper),
            lower_paths=frozenset(place.path for place in lower),
            townships_around=frozenset(townships) | {unit.pk for unit in above if unit.level == "township"},
            villages_around=villages | {unit.pk for unit in above if unit.level == "village" and not unit.path.startswith(towns)},
        )


def _former_units(held: list[_Place]) -> dict[int, list[_Place]]:
    """The units that were merged into each of these, one generation after the other."""
    from villages.models import Succession  # here, because models import this module

    found: dict[int, list[_Place]] = {}
    origin = {place.pk: {place.pk} for place in held}
    while origin:
        older: dict[int, set[int]] = {}
        links = Succession.objects.filter(successor__in=origin).values_list(
            "successor_id", "predecessor_id", "predecessor__level", "predecessor__path"
        )
        for successor, pk, level, path in links:
            place = _Place(pk, level, path)
            for unit_id in origin[successor]:
                if place not in found.setdefault(unit_id, []):
                    found[unit_id].append(place)
                    older.setdefault(place.pk, set()).add(unit_id)
        origin = older
    return found


def _units_around(grants: Iterable[Grant]) -> list[_Place]:
    """The townships of granted counties, all units below grants that lie below villages, and what lies above any grant."""
    from villages.models import Unit

    wanted = Q(pk=None)
    for grant in grants:
        if grant.level == "county":
            wanted |= Q(level="township", path__startswith=grant.path)
            continue
        wanted |= Q(code__in=grant.path.strip("/").split("/"))
        if grant.level not in VILLAGE_AND_ABOVE:
            wanted |= Q(path__startswith=grant.path)
    return [_Place(*row) for row in Unit.objects.filter(wanted).order_by().values_list("pk", "level", "path")]


def reach_of(user: User | AnonymousUser, action: Action) -> Reach | None:
    """Where `user` may do `action`, None if nowhere; units are read once a request, as the user's grants are."""
    if not user.is_authenticated or not any(action in grant.actions for grant in user.grants):
        return None
    resolver = user.__dict__.get("_resolver")
    if resolver is None or resolver.grants is not user.grants:
        resolver = user.__dict__["_resolver"] = _Resolver(user.grants)
    found: Reach | None = resolver.reach(action)
    return found


def _any_of(parts: dict[str, Iterable[Any]]) -> Q | None:
    """Rows whose column is among its ids, for one column or another; None where there are no ids at all."""
    condition = Q()
    for column, ids in parts.items():
        if column and ids:
            condition |= Q(**{f"{column}__in": sorted(ids)})
    return condition or None


class ScopedQuerySet(models.QuerySet[_M]):
    """Rows that belong to a village. A model says `view_action` and the look-ups of its places' columns:

    `scope_village`; `scope_unit`, the household's own unit ("": a duty below village level sees nothing);
    `scope_township` where the row has it nearer than as its village's parent.
    """

    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """Rows on which `user` may do `action` (the model's own viewing action, if absent)."""
        model: Any = self.model
        return self.filter(self.place_of(user, action or model.view_action))

    def place_of(self, user: User | AnonymousUser, action: Action) -> Q:
        """The rows on which `user` may do `action`, as a condition; no row where nowhere."""
        reach = reach_of(user, action)
        return (self.reached_by(reach) if reach else None) or Q(pk__in=[])

    def reached_by(self, reach: Reach) -> Q | None:
        model: Any = self.model
        township = getattr(model, "scope_township", "") or f"{model.scope_village}__parent"
        return _any_of({township: reach.townships, model.scope_village: reach.villages, model.scope_unit: reach.units})


class UnitScopedQuerySet(ScopedQuerySet[_M]):
    """Rows that hang on a unit of any level: `scope_path` is its path, `scope_below` whether duties below villages count."""

    def reached_by(self, reach: Reach) -> Q | None:
        model: Any = self.model
        condition = Q()
        for path in sorted(reach.paths | (reach.lower_paths if model.scope_below else frozenset())):
            condition |= Q(**{f"{model.scope_path}__startswith": path})
        return condition or None


class TownQuerySet(models.QuerySet[_M]):
    """What a township sets for itself: seen by everyone with a duty in that township or above it."""

    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        model: Any = self.model
        reach = reach_of(user, action or model.view_action)
        return self.filter(township__in=sorted(reach.townships_around)) if reach else self.none()


def get_visible_or_404(
    queryset: ScopedQuerySet[_M], user: User | AnonymousUser, action: Action | None = None, **lookup: object
) -> _M:
    """The one row, or 404 alike for what is absent and what is another's."""
    return get_object_or_404(queryset.visible_to(user, action), **lookup)
