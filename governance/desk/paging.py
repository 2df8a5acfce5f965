"""One way to page a list: the page says its rows, its number and how many there are in all."""

from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from villages.admin_lists import CappedPaginator

PER_PAGE = 50


class DeskPaginator(CappedPaginator):
    """Nobody turns more than twenty pages; who seeks something older filters."""

    counted = 1000


_M = TypeVar("_M", bound=Model)


def page_of(
    request: HttpRequest, rows: QuerySet[_M], number: int | None = None, per_page: int = PER_PAGE, *, capped: bool = False
) -> Page[_M]:
    """Page `number` of `rows`, by default the one that the address names; the nearest page where there is none such.
    A `capped` list is not counted to its end."""
    paginator = DeskPaginator if capped else Paginator
    return paginator(rows, per_page).get_page(number or request.GET.get("page"))
