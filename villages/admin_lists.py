"""Lists of the staff pages: how they are counted, paged, labelled and filtered by village."""

from __future__ import annotations

import json
from typing import Any, cast

from django.db import connection, models
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property
from unfold.contrib.filters.admin import DropdownFilter
from unfold.views import ChangeList

from governance.accounts.decorators import UserRequest
from governance.generics import Paginator
from villages.models import Unit

COUNTED = 10_000


def unit_label(unit: Unit) -> str:
    """Name with the names above it up to the village: 八一村 / 第一村民小组 / 柏树院. Takes `parent__parent` selected."""
    names = [str(unit)]
    above = unit.parent
    while above is not None and unit.level in (Unit.Level.GROUP, Unit.Level.SETTLEMENT):
        names.insert(0, str(above))
        if above.level == Unit.Level.VILLAGE:
            break
        above = above.parent
    return " / ".join(names)


def count_of(rows: models.QuerySet[Any], look_up: str) -> Coalesce:
    """How many of `rows` hang on the row by `look_up`: counted for the rows of the page alone, no join, no grouping."""
    counted = rows.filter(**{look_up: models.OuterRef("pk")}).order_by().values(look_up).annotate(n=models.Count("pk"))
    return Coalesce(models.Subquery(counted.values("n")), 0)


class CappedPaginator(Paginator):
    """Counts up to `counted` rows exactly; beyond, PostgreSQL's planner estimates and only the first `counted` are paged.

    A count(*) of a million rows would take six times as long as the page itself.
    """

    counted = COUNTED

    @cached_property
    def count(self) -> int:
        rows = cast("models.QuerySet[Any]", self.object_list)
        counted = rows.order_by().values("pk")[: self.counted + 1].count()
        if counted <= self.counted:
            return counted
        if connection.vendor != "postgresql":
            return rows.count()
        plan = json.loads(rows.order_by().explain(format="json"))
        return max(counted, int(plan[0]["Plan"]["Plan Rows"]))

    @property
    def is_capped(self) -> bool:
        return self.count > self.counted

    @cached_property
    def num_pages(self) -> int:
        return max(1, -(-min(self.count, self.counted) // self.per_page))


class HouseChangeList(ChangeList):
    """The count stands below the list; nothing is counted a second time without the filters."""

    def get_results(self, request: UserRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count


class VillageFilter(DropdownFilter):
    """Rows of one village; `look_up` leads from the row to the village's id."""

    title = "村（社区）"
    parameter_name = "village"
    look_up = "village"

    def lookups(self, request: UserRequest, model_admin: Any) -> list[tuple[int, str]]:
        villages = Unit.objects.visible_to(request.user).villages().filter(valid_to=None)
        return [(village.pk, str(village)) for village in villages]

    def queryset(self, request: UserRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(**{self.look_up: chosen}) if chosen and chosen.isdecimal() else queryset


def village_filter(look_up: str) -> type[VillageFilter]:
    """A VillageFilter for rows that reach their village by `look_up`."""
    return type("VillageFilter", (VillageFilter,), {"look_up": look_up})
