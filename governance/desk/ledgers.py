"""Ledgers as Excel and on paper: every one a query over what was logged once (design §8; domain.md §12)."""

from __future__ import annotations

from itertools import islice
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.errors import DomainError
from governance.frame.act import press
from governance.frame.exports import Book, ledger_response
from governance.frame.filters import last_months
from governance.periods import Kind, Period, today
from governance.rooms import named
from villages.filters import InVillages
from villages.models import Unit

PRINTED = 2000


def books() -> dict[str, Book]:
    """Every room's ledgers by name, the upper rooms' first: the day's work before the points."""
    return {name: book for ledgers in reversed(list(named("ledgers"))) for name, book in ledgers.items()}


def _periods() -> list[Period]:
    """This year and the last one, and the last twelve months."""
    year = Period.of(Kind.YEAR, today())
    return [year, year.previous(), *last_months(12)]


def _choices() -> list[tuple[str, str]]:
    return [(str(period), period.label) for period in _periods()]


class LedgerFilter(InVillages):
    period = django_filters.ChoiceFilter(label="期间", choices=_choices, empty_label=None, method=lambda rows, name, value: rows)

    def chosen(self) -> Period:
        return Period.parse(self.value("period") or str(today().year))

    def rows_of(self, book: Book) -> QuerySet[Any]:
        """The rows that the user may export in the period and the village; where either is wrong, DomainError."""
        if not self.is_valid():
            raise DomainError("期间或村（社区）有误，请重新选定。", "filter")
        rows = book.rows(self.request.user, self.chosen())
        village = self.value("village")
        return rows.filter(**{book.village: village}) if village else rows


def _filter(request: UserRequest) -> LedgerFilter:
    return LedgerFilter(request.GET, Unit.objects.none(), request=request)


def _book(name: str) -> Book:
    book = books().get(name)
    if book is None:
        raise Http404
    return book


def _back(request: UserRequest) -> HttpResponse:
    return redirect(reverse("desk:ledger-list", query=request.GET))


@duty_required(Action.EXPORT)
def ledger_list(request: UserRequest) -> HttpResponse:
    names = [(name, book.ledger.title) for name, book in books().items()]
    context = {"form": _filter(request).form, "names": names, "query": request.GET.urlencode()}
    return render(request, "desk/ledger_list.html", context)


@duty_required(Action.EXPORT)
def ledger_export(request: UserRequest, name: str) -> HttpResponseBase:
    book, filters = _book(name), _filter(request)
    done = press(request, lambda: ledger_response(book.ledger, filters.rows_of(book), request=request))
    return done.result if done else _back(request)


@duty_required(Action.EXPORT)
def ledger_print(request: UserRequest, name: str) -> HttpResponse:
    book, filters = _book(name), _filter(request)
    done = press(request, lambda: list(islice(book.ledger.rows(filters.rows_of(book)), PRINTED)))
    if not done:
        return _back(request)
    printed = book.ledger.printed
    lines = [line[:printed] for line in done.result]
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"打印{book.ledger.title} {len(lines)} 行")
    context = {"title": book.ledger.title, "columns": book.ledger.columns[:printed], "lines": lines, "period": filters.chosen()}
    context["cut"] = PRINTED if len(lines) == PRINTED else 0
    return render(request, "desk/print_ledger.html", context)
