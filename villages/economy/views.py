"""Collective income on the desk: a year of all villages, a statement explained line by line, its steps (plan §三.3; mission M07)."""

from __future__ import annotations

from collections.abc import Callable

import django_filters
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, press, sent
from governance.frame.lists import To, filter_refused, sheet_or_back
from governance.periods import Kind, Period, today
from villages.economy import services
from villages.economy.exports import STATEMENTS
from villages.economy.figures import formula_of
from villages.economy.forms import StatementForm, WhyForm
from villages.economy.heads import FIRST_YEAR, scheme_of
from villages.economy.models import EconomyStatement
from villages.economy.rows import BAND_CHOICES, at_least_five, band_counts, explained, state_tag, totals_of, year_rows
from villages.filters import InVillages, villages_seen
from villages.models import Unit
from villages.scope import get_visible_or_404

UP = To("村集体经济", "villages:economy-list")
YEARS = 8
State = EconomyStatement.State


def _years() -> list[tuple[str, str]]:
    return [(str(period), period.label) for period in Period.of(Kind.YEAR, today()).back(YEARS)]


class EconomyFilter(InVillages):
    """One year, last year where the address names none: this year's is not said yet."""

    year = django_filters.ChoiceFilter(label="年度", empty_label=None, choices=_years)
    band = django_filters.ChoiceFilter(label="档次", choices=BAND_CHOICES, empty_label="全部", method="leave")

    def __init__(self, request: UserRequest, rows: QuerySet[EconomyStatement]) -> None:
        data = request.GET.copy()
        if not data.get("year"):
            data["year"] = str(today().year - 1)
        super().__init__(data, rows, request=request)

    def leave(self, rows: QuerySet[EconomyStatement], name: str, value: str) -> QuerySet[EconomyStatement]:
        """A band is computed, not stored: the page sorts its lines by it."""
        return rows

    @property
    def asked(self) -> int:
        return int(self.value("year") or today().year - 1)

    def villages(self, request: UserRequest) -> list[Unit]:
        found = villages_seen(request.user).select_related("parent").order_by("path")
        chosen = self.value("village") if "village" in self.filters else None
        return list(found.filter(pk=chosen) if chosen else found)


@duty_required(Action.ECONOMY_VIEW)
def economy_list(request: UserRequest) -> HttpResponse:
    statements = EconomyStatement.objects.visible_to(request.user)
    filters = EconomyFilter(request, statements)
    year = filters.asked
    everyone = year_rows(statements, filters.villages(request) if filters.is_valid() else [], year)
    band = filters.value("band") or ""
    rows = [row for row in everyone if band in ("", row.band)]
    sums, gain, standing = totals_of(rows, year)
    context = {
        "filters": filters, "year": year, "rows": rows, "heads": [head.name for head in scheme_of(year).heads if head.sign],
        "bands": [(label, count, _band_href(year, value)) for value, label, count in band_counts(everyone)],
        "sums": sums, "gain": gain, "standing": standing, "over_five": at_least_five(everyone), "formula": formula_of(year),
        "may_edit": request.user.may(Action.ECONOMY_EDIT), "may_export": request.user.may(Action.EXPORT),
        "may_import": request.user.may(Action.ECONOMY_CHECK),
    }  # fmt: skip
    return render(request, "villages/economy/year.html", context)


def _band_href(year: int, band: str) -> str:
    return reverse("villages:economy-list", query={"year": year, "band": band})


@require_safe
@duty_required(Action.EXPORT)
def economy_export(request: UserRequest) -> HttpResponseBase:
    """The year's statements of the villages that are chosen, with the versions that were put right."""
    rows = EconomyStatement.objects.visible_to(request.user, Action.EXPORT)
    filters = EconomyFilter(request, rows)
    back = f"{reverse('villages:economy-list')}?{request.GET.urlencode()}"
    if not filters.is_valid():
        return filter_refused(request, back)
    return sheet_or_back(request, STATEMENTS, filters.found(), back)


