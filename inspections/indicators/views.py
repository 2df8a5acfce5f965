"""Measured figures of the villages by quarter, and the list behind each (实测指标; plan §四(三); mission M34)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.exports import Ledger
from governance.frame.lists import Listing, filter_refused, list_export, list_page, sheet_or_back
from governance.frame.paging import page_of
from governance.periods import Period
from governance.reading import key_asked, key_of, text_asked
from governance.sheets.writer import Column, Value
from inspections.indicators.lists import QuarterFilter, fact_ledger, fact_listing, kept_ledger, kept_listing
from inspections.indicators.registry import INDICATORS, Indicator, facts_rows, kept_rows, measure, measures
from inspections.models import Measure
from inspections.scorecards.scoring import Fact
from inspections.scorecards.scoring import Kind as ItemKind
from villages.models import Unit


@dataclass(frozen=True)
class Figure:
    """One figure as the pages show it; `percent` is empty where there are too few records."""

    indicator: Indicator
    fact: Fact
    address: str

    @property
    def percent(self) -> str:
        answer = self.fact.answer_for(ItemKind.BAND)
        return f"{answer.value.normalize():f}%" if answer is not None else ""

    @property
    def words(self) -> str:
        """As one cell of a sheet says it."""
        return f"{self.fact.good}/{self.fact.of}（{self.percent or '样本不足'}）"


@duty_required(Action.ROUND_VIEW)
def fact_list(request: UserRequest) -> HttpResponse:
    """One village's figures beside those of the quarter before, or all villages' figures."""
    filters, now = QuarterFilter(request), timezone.now()
    period = filters.period
    village, villages = _village(request, period), _villages(request.user, period)
    offered = list(villages)
    if village is not None and village not in offered:
        offered.append(village)
    context: dict[str, Any] = {"filters": filters, "period": period, "offered": offered, "village": village}
    context["may_export"] = request.user.may(Action.EXPORT)
    if village is not None and filters.is_valid():
        before = period.previous()
        pairs = zip(_figures([village], period, now)[0], _figures([village], before, now)[0], strict=True)
        context |= {"pairs": list(pairs), "before": before}
    elif filters.is_valid():
        page = page_of(request, villages)
        shown = list(page.object_list)
        context |= {"page": page, "rows": list(zip(shown, _figures(shown, period, now), strict=True))}
        context["indicators"] = INDICATORS.values()
    return render(request, "inspections/indicators/list.html", context)


@duty_required(Action.EXPORT)
def fact_list_export(request: UserRequest) -> HttpResponseBase:
    """All figures of a quarter, one line a village, for the villages of which the user may export."""
    user, filters = request.user, QuarterFilter(request)
    period = filters.period
    if not filters.is_valid():
        return _refused(request)
    village = _village(request, period, Action.EXPORT)
    villages = _villages(user, period).filter(pk__in=_seen(user, Action.EXPORT).order_by().values("pk"))
    if village is not None:
        villages = _seen(user).filter(pk=village.pk)
    back = reverse("inspections:fact-list", query={"quarter": period})
    return sheet_or_back(request, _summary(period, timezone.now()), villages, back)


@duty_required(Action.ROUND_VIEW)
def fact_detail(request: UserRequest, code: str) -> HttpResponse:
    """A figure and the records that it counts; with ?card= the one that a card keeps, and the records of that day."""
    user, indicator, filters, now = request.user, _indicator(code), QuarterFilter(request), timezone.now()
    if "card" in request.GET:
        return _kept_page(request, indicator)
    period = filters.period
    village = _village(request, period)
    if village is None or not filters.is_valid():
        return _to_list(request)
    fact = measure(indicator, village, period, now)
    listing = fact_listing(
        indicator, village, period, linked=_may_open(user, indicator, village),
        exported=bool(fact.of) and _seen(user, Action.EXPORT).filter(pk=village.pk).exists(),
    )  # fmt: skip
    rows = facts_rows(indicator, user, village, period, now)
    return _figure_page(request, listing, rows, Figure(indicator, fact, ""), village=village, quarter=filters.form["quarter"])


@duty_required(Action.EXPORT)
def fact_export(request: UserRequest, code: str) -> HttpResponseBase:
    """The list behind a figure as a sheet."""
    user, indicator, filters = request.user, _indicator(code), QuarterFilter(request)
    back = reverse("inspections:fact-detail", args=[code])
    if "card" in request.GET:
        kept = _kept(request, indicator, Action.EXPORT)
        listing, ledger = kept_listing(indicator, kept, linked=False, exported=True), kept_ledger(indicator, kept)
        return list_export(request, listing, kept_rows(indicator, user, kept), ledger, back)
    if not filters.is_valid():
        return _refused(request)
    period = filters.period
    village = _village(request, period, Action.EXPORT)
    if village is None:
        return _to_list(request)
    rows = facts_rows(indicator, user, village, period, timezone.now())
    listing = fact_listing(indicator, village, period, linked=False, exported=True)
    ledger = fact_ledger(indicator, village, period)
    return list_export(request, listing, rows, ledger, back)


def _kept_page(request: UserRequest, indicator: Indicator) -> HttpResponse:
    user, kept = request.user, _kept(request, indicator)
    village, rows = kept.card.village, kept_rows(indicator, user, kept)
    listing = kept_listing(
        indicator, kept, linked=_may_open(user, indicator, village),
        exported=bool(kept.of) and _seen(user, Action.EXPORT).filter(pk=village.pk).exists(),
    )  # fmt: skip
    figure = Figure(indicator, Fact(kept.good, kept.of, kept.enough), "")
    hidden = kept.of - rows.count() if kept.listed else 0
    return _figure_page(request, listing, rows, figure, kept=kept, hidden=hidden)


def _kept(request: UserRequest, indicator: Indicator, action: Action = Action.ROUND_VIEW) -> Measure:
    """The figure of the card of the address, if the user sees the card and its points; else 404."""
    rows = Measure.objects.visible_to(request.user, action).select_related("card__round", "card__village")
    kept: Measure | None = rows.filter(card=key_asked(request, "card"), indicator=indicator.code).first()
    if kept is None or not kept.card.shows_points_to(request.user):
        raise Http404
    return kept


def _figure_page(request: UserRequest, listing: Listing, rows: QuerySet[Any], figure: Figure, **context: Any) -> HttpResponse:
    """The figure with its meaning above the list behind it."""
    context |= {
        "indicator": figure.indicator,
        "figure": figure,
        "missed": figure.fact.of - figure.fact.good,
        "chosen": text_asked(request, "good"),
    }
    return list_page(request, listing, rows, "inspections/indicators/detail.html", **context)


def _indicator(code: str) -> Indicator:
    found = INDICATORS.get(code)
    if found is None:
        raise Http404
    return found


def _seen(user: User, action: Action = Action.ROUND_VIEW) -> QuerySet[Unit]:
    """Villages in which the user may do `action`, standing or not."""
    return Unit.objects.visible_to(user, action).villages()


def _villages(user: User, period: Period) -> QuerySet[Unit]:
    """Villages whose figures the user sees, if they existed on a day of the period."""
    standing = Q(valid_to=None) | Q(valid_to__gt=period.start)
    return _seen(user).filter(standing, valid_from__lt=period.end).order_by("path")


def _village(request: UserRequest, period: Period, action: Action = Action.ROUND_VIEW) -> Unit | None:
    """The village of the address, or the only one there is; None for all. One that is not the user's (also not for
    `action`) is 404."""
    found = _villages(request.user, period)
    if requested := text_asked(request, "village"):
        found = _seen(request.user).filter(pk=key_of(requested))
    first = list(found.filter(pk__in=_seen(request.user, action).order_by().values("pk"))[:2])
    if requested and not first:
        raise Http404
    return first[0] if len(first) == 1 else None


def _may_open(user: User, indicator: Indicator, village: Unit) -> bool:
    """Whether the pages of the records are the user's to open: a list shows no more than they do."""
    action = indicator.model.view_action  # type: ignore[attr-defined]
    return _seen(user, action).filter(pk=village.pk).exists()


