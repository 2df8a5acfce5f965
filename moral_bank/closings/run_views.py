"""Compute all villages of a period at once and watch how far the workers have come; show and lock those that are so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
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
from moral_bank.closings.services import closing_lock, closing_publish, closing_request
from moral_bank.models import Closing
from villages.models import Unit


@dataclass(frozen=True)
class Step:
    """公示 or 锁定 of all villages that are so far; `state` in which a closing waits for it."""

    word: str
    state: str
    run: Callable[..., object]

    def ready(self, user: User, period: Period) -> QuerySet[Closing]:
        """Lists that are to be shown, or whose days of being shown are over."""
        closings = Closing.objects.visible_to(user, Action.CLOSING_RUN).for_period(period).filter(state=self.state)
        if self.state == Closing.State.COMPUTED:
            return closings.filter(household_count__gt=0)
        return closings.filter(notice__closes_on__lt=today())


STEPS = {
    "publish": Step("公示", Closing.State.COMPUTED, closing_publish),
    "lock": Step("锁定", Closing.State.NOTICED, closing_lock),
}


@duty_required(Action.CLOSING_RUN)
def closing_run(request: UserRequest) -> HttpResponse:
    if request.method == "POST":
        form = PeriodForm(request.POST)
        if form.is_valid():
            period, step = form.chosen(), request.POST.get("step", "")
            done, refusals = _step_all(request.user, period, step) if step in STEPS else (0, _request_all(request.user, period))
            if done:
                messages.success(request, f"已{STEPS[step].word} {done} 个村。")
            for refusal in refusals:
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
        "steps": [(name, step.word, count) for name, step in STEPS.items() if (count := step.ready(request.user, period).count())],
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


def _step_all(user: User, period: Period, name: str) -> tuple[int, list[str]]:
    """Take the step in every village by itself; how many took it, and why the others did not."""
    step, done = STEPS[name], 0
    refusals: dict[str, None] = {}
    for closing in step.ready(user, period).select_related("village").order_by("village__path"):
        try:
            step.run(closing=closing, by=user)
            done += 1
        except DomainError as error:
            refusals[f"{closing.village}：{error.message}"] = None
    return done, list(refusals)
