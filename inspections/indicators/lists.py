"""The list behind a measured figure, its columns said once for page and sheet (plan §四(三); mission M34)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import django_filters
from django.db.models import Model
from django.urls import reverse

from governance.accounts.decorators import UserRequest
from governance.cases.models import Case
from governance.councils.models import Decision, Task
from governance.disclosure.models import AffairTurn
from governance.errors import DomainError
from governance.frame.columns import Col, Tag
from governance.frame.exports import Ledger
from governance.frame.filters import PageFilter
from governance.frame.lists import Listing, To
from governance.periods import Kind, Period, today
from governance.reading import text_asked
from inspections.indicators.registry import Indicator
from inspections.models import Front, Measure, Order
from moral_bank.models import Closing
from villages.models import Unit
from volunteers.models import CareRecord

FIRST, QUARTERS = date(2020, 1, 1), 9
RESULTS = {True: "达标", False: "未达标"}
PAGES: dict[type[Model], str] = {
    AffairTurn: "disclosure:affair-turn",
    CareRecord: "volunteers:care-detail",
    Case: "cases:case-detail",
    Closing: "moral_bank:closing-detail",
    Decision: "councils:decision-detail",
    Front: "inspections:front-detail",
    Order: "inspections:order-detail",
    Task: "councils:task-detail",
}


class QuarterFilter(PageFilter):
    """A quarter since FIRST, the running one too: the last one that is over where the address names none."""

    quarter = django_filters.ChoiceFilter(label="季度", empty_label=None)

    def __init__(self, request: UserRequest) -> None:
        self.period = _quarter(text_asked(request, "quarter"))
        super().__init__({"quarter": text_asked(request, "quarter", str(self.period))}, Unit.objects.none(), request=request)
        self.filters["quarter"].extra["choices"] = [(str(period), period.label) for period in _quarters(self.period)]


def _quarter(text: str) -> Period:
    last = Period.of(Kind.QUARTER, today()).previous()
    try:
        requested = Period.parse(text)
    except DomainError:
        return last
    return requested if requested.kind == Kind.QUARTER and FIRST <= requested.start <= today() else last


def _quarters(requested: Period) -> list[Period]:
    """This quarter and those before it, and `requested`."""
    latest = Period.of(Kind.QUARTER, today()).back(QUARTERS)
    return sorted({requested, *latest}, key=lambda period: period.start, reverse=True)


class FactFilter(PageFilter):
    good = django_filters.ChoiceFilter(label="结果", choices=[("1", RESULTS[True]), ("0", RESULTS[False])], empty_label="全部")


def fact_listing(indicator: Indicator, village: Unit, period: Period, *, linked: bool, exported: bool) -> Listing:
    """The records of a village's figure; `linked`: their pages are the reader's to open."""
    place = {"village": village.pk, "quarter": str(period)}

    def address(row: Any) -> str:
        record = indicator.record(row) if linked else None
        page = PAGES.get(type(record)) if record is not None else None
        return reverse(page, args=[record.pk]) if page and record is not None else ""

    return Listing(
        indicator.name,
        [*_columns(indicator), Col("结果", tags=lambda row: [Tag(RESULTS[row.good], "good" if row.good else "late")])],
        FactFilter,
        order=(*indicator.order, "pk"),
        href=address,
        parent=To("实测指标", "inspections:fact-list", query=place),
        hint=f"{village}　{period.label}",
        exports=(To("导出明细", "inspections:fact-export", (indicator.code,)),) if exported else (),
        empty="这个季度还没有可算的记录。",
        steps=(To("换一个季度看看；记录到期以后才算进来。", ""),),
        none_found="没有这样的记录。",
        everything=To("看看全部", f"?village={village.pk}&quarter={period}"),
    )


def kept_listing(indicator: Indicator, kept: Measure, *, linked: bool, exported: bool) -> Listing:
    """The records of a figure that a card keeps."""
    card = kept.card
    listing = fact_listing(indicator, card.village, card.round.period, linked=linked, exported=exported)
    return replace(
        listing,
        parent=To("督查评分表", "inspections:card-detail", (card.pk,)),
        hint=f"{listing.hint}　{today(kept.taken_at)} 取数",
        empty="取数时没有可算的记录。",
        steps=(To("记录到期以后才算进来。", ""),),
        everything=To("看看全部", f"?card={card.pk}"),
    )


def kept_ledger(indicator: Indicator, kept: Measure) -> Ledger:
    ledger = fact_ledger(indicator, kept.card.village, kept.card.round.period)
    return replace(ledger, notes=[*ledger.notes, f"{today(kept.taken_at)} 督查取数时的名单。"])


def fact_ledger(indicator: Indicator, village: Unit, period: Period) -> Ledger:
    columns = [*_columns(indicator), Col("是否达标", lambda row: RESULTS[row.good], width=10)]
    notes = [f"{village}，{period.label}。", indicator.meaning, f"依据：{indicator.clause}。"]
    return Ledger.of(f"{indicator.name}明细", columns, order=(*indicator.order, "pk"), numbered=True, notes=notes)


def _columns(indicator: Indicator) -> list[Col]:
    def cell(place: int) -> Callable[[Any], str]:
        return lambda row: indicator.cells(row)[place]

    cells = [Col(name, cell(place), width=20) for place, name in enumerate(indicator.columns)]
    return [Col("记录", indicator.title, width=30, whole=True, strong=True), *cells]