def _address(indicator: Indicator, village: Unit, period: Period) -> str:
    return reverse("inspections:fact-detail", args=[indicator.code], query={"village": village.pk, "quarter": period})


def _refused(request: UserRequest) -> HttpResponse:
    return filter_refused(request, reverse("inspections:fact-list", query=request.GET))


def _to_list(request: UserRequest) -> HttpResponse:
    return redirect(reverse("inspections:fact-list", query=request.GET))


def _figures(villages: Sequence[Unit], period: Period, now: datetime) -> list[list[Figure]]:
    """Each village's figures in the registry's order."""
    found = measures(villages, period, now)
    return [
        [Figure(one, found[village.pk][code], _address(one, village, period)) for code, one in INDICATORS.items()]
        for village in villages
    ]


def _summary(period: Period, now: datetime) -> Ledger:
    columns = [Column("村（社区）", 18), *(Column(indicator.name, 18) for indicator in INDICATORS.values())]

    def rows(queryset: QuerySet[Any]) -> Iterator[Sequence[Value]]:
        villages = list(queryset)
        for village, figures in zip(villages, _figures(villages, period, now), strict=True):
            yield [str(village), *(figure.words for figure in figures)]

    return Ledger("实测指标汇总", columns, rows, [f"{period.label}。每格为达标数/总数（达标率）。"], key="村（社区）")
