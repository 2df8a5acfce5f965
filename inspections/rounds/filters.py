"""What lists of scorecards ask about time: one quarter of those that have cards."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest

from governance.frame.filters import PageFilter
from governance.periods import Kind, Period
from inspections.models import Scorecard


def quarters_of(cards: QuerySet[Scorecard]) -> list[Period]:
    """The quarters that have a card, latest first."""
    starts = cards.order_by().values_list("round__quarter", flat=True).distinct()
    return [Period(Kind.QUARTER, start) for start in sorted(starts, reverse=True)]


class QuarterFilter(django_filters.ChoiceFilter):
    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        quarter = self.parent.chosen
        return rows.filter(round__quarter=quarter.start) if quarter else rows.none()


class InQuarter(PageFilter):
    """Scorecards of one quarter: the latest where the address names none."""

    quarter = QuarterFilter(label="季度", empty_label=None)

    def __init__(self, data: Any, rows: QuerySet[Any], *, request: HttpRequest) -> None:
        super().__init__(data, rows, request=request)
        self.quarters = quarters_of(rows)
        self.filters["quarter"].extra["choices"] = [(str(quarter), quarter.label) for quarter in self.quarters]

    @property
    def chosen(self) -> Period | None:
        """None where no card is, or the filter is invalid."""
        if not self.is_valid():
            return None
        named = self.value("quarter")
        return Period.parse(named) if named else next(iter(self.quarters), None)
