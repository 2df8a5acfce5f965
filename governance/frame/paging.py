"""How a list is paged: the page says its rows, its number and how many there are in all."""

from __future__ import annotations

import json
from typing import Any, TypeVar, cast

from django.core.paginator import Page
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from governance.generics import Paginator

COUNTED = 10_000
PER_PAGE = 50


class CappedPaginator(Paginator):
    """Counts up to `counted` rows exactly; beyond, PostgreSQL's planner estimates and only the first `counted` are paged.

    A count(*) of a million rows would take six times as long as the page itself.
    """

    counted = COUNTED

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
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


class PagePaginator(CappedPaginator):
    """Nobody turns more than twenty pages; who seeks something older filters."""

    counted = 1000


_M = TypeVar("_M", bound=Model)


def page_of(
    request: HttpRequest, rows: QuerySet[_M], number: int | None = None, per_page: int = PER_PAGE, *, capped: bool = False
) -> Page[_M]:
    """Page `number` of `rows`, by default the one that the address names; the nearest page where there is none such.
    A `capped` list shows its first pages only."""
    paginator = PagePaginator if capped else CappedPaginator
    return paginator(rows, per_page).get_page(number or request.GET.get("page"))
