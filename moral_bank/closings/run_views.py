"""Compute all villages of a period at once and watch how far the workers have come."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.periods import Period, today
from moral_bank.closings.forms import PeriodForm
from moral_bank.closings.rows import closing_rows, jobs_of, villages_in
from moral_bank.closings.services import closing_request
from moral_bank.models import Closing
from villages.models import Unit


@duty_required(Action.CLOSING_RUN)
def closing_run(request: UserRequest) -> HttpResponse:
    if request.method == "POST":
        form = PeriodForm(request.POST)
        if form.is_valid():
            period = form.chosen()
            for refusal in _request_all(request.user, period):
                messages.error(request, refusal)
            return redirect(reverse("moral_bank:closing-run", query={"period": period}))
    else:
        form = PeriodForm(request.GET if "period" in request.GET else None)
    period = form.chosen()
    context = {
        "form": form,
        "period": period,
        "jobs": jobs_of(request.user, period),
        "rows": closing_rows(request.user, villages_in(request.user, period).order_by("path"), period),
    }
    partial = "#progress" if request.htmx and not request.htmx.boosted else ""
    return render(request, f"moral_bank/closings/run.html{partial}", context)


def _request_all(user: User, period: Period) -> list[str]:
    """Ask for every village that is not locked; returns why some were refused, each reason once."""
    villages = Unit.objects.visible_to(user, Action.CLOSING_RUN).villages().on(today()).select_related("parent")
    locked = Closing.objects.visible_to(user).for_period(period).filter(state=Closing.State.LOCKED)
    refusals: dict[str, None] = {}
    for village in villages.exclude(pk__in=locked.values("village")):
        try:
            closing_request(village=village, period=period, by=user)
        except DomainError as error:
            refusals[f"{village}：{error.message}"] = None
    return list(refusals)
