"""What 户月评 puts on paper: a private 整改提醒 for each household that is not clean, and 清洁牌 for the doors (plan §三.4)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.reading import month_asked
from inspections.checks.walk import check_words
from inspections.models import HouseholdCheck, Plate
from villages.models import Unit
from villages.scope import get_visible_or_404

PRINTED = 300


@duty_required(Action.CHECK_SCORE)
def check_reminders(request: UserRequest, unit: int) -> HttpResponse:
    """One slip a household, handed over in person; nothing of it is published."""
    return _paper(request, unit, "reminders", poor_only=True)


@duty_required(Action.CHECK_SCORE)
def check_plates(request: UserRequest, unit: int) -> HttpResponse:
    return _paper(request, unit, "plates", poor_only=False)


def _paper(request: UserRequest, unit: int, paper: str, *, poor_only: bool) -> HttpResponse:
    place = get_visible_or_404(Unit.objects.all(), request.user, Action.CHECK_SCORE, pk=unit)
    month = month_asked(request)
    rows = HouseholdCheck.objects.visible_to(request.user, Action.CHECK_SCORE)
    rows = rows.filter(household__unit=place, month=month.start)
    if poor_only:
        rows = rows.exclude(plate=Plate.CLEAN)
    ordered = rows.select_related("household__village", "household__unit", "by")
    checks = list(ordered.order_by("household__walk_order__position", "household__number_key", "pk")[:PRINTED])
    words = check_words(checks)
    context = {"unit": place, "month": month, "slips": [(check, words[check.pk]) for check in checks]}
    return render(request, f"inspections/checks/print_{paper}.html", context)
