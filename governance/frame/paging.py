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
from governance.reading import text_asked

COUNTED = 10_000
PER_PAGE = 50


class CappedPaginator(Paginator):
    """Counts up to `counted` rows exactly; beyond, PostgreSQL's planner estimates and only the first `counted` are paged.

    A count(*) of a million rows would take six times as long as the page itself.
    """

    counted = COUNTED

    def page(self, number: int | str) -> Page[Any]:
        """The keys of a page are sought and sorted alone; what its rows read along is joined for them only, not for the whole list."""
        number = self.validate_number(number)
        begin = (number - 1) * self.per_page
        keys = self.keys(begin, begin + self.per_page) if self.count else []
        rows = cast("QuerySet[Any]", self.object_list).filter(pk__in=keys)
        return Page(rows, number, self)

    def keys(self, begin: int, end: int) -> list[Any]:
        return list(cast("QuerySet[Any]", self.object_list).values_list("pk", flat=True)[begin:end])

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        counted = self.count_to(self.counted + 1)
        if counted <= self.counted:
            return counted
        if connection.vendor != "postgresql":
            return rows.count()
        plan = json.loads(rows.order_by().values("pk").explain(format="json"))
        return max(counted, int(plan[0]["Plan"]["Plan Rows"]))

    def count_to(self, most: int) -> int:
        return cast("QuerySet[Any]", self.object_list).order_by().values("pk")[:most].count()

    @property
    def is_capped(self) -> bool:
        return self.count > self.counted

    @cached_property
    def num_pages(self) -> int:
        return max(1, -(-min(self.count, self.counted) // self.per_page))


class PagePaginator(CappedPaginator):
    """Nobody turns more than twenty pages; who seeks something older filters. So few keys are sought once, and counted."""

    counted = 1000

    @cached_property
    def all_keys(self) -> list[Any]:
        return super().keys(0, self.counted + 1)

    def keys(self, begin: int, end: int) -> list[Any]:
        return self.all_keys[begin:end]

    def count_to(self, most: int) -> int:
        return len(self.all_keys)


_M = TypeVar("_M", bound=Model)


def page_of(
    request: HttpRequest, rows: QuerySet[_M], number: int | None = None, per_page: int = PER_PAGE, *, capped: bool = False
) -> Page[_M]:
    """Page `number` of `rows`, by default the one that the address names; the nearest page where there is none such.
    A `capped` list shows its first pages only."""
    paginator = PagePaginator if capped else CappedPaginator
    return paginator(rows, per_page).get_page(number or text_asked(request, "page"))
