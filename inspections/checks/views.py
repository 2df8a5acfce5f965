"""户月评: the overview, the walk on one thumb, one household by a plain form, results (plan §三.4 一月一评)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.act import act, form_page, press, sent
from governance.frame.lists import To, list_export, list_page
from governance.periods import Kind, Period, month_or_this, today
from governance.reading import month_asked, text_asked, text_sent
from inspections.checks.exports import CHECKS
from inspections.checks.forms import CheckForm
from inspections.checks.lists import LEDGER, PlaceFilter, ResultFilter, places, results
from inspections.checks.rows import fault_buttons, homes_seen, places_of_homes, sums_of, walk_lines
from inspections.checks.services import bars_of, check_card, check_day, household_check, months_open, walk_order_set
from inspections.checks.walk import households_in_walk, walk_rows
from inspections.models import Checklist, HouseholdCheck
from villages.models import Household, Unit
from villages.scope import get_visible_or_404
from villages.units.lineage import village_of


@duty_required(Action.CHECK_VIEW)
def check_list(request: UserRequest) -> HttpResponse:
    """Every place with households: how many are judged this month, and how."""
    filters = PlaceFilter(request.GET, Unit.objects.none(), request=request)
    user, village, month = request.user, filters.value("village"), filters.period
    homes, this = homes_seen(user, village), Period.of(Kind.MONTH, today())
    sums = sums_of(user, village, homes, month)
    judged = bool(sums.done) if sums else HouseholdCheck.objects.visible_to(user).filter(month=month.start).exists()
    context: dict[str, Any] = {
        "query": "" if month == this else f"?month={month}",
        "sums": sums,
        "may_walk": user.may(Action.CHECK_SCORE) and month in (this, this.previous()),
    }
    rows = places_of_homes(user, homes)
    return list_page(request, places(month, exported=judged), rows, "inspections/checks/list.html", **context)


@duty_required(Action.EXPORT)
def check_export(request: UserRequest) -> HttpResponseBase:
    """户月评台账 of a month, of one village or place if asked for, at places where the user may export."""
    rows = HouseholdCheck.objects.visible_to(request.user, Action.EXPORT)
    return list_export(request, LEDGER, rows, CHECKS, "inspections:check-list")


@never_cache
@duty_required(Action.CHECK_SCORE)
def check_walk(request: UserRequest, unit: int) -> HttpResponse:
    """A whole settlement on one page, so that it can be judged without signal; without scripts a list of plain forms."""
    user, place = request.user, _place(request, unit, Action.CHECK_SCORE)
    month, this = month_asked(request), Period.of(Kind.MONTH, today())
    checklist, problem, months = _card(place, month)
    rows = walk_rows(user, place, month, checklist)
    context = {
        "unit": place,
        "month": month,
        "is_current": month == this,
        "others": [other for other in months if other != month],
        "groups": fault_buttons(checklist) if checklist and not problem else [],
        "problem": problem,
        "lines": walk_lines(rows),
        "done": sum(row.check is not None for row in rows),
    }
    return render(request, "inspections/checks/walk.html", context)


def _card(place: Unit, month: Period) -> tuple[Checklist | None, str, list[Period]]:
    """(the card of a month, why nothing can be judged or "", the months that are open)."""
    village, now = village_of(place), timezone.now()
    if village is None:
        return None, "户月评按村（社区）以下的聚居点或组来评，请选聚居点。", []
    months = months_open(village, now)
    if month not in months:
        return None, f"{month.label}不能评了：只能评本月，和还没有锁定的上月。", months
    try:
        return check_card(village, check_day(month, now)).checklist, "", months
    except DomainError as error:
        return None, error.message, months


@never_cache
@duty_required(Action.CHECK_SCORE)
def check_household(request: UserRequest, pk: int) -> HttpResponse:
    """One household by a plain form; after saving, the next one that is not judged."""
    user = request.user
    homes = Household.objects.select_related("village", "unit")
    home = get_visible_or_404(homes, user, Action.CHECK_SCORE, pk=pk)
    month = month_or_this(text_sent(request, "month") or text_asked(request, "month"))
    check = HouseholdCheck.objects.filter(household=home, month=month.start).first()
    initial = {"client_key": uuid4(), "household": home.pk, "month": month, "note": check.note if check else ""}
    form = CheckForm(**sent(request), user=user, home=home, initial=initial)
    if act(request, form, household_check, _judged, by=user):
        return redirect(_onward(user, home, month))
    checklist, problem, _ = _card(home.unit, month)
    kept = {int(item): cases for item, cases in check.faults.items()} if check else {}
    context = {
        "title": home.head_name,
        "name": f"户月评 {home.head_name}",
        "up": To(str(home.unit), "inspections:check-walk", (home.unit_id,), query={"month": month}),
        "button": "记下，下一户",
        "household": home,
        "month": month,
        "check": check,
        "groups": fault_buttons(checklist, form.faults() if form.is_bound else kept) if checklist else [],
        "refusal": bars_of(user).reason(home) or problem,
    }
    return form_page(request, form, "inspections/checks/form.html", **context)


def _judged(check: HouseholdCheck) -> str:
    return f"{check.household.head_name}户：{check.get_plate_display()}，{check.score_words} 分。"


def _onward(user: User, home: Household, month: Period) -> str:
    """The form of the next household on the walk that is not judged, else the walk."""
    rows = walk_rows(user, home.unit, month, None)
    at = next((place for place, row in enumerate(rows) if row.household == home), 0)
    for row in rows[at + 1 :] + rows[:at]:
        if row.check is None and not row.refusal:
            return _address("inspections:check-household", row.household.pk, month)
    return _address("inspections:check-walk", home.unit_id, month)


def _address(name: str, pk: int, month: Period) -> str:
    return reverse(name, args=[pk], query={"month": month})


@duty_required(Action.CHECK_VIEW)
def check_results(request: UserRequest, unit: int) -> HttpResponse:
    """One place's month: each household's plate, points and faults."""
    user, place = request.user, _place(request, unit, Action.CHECK_VIEW)
    rows = HouseholdCheck.objects.visible_to(user).filter(household__unit=place).select_related("household", "by")
    filters = ResultFilter(request.GET, rows, request=request)
    month, valid = filters.period, filters.is_valid()
    judged = valid and rows.filter(month=month.start).exists()
    may_score = valid and user.may(Action.CHECK_SCORE, place.path)
    return list_page(request, results(place, month, judged=judged, may_score=may_score), rows)


@never_cache
@duty_required(Action.CHECK_SCORE)
def check_order(request: UserRequest, unit: int) -> HttpResponse:
    """The walking order: a figure for each household; equal figures keep their order, the one that was changed first."""
    user, place = request.user, _place(request, unit, Action.CHECK_SCORE)
    homes = list(households_in_walk(user, place, Period.of(Kind.MONTH, today())))
    if request.method == "POST":
        press(request, walk_order_set, "走访顺序已保存。", unit=place, households=_ordered(homes, request), by=user)
        return redirect("inspections:check-order", unit=place.pk)
    return render(request, "inspections/checks/order.html", {"unit": place, "homes": homes})


def _ordered(homes: list[Household], request: UserRequest) -> list[Household]:
    """`homes` by the figures that were typed; what is no figure stays where it was."""

    def place(numbered: tuple[int, Household]) -> tuple[int, bool, int]:
        number, home = numbered
        text = text_sent(request, f"place-{home.pk}").strip()
        typed = int(text) if text.isdecimal() and len(text) < 5 else number
        return typed, typed == number, number

    return [home for _, home in sorted(enumerate(homes, 1), key=place)]


def _place(request: UserRequest, unit: int, action: Action) -> Unit:
    return get_visible_or_404(Unit.objects.all(), request.user, action, pk=unit)
