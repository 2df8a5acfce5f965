"""Ledgers as Excel and on paper: every one a query over what was logged once (design §8; domain.md §12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from governance.accounts.decorators import duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.cases.models import Case, Shift, Visit
from governance.cases.office_exports import CASES, DISPUTES, ERRANDS, SHIFTS, VISITS
from governance.desk.forms import VillageFilter
from governance.desk.requests import DeskRequest
from governance.errors import DomainError
from governance.periods import Kind, Period, today
from moral_bank.award_exports import HONOURS, NOMINATIONS
from moral_bank.award_models import Honour, Nomination
from moral_bank.claim_exports import APPEALS, CLAIMS
from moral_bank.market_exports import FUND, MOVES, REDEMPTIONS
from moral_bank.models import Appeal, Claim, CoverDay, FundMove, Move, Redemption, Sitting
from moral_bank.panel_exports import SITTINGS
from moral_bank.passbook_exports import COVER_DAYS
from villages.exports import Ledger, ledger_response

PRINTED = 2000


@dataclass(frozen=True)
class Book:
    """A ledger with the rows that `user` may export in a period; `village` is the look-up of a row's village."""

    ledger: Ledger
    rows: Callable[[User, Period], QuerySet[Any]]
    village: str = "village"


def _cases(kind: str) -> Callable[[User, Period], QuerySet[Any]]:
    logged = _at(Case, "logged_at")
    return lambda user, period: logged(user, period).filter(kind=kind)


def _on(model: Any, field: str) -> Callable[[User, Period], QuerySet[Any]]:
    """Rows by a day that they carry."""

    def rows(user: User, period: Period) -> QuerySet[Any]:
        found: QuerySet[Any] = model.objects.visible_to(user, Action.EXPORT)
        return found.filter(**{f"{field}__gte": period.start, f"{field}__lt": period.end})

    return rows


def _at(model: Any, field: str) -> Callable[[User, Period], QuerySet[Any]]:
    """Rows by an instant that they carry."""

    def rows(user: User, period: Period) -> QuerySet[Any]:
        begins, ends = period.bounds()
        found: QuerySet[Any] = model.objects.visible_to(user, Action.EXPORT)
        return found.filter(**{f"{field}__gte": begins, f"{field}__lt": ends})

    return rows


def _shifts(user: User, period: Period) -> QuerySet[Any]:
    rows = Shift.objects.visible_to(user, Action.EXPORT).published()
    return rows.filter(day__gte=period.start, day__lt=period.end)


def _nominations(user: User, period: Period) -> QuerySet[Any]:
    rows = Nomination.objects.visible_to(user, Action.EXPORT)
    return rows.filter(half__gte=Period.of(Kind.HALF, period.start).start, half__lt=period.end)


BOOKS = {
    "events": Book(CASES, _cases("event")),
    "disputes": Book(DISPUTES, _cases("dispute")),
    "errands": Book(ERRANDS, _cases("errand")),
    "visits": Book(VISITS, _at(Visit, "went_at")),
    "shifts": Book(SHIFTS, _shifts),
    "covers": Book(COVER_DAYS, _on(CoverDay, "day")),
    "claims": Book(CLAIMS, _on(Claim, "occurred_on"), "account__household__village"),
    "sittings": Book(SITTINGS, _on(Sitting, "held_on")),
    "appeals": Book(APPEALS, _at(Appeal, "received_at"), "account__household__village"),
    "nominations": Book(NOMINATIONS, _nominations),
    "honours": Book(HONOURS, _on(Honour, "granted_on")),
    "redemptions": Book(REDEMPTIONS, _on(Redemption, "on"), "shop__village"),
    "moves": Book(MOVES, _at(Move, "at"), "item__shop__village"),
    "fund": Book(FUND, _on(FundMove, "on"), "shop__village"),
}


class LedgerForm(VillageFilter):
    period = forms.ChoiceField(label="期间", required=False)

    field_order = ["period", "village"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["q"]
        self.fields["period"].choices = [(str(period), period.label) for period in _periods()]  # type: ignore[attr-defined]

    def period_chosen(self) -> Period:
        return Period.parse(self.value("period") or str(today().year))


def _periods() -> list[Period]:
    """This year and the last one, and the last twelve months."""
    year = Period.of(Kind.YEAR, today())
    months = [Period.of(Kind.MONTH, today())]
    for _ in range(11):
        months.append(months[-1].previous())
    return [year, year.previous(), *months]


def _rows(request: DeskRequest, name: str) -> tuple[Book, QuerySet[Any], LedgerForm]:
    book = BOOKS.get(name)
    if book is None:
        raise Http404
    form = LedgerForm(request.GET, user=request.user)
    rows = book.rows(request.user, form.period_chosen())
    village = form.value("village") if "village" in form.fields else None
    return book, rows.filter(**{book.village: village}) if village else rows, form


@duty_required(Action.EXPORT)
def ledger_list(request: DeskRequest) -> HttpResponse:
    form = LedgerForm(request.GET, user=request.user)
    names = [(name, book.ledger.title) for name, book in BOOKS.items()]
    return render(request, "cases/ledger_list.html", {"form": form, "names": names, "query": request.GET.urlencode()})


@duty_required(Action.EXPORT)
def ledger_export(request: DeskRequest, name: str) -> HttpResponseBase:
    book, rows, _ = _rows(request, name)
    try:
        return ledger_response(book.ledger, rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("desk:ledger-list")


@duty_required(Action.EXPORT)
def ledger_print(request: DeskRequest, name: str) -> HttpResponse:
    book, rows, form = _rows(request, name)
    lines = list(islice(book.ledger.rows(rows), PRINTED))
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"打印{book.ledger.title} {len(lines)} 行")
    context = {"title": book.ledger.title, "columns": book.ledger.columns, "lines": lines, "period": form.period_chosen()}
    context["cut"] = PRINTED if len(lines) == PRINTED else 0
    return render(request, "cases/print_ledger.html", context)
