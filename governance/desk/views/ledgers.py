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
    def rows(user: User, period: Period) -> QuerySet[Any]:
        begins, ends = period.bounds()
        found = Case.objects.visible_to(user, Action.EXPORT)
        return found.filter(kind=kind, logged_at__gte=begins, logged_at__lt=ends)

    return rows


def _visits(user: User, period: Period) -> QuerySet[Any]:
    begins, ends = period.bounds()
    return Visit.objects.visible_to(user, Action.EXPORT).filter(went_at__gte=begins, went_at__lt=ends)


def _shifts(user: User, period: Period) -> QuerySet[Any]:
    rows = Shift.objects.visible_to(user, Action.EXPORT).published()
    return rows.filter(day__gte=period.start, day__lt=period.end)


def _claims(user: User, period: Period) -> QuerySet[Any]:
    rows = Claim.objects.visible_to(user, Action.EXPORT)
    return rows.filter(occurred_on__gte=period.start, occurred_on__lt=period.end)


def _appeals(user: User, period: Period) -> QuerySet[Any]:
    begins, ends = period.bounds()
    return Appeal.objects.visible_to(user, Action.EXPORT).filter(received_at__gte=begins, received_at__lt=ends)


def _sittings(user: User, period: Period) -> QuerySet[Any]:
    rows = Sitting.objects.visible_to(user, Action.EXPORT)
    return rows.filter(held_on__gte=period.start, held_on__lt=period.end)


def _nominations(user: User, period: Period) -> QuerySet[Any]:
    rows = Nomination.objects.visible_to(user, Action.EXPORT)
    return rows.filter(half__gte=Period.of(Kind.HALF, period.start).start, half__lt=period.end)


def _honours(user: User, period: Period) -> QuerySet[Any]:
    rows = Honour.objects.visible_to(user, Action.EXPORT)
    return rows.filter(granted_on__gte=period.start, granted_on__lt=period.end)


def _cover_days(user: User, period: Period) -> QuerySet[Any]:
    rows = CoverDay.objects.visible_to(user, Action.EXPORT)
    return rows.filter(day__gte=period.start, day__lt=period.end)


def _redemptions(user: User, period: Period) -> QuerySet[Any]:
    rows = Redemption.objects.visible_to(user, Action.EXPORT)
    return rows.filter(on__gte=period.start, on__lt=period.end)


def _moves(user: User, period: Period) -> QuerySet[Any]:
    begins, ends = period.bounds()
    return Move.objects.visible_to(user, Action.EXPORT).filter(at__gte=begins, at__lt=ends)


def _fund(user: User, period: Period) -> QuerySet[Any]:
    rows = FundMove.objects.visible_to(user, Action.EXPORT)
    return rows.filter(on__gte=period.start, on__lt=period.end)


BOOKS = {
    "events": Book(CASES, _cases("event")),
    "disputes": Book(DISPUTES, _cases("dispute")),
    "errands": Book(ERRANDS, _cases("errand")),
    "visits": Book(VISITS, _visits),
    "shifts": Book(SHIFTS, _shifts),
    "covers": Book(COVER_DAYS, _cover_days),
    "claims": Book(CLAIMS, _claims, "account__household__village"),
    "sittings": Book(SITTINGS, _sittings),
    "appeals": Book(APPEALS, _appeals, "account__household__village"),
    "nominations": Book(NOMINATIONS, _nominations),
    "honours": Book(HONOURS, _honours),
    "redemptions": Book(REDEMPTIONS, _redemptions, "shop__village"),
    "moves": Book(MOVES, _moves, "item__shop__village"),
    "fund": Book(FUND, _fund, "shop__village"),
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
