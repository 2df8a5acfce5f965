"""The month's figures: asked, sent, done, satisfied, and how long until the first contact; each leads to its rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.frame.filters import last_months
from governance.periods import Period
from governance.reading import text_asked
from villages.models import Unit
from volunteers.models import ServiceOrder
from volunteers.orders.lists import FIGURES


@dataclass(frozen=True)
class Line:
    """A village's figures of a month: (what, number, where its rows are); `contact` is the median of the first contacts in words."""

    place: str
    cells: list[tuple[str, int, str]]
    contact: str


@duty_required(Action.SERVICE_VIEW)
def order_month(request: UserRequest) -> HttpResponse:
    """Orders by the month in which they were asked for."""
    months = last_months()
    month = _chosen(text_asked(request, "month"), months)
    context = {"months": months, "month": month, "heads": [label for label, _ in FIGURES.values()], "lines": _lines(request, month)}
    return render(request, "volunteers/orders/month.html", context)


def _chosen(text: str, months: list[Period]) -> Period:
    try:
        month = Period.parse(text)
    except DomainError:
        return months[0]
    return month if month in months else months[0]


def _lines(request: UserRequest, month: Period) -> list[Line]:
    """All villages together first, then one by one."""
    begins, ends = month.bounds()
    rows = ServiceOrder.objects.visible_to(request.user).filter(asked_at__gte=begins, asked_at__lt=ends).order_by()
    counts = {key: Count("pk", filter=condition) if condition else Count("pk") for key, (_, condition) in FIGURES.items()}
    counted: Any = rows.values("village").annotate(**counts)
    found: dict[int, dict[str, int]] = {row["village"]: row for row in counted}
    waits: defaultdict[int, list[timedelta]] = defaultdict(list)
    for order in rows.exclude(contacted_at=None).only("village", "asked_at", "contacted_at"):
        assert order.contacted_at is not None
        waits[order.village_id].append(order.contacted_at - order.asked_at)
    together = {key: sum(row[key] for row in found.values()) for key in FIGURES}
    lines = [_line("合计", None, together, [wait for of_village in waits.values() for wait in of_village], month)]
    if len(found) > 1:
        units = Unit.objects.filter(pk__in=found).order_by("path")
        lines += [_line(str(unit), unit.pk, found[unit.pk], waits[unit.pk], month) for unit in units]
    return lines


def _line(place: str, village: int | None, counted: dict[str, Any], waits: list[timedelta], month: Period) -> Line:
    where = {"tab": "all", "month": str(month)} | ({"village": village} if village else {})

    def link(key: str) -> str:
        return reverse("volunteers:order-list", query=where if key == "asked" else {**where, "part": key})

    return Line(place, [(label, counted[key], link(key)) for key, (label, _) in FIGURES.items()], _span(waits))


def _span(waits: list[timedelta]) -> str:
    """The median in minutes or hours, "" where nobody was contacted."""
    if not waits:
        return ""
    minutes = median(wait.total_seconds() for wait in waits) / 60
    return f"{minutes:.0f} 分钟" if minutes < 120 else f"{minutes / 60:.1f} 小时"
