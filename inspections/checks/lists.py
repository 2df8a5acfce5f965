"""Lists of 户月评: places with how far a month is, a place's results (plan §三.4 一月一评)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.columns import Col, Tag, day_of
from governance.frame.filters import PageFilter, last_months
from governance.frame.lists import Listing, To
from governance.periods import Kind, Period, month_or_this, today
from inspections.checks.rows import TONES, PlaceRow, ResultRow, homes_seen, place_rows, result_rows
from inspections.models import Plate
from villages.filters import InVillages
from villages.models import Household, Unit

TO_CHECKS = To("户月评", "inspections:check-list")


class MonthFilter(django_filters.ChoiceFilter):
    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows.filter(month=self.parent.period.start)


class OfMonth(PageFilter):
    """Checks of one month: this one where the address names none."""

    month = MonthFilter(label="月份", empty_label=None)

    def __init__(self, data: Any, rows: QuerySet[Any], *, request: UserRequest) -> None:
        super().__init__(data, rows, request=request)
        self.period = month_or_this(data.get("month"))
        months = sorted({*last_months(), self.period}, key=lambda month: month.start, reverse=True)
        self.filters["month"].extra["choices"] = [(str(month), month.label) for month in months]


class ResultFilter(OfMonth):
    plate = django_filters.ChoiceFilter(label="清洁牌", choices=Plate.choices, empty_label="全部")


class LedgerFilter(ResultFilter, InVillages):
    place = "household__village"
    unit = django_filters.NumberFilter(field_name="household__unit")


class PlaceFilter(OfMonth, InVillages):
    """Places where households live, of one village if asked for."""

    def filter_queryset(self, rows: QuerySet[Unit]) -> QuerySet[Unit]:
        village = self.form.cleaned_data.get("village")
        return rows.filter(pk__in=Household.objects.filter(village=village, ended_on=None).values("unit")) if village else rows


LEDGER = Listing("户月评", [], LedgerFilter)


def month_query(month: Period) -> dict[str, Any] | None:
    """What an address says of a month: nothing of this one, so that a phone finds the page that it keeps."""
    return None if month == Period.of(Kind.MONTH, today()) else {"month": month}


def _place_rows(filters: PlaceFilter, units: Sequence[Unit]) -> list[PlaceRow]:
    homes = homes_seen(filters.request.user, filters.value("village"))
    return place_rows(units, homes, filters.period)


def places(month: Period, *, exported: bool) -> Listing:
    """Every place with households: how many are judged in `month`, and how."""
    query = month_query(month)

    return Listing(
        "户月评",
        [
            Col("聚居点（组）", "name", whole=True),
            Col("已评", lambda row: f"{row.done}/{row.total}", num=True),
            Col("清洁牌", tags=lambda row: row.tags, whole=True),
            Col("", cell="inspections/checks/_go.html", go=True),
        ],
        PlaceFilter,
        order=("path",),
        shown=_place_rows,
        href=lambda row: reverse("inspections:check-results", args=[row.unit.pk], query=query),
        hint=month.label,
        unit="个聚居点（组）",
        actions=(To("导入原台账", "admin:inspections_checkimport_changelist", needs=(Action.CHECK_IMPORT,), first=False),),
        exports=(To("导出户月评台账", "inspections:check-export", needs=(Action.EXPORT,)),) if exported else (),
        empty="这里还没有住户。",
        steps=(To("请镇工作人员先导入名册。", ""),),
    )


def _door(row: ResultRow) -> str:
    return row.check.household.address or row.check.household.number


def _again(row: ResultRow) -> str:
    return f"更正 {row.check.revision} 次" if row.check.revision else ""


RESULTS = Listing(
    "户月评结果",
    [
        Col("户主", "check.household.head_name", hint=_door, whole=True, strong=True),
        Col("清洁牌", tags=lambda row: [Tag(row.check.get_plate_display(), TONES[Plate(row.check.plate)])]),
        Col("得分", "check.score_words", num=True),
        Col("扣分", "faults"),
        Col("评分人", "check.by.name"),
        Col("日期", day_of("check.at"), hint=_again),
    ],
    ResultFilter,
    order=("household__walk_order__position", "household__number_key", "pk"),
    shown=lambda filters, checks: result_rows(checks),
    parent=TO_CHECKS,
    unit="户",
    empty="这个月还没有评。",
)


def results(place: Unit, month: Period, *, judged: bool, may_score: bool) -> Listing:
    """A place's month: papers and the ledger where anything is judged, else the way to judge it."""
    query = {"month": month}
    papers = (
        To("打印整改提醒", "inspections:check-reminders", (place.pk,), query=query, first=False),
        To("打印清洁牌", "inspections:check-plates", (place.pk,), query=query, first=False),
    )
    ledger = To("导出台账", "inspections:check-export", query={**query, "unit": place.pk}, needs=(Action.EXPORT,), first=False)
    walk = To("去评", "inspections:check-walk", (place.pk,), query=month_query(month))
    return replace(
        RESULTS,
        title=f"{place} {month.label}户月评结果",
        actions=(*(papers if may_score else ()), ledger) if judged else (),
        steps=(walk,) if may_score else (),
        none_found="没有符合的户。" if judged else RESULTS.empty,
        everything=walk if may_score and not judged else RESULTS.everything,
    )
