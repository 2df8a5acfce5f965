"""Behind each count of what waits: its rows, as many as were counted; mine, or what is late where I may look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import django_filters
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils import timezone

from governance.accounts.decorators import UserRequest
from governance.desk.todo import due_kinds
from governance.frame.columns import Col
from governance.frame.due import DueKind, Todo
from governance.frame.filters import PageFilter
from governance.frame.lists import Listing, To, list_page
from governance.periods import today
from villages.filters import InVillages
from villages.units.lineage import villages_before

HOME = To("工作台", "desk:home")
COLUMNS = (
    Col("事项", "title", hint="mark", whole=True),
    Col("说明", "words", whole=True),
    Col("期限", tags=lambda todo: [todo.due]),
)


class LateFilter(InVillages):
    """A village with those that were merged into it, as the leader's page counts them."""

    village = django_filters.ChoiceFilter(label="村（社区）", empty_label="全部村（社区）", method="of_village")

    def of_village(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(**{f"{name}__in": [int(value), *villages_before(today()).get(int(value), [])]})


@login_required
def due_list(request: UserRequest, key: str) -> HttpResponse:
    """All of a kind that waits for the user."""
    kind, now = _kind(key), timezone.now()
    listing = _listing(kind, f"待办：{kind.name}", PageFilter, lambda row: _line(kind, row, now))
    listing = replace(listing, empty="现在没有等您办的。")
    return list_page(request, listing, kind.held_by(request.user, now).select_related(*kind.related))


@login_required
def due_late(request: UserRequest, key: str) -> HttpResponse:
    """All of a kind that is late where the user may look, whoever has to do it; each leads to where it is read."""
    kind, now = _kind(key), timezone.now()
    page = kind.page
    if page is None:
        raise Http404
    filters = type("KindFilter", (LateFilter,), {"place": kind.village})
    listing = _listing(kind, f"逾期未办：{kind.name}", filters, lambda row: replace(_line(kind, row, now), link=page(row)))
    return list_page(request, replace(listing, empty="没有逾期的。"), kind.late_seen(request.user, now).select_related(*kind.related))


def _kind(key: str) -> DueKind:
    """Only those whose rows are lines of their own."""
    found = next((kind for kind in due_kinds() if kind.key == key and kind.line), None)
    if found is None:
        raise Http404
    return found


def _line(kind: DueKind, row: Any, now: datetime) -> Todo:
    assert kind.line is not None
    return kind.line(row, now)


def _listing(kind: DueKind, title: str, filters: type[PageFilter], line: Callable[[Any], Todo]) -> Listing:
    def shown(filters: PageFilter, rows: Sequence[Any]) -> list[Todo]:
        return [line(row) for row in rows]

    return Listing(title, COLUMNS, filters, parent=HOME, order=kind.order, href=lambda todo: todo.link, unit="件", shown=shown)
