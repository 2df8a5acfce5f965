"""Ledgers as Excel and on paper: every one a query over what was logged once (design §8; domain.md §12)."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.errors import DomainError
from governance.frame.exports import Book, ledger_response
from governance.periods import Kind, Period, today
from governance.rooms import named
from villages.filters import VillageFilter

PRINTED = 2000


def books() -> dict[str, Book]:
    """Every room's ledgers by name, the upper rooms' first: the day's work before the points."""
    return {name: book for ledgers in reversed(list(named("ledgers"))) for name, book in ledgers.items()}


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


def _rows(request: UserRequest, name: str) -> tuple[Book, QuerySet[Any], LedgerForm]:
    book = books().get(name)
    if book is None:
        raise Http404
    form = LedgerForm(request.GET, user=request.user)
    rows = book.rows(request.user, form.period_chosen())
    village = form.value("village") if "village" in form.fields else None
    return book, rows.filter(**{book.village: village}) if village else rows, form


@duty_required(Action.EXPORT)
def ledger_list(request: UserRequest) -> HttpResponse:
    form = LedgerForm(request.GET, user=request.user)
    names = [(name, book.ledger.title) for name, book in books().items()]
    return render(request, "desk/ledger_list.html", {"form": form, "names": names, "query": request.GET.urlencode()})


@duty_required(Action.EXPORT)
def ledger_export(request: UserRequest, name: str) -> HttpResponseBase:
    book, rows, _ = _rows(request, name)
    try:
        return ledger_response(book.ledger, rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("desk:ledger-list")


@duty_required(Action.EXPORT)
def ledger_print(request: UserRequest, name: str) -> HttpResponse:
    book, rows, form = _rows(request, name)
    lines = list(islice(book.ledger.rows(rows), PRINTED))
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"打印{book.ledger.title} {len(lines)} 行")
    context = {"title": book.ledger.title, "columns": book.ledger.columns, "lines": lines, "period": form.period_chosen()}
    context["cut"] = PRINTED if len(lines) == PRINTED else 0
    return render(request, "desk/print_ledger.html", context)
