"""The year of activities as a table: figures by village and kind, each with the list behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet
from django.urls import reverse

from governance.disclosure.activities.models import Activity
from governance.periods import Period
from villages.models import Unit


class Figure(NamedTuple):
    label: str
    number: int
    href: str


def year_table(rows: QuerySet[Activity], villages: Sequence[Unit], year: Period) -> dict[str, Any]:
    """`lines` by village, `totals` where there are several; `rows` are those that were held in the year, counted in one statement."""
    counted = rows.order_by().values_list("village", "kind").annotate(Count("pk"))
    counts = {(village, kind): number for village, kind, number in counted}
    several = len(villages) > 1

    def figure(kind: str, number: int, **place: int) -> Figure:
        asked = {"kind": kind, "state": Activity.State.HELD, "year": str(year), **place}
        return Figure(Activity.Kind(kind).label, number, reverse("disclosure:activity-list", query=asked))

    kinds = Activity.Kind.values
    lines = [
        (village, [figure(kind, counts.get((village.pk, kind), 0), **({"village": village.pk} if several else {})) for kind in kinds])
        for village in villages
    ]
    sums = [sum(number for (_, one), number in counts.items() if one == kind) for kind in kinds]
    totals = [figure(kind, number) for kind, number in zip(kinds, sums, strict=True)] if several else []
    return {"lines": lines, "totals": totals}