@duty_required(Action.ECONOMY_VIEW)
def economy_detail(request: UserRequest, pk: int) -> HttpResponse:
    statement = _statement(request, pk, Action.ECONOMY_VIEW)
    path, user = statement.village.path, request.user
    versions = EconomyStatement.objects.filter(village=statement.village, year=statement.year).order_by("-version")
    may_edit = user.may(Action.ECONOMY_EDIT, path)
    context = {
        "statement": statement,
        "lines": explained(statement),
        "tag": state_tag(statement),
        "scheme": scheme_of(statement.year),
        "formula": formula_of(statement.year),
        "versions": list(versions.select_related("drafted_by", "confirmed_by").prefetch_related("amounts")),
        "may_write": may_edit and statement.state == State.DRAFT,
        "may_correct": may_edit and statement.state == State.CONFIRMED,
        "may_check": user.may(Action.ECONOMY_CHECK, path) and statement.state == State.REPORTED,
    }
    return render(request, "villages/economy/detail.html", context)


@never_cache
@duty_required(Action.ECONOMY_EDIT)
def economy_write(request: UserRequest, pk: int, year: int) -> HttpResponse:
    """The statement of the village `pk`: begun, or its draft changed."""
    village = get_visible_or_404(Unit.objects.villages(), request.user, Action.ECONOMY_EDIT, pk=pk)
    if not FIRST_YEAR <= year <= today().year:
        raise Http404
    draft = EconomyStatement.objects.filter(village=village, year=year, state=State.DRAFT).first()
    form = StatementForm(**sent(request), year=year, initial=draft.fens if draft else {})
    words = "已保存为草稿，核对后请报镇。"
    if done := act(request, form, services.statement_write, words, village=village, year=year, by=request.user):
        return redirect("villages:economy-detail", pk=done.result.pk)
    hint = f"{scheme_of(year).name}的科目。单位是元，写到分；没有的填 0。"
    return form_page(request, form, title=f"{village}{year}年收支", hint=hint, button="保存草稿", up=UP)


@require_POST
@duty_required(Action.ECONOMY_EDIT)
def economy_report(request: UserRequest, pk: int) -> HttpResponse:
    statement = _statement(request, pk, Action.ECONOMY_EDIT)
    press(request, services.statement_report, "已报镇，等镇里核定。", statement=statement, by=request.user)
    return redirect("villages:economy-detail", pk=pk)


@require_POST
@duty_required(Action.ECONOMY_CHECK)
def economy_confirm(request: UserRequest, pk: int) -> HttpResponse:
    statement = _statement(request, pk, Action.ECONOMY_CHECK)
    press(request, services.statement_confirm, "已核定。", statement=statement, by=request.user)
    return redirect("villages:economy-detail", pk=pk)


@never_cache
@duty_required(Action.ECONOMY_CHECK)
def economy_return(request: UserRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, Action.ECONOMY_CHECK, services.statement_return, "退回村里", "已退回。")


@never_cache
@duty_required(Action.ECONOMY_EDIT)
def economy_correct(request: UserRequest, pk: int) -> HttpResponse:
    words = "已另起一版草稿，原来的一版在核定前仍然作数。"
    return _with_reason(request, pk, Action.ECONOMY_EDIT, services.statement_correct, "更正收支", words)


def _with_reason(
    request: UserRequest, pk: int, action: Action, service: Callable[..., EconomyStatement], title: str, words: str
) -> HttpResponse:
    statement, form = _statement(request, pk, action), WhyForm(**sent(request))
    if done := act(request, form, service, words, statement=statement, by=request.user):
        return redirect("villages:economy-detail", pk=done.result.pk)
    up = To(str(statement), "villages:economy-detail", (pk,))
    return form_page(request, form, title=title, hint=str(statement), button=title, up=up)


def _statement(request: UserRequest, pk: int, action: Action) -> EconomyStatement:
    rows = EconomyStatement.objects.select_related("village", "drafted_by", "confirmed_by")
    return get_visible_or_404(rows, request.user, action, pk=pk)
