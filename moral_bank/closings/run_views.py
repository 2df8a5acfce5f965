"""Compute all villages of a period at once and watch how far the workers have come; show and lock those that are so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.due import CLOSES
from governance.errors import DomainError
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To
from governance.periods import Period, today
from governance.reading import text_sent
from moral_bank.closings.checks import hangs, unchanged
from moral_bank.closings.forms import PeriodForm, TakeDownForm
from moral_bank.closings.rows import closing_rows, jobs_of, villages_in
from moral_bank.closings.services import closing_lock, closing_publish, closing_request, closings_take_down
from moral_bank.models import Closing
from villages.models import Unit

BEHIND = ("village__parent", "notice", "rule_set")


@dataclass(frozen=True)
class Step:
    """公示 or 锁定 of all villages that are so far; `state` in which a closing waits for it."""

    word: str
    done: str
    state: str
    run: Callable[..., object]

    def ready(self, user: User, period: Period) -> QuerySet[Closing]:
        """Lists that are to be shown, or whose days of being shown are over."""
        closings = Closing.objects.visible_to(user, Action.CLOSING_RUN).for_period(period).filter(state=self.state)
        if self.state == Closing.State.COMPUTED:
            return closings.filter(household_count__gt=0)
        return closings.filter(CLOSES.of("notice").past(timezone.now()))


STEPS = {
    "publish": Step("公示", "已公示", Closing.State.COMPUTED, closing_publish),
    "lock": Step("锁定", "已锁定", Closing.State.NOTICED, closing_lock),
}


@duty_required(Action.CLOSING_RUN)
def closing_run(request: UserRequest) -> HttpResponse:
    if request.method == "POST":
        form = PeriodForm(request.POST)
        if form.is_valid():
            period, step = form.chosen(), text_sent(request, "step")
            done, refusals = _step_all(request.user, period, step) if step in STEPS else _request_all(request.user, period)
            if done:
                messages.success(request, f"{STEPS[step].done if step in STEPS else '已交后台计算'} {done} 个村。")
            elif not refusals:
                messages.info(request, "没有村有变动，不用计算。")
            for refusal in refusals:
                messages.error(request, refusal)
            return redirect(reverse("moral_bank:closing-run", query={"period": period}))
    else:
        form = PeriodForm(request.GET if "period" in request.GET else None)
    period = form.chosen()
    jobs = jobs_of(request.user, period)
    context = {
        "form": form,
        "period": period,
        "jobs": jobs,
        "hanging": 0 if jobs.queued else len(_to_take_down(request.user, period)),  # asked anew every second meanwhile
        "rows": closing_rows(request.user, villages_in(request.user, period).order_by("path"), period),
        "steps": [(name, step.word, count) for name, step in STEPS.items() if (count := step.ready(request.user, period).count())],
    }
    part = "#progress" if request.htmx and not request.htmx.boosted else ""
    return render(request, f"moral_bank/closings/run.html{part}", context)


@duty_required(Action.CLOSING_RUN)
def closing_take_down(request: UserRequest) -> HttpResponse:
    """Which running notices a computation would withdraw; nothing is withdrawn that is not ticked here, with a reason."""
    chosen = PeriodForm(request.GET if "period" in request.GET else None)
    period = chosen.chosen()
    closings = _to_take_down(request.user, period)
    form = TakeDownForm(**sent(request), closings=closings)
    run = To("全镇计算", "moral_bank:closing-run", query={"period": period})
    if act(request, form, closings_take_down, lambda rows: f"已撤回 {len(rows)} 个公示，已交后台计算。", by=request.user):
        return redirect(run.href)
    context = {"title": "撤回公示并重新计算", "button": "撤回所选公示并重新计算", "name": f"{period.label}撤回公示"}
    refusal = "" if closings else f"{period.label}没有须撤回的公示：正在公示的名单都没有变动。"
    hint = "下列公示正在进行，而记录、户或细则已有变动，或者异议成立。撤回后重新计算，再公示满公示期。"
    return form_page(request, form, up=run, hint=hint if closings else "", refusal=refusal, **context)


def _to_take_down(user: User, period: Period) -> list[Closing]:
    """Closings whose notice is running although its list is no longer right, or an objection to it was upheld."""
    closings = Closing.objects.visible_to(user, Action.CLOSING_RUN).for_period(period).select_related(*BEHIND)
    hanging = [row for row in closings.order_by("village__path") if row.state == Closing.State.NOTICED and hangs(row)]
    same = unchanged(hanging)
    return [row for row in hanging if row.pk not in same]


def _request_all(user: User, period: Period) -> tuple[int, list[str]]:
    """Ask for every village that has something new to compute; how many, and why others were refused, each reason once."""
    villages = Unit.objects.visible_to(user, Action.CLOSING_RUN).villages().on(today()).select_related("parent")
    closings = list(Closing.objects.visible_to(user).for_period(period).select_related(*BEHIND))
    same = unchanged([row for row in closings if row.job != Closing.Job.FAILED])
    settled = [row.village_id for row in closings if row.state == Closing.State.LOCKED or row.pk in same]
    return _each(
        (village, partial(closing_request, village=village, period=period, by=user)) for village in villages.exclude(pk__in=settled)
    )


def _step_all(user: User, period: Period, name: str) -> tuple[int, list[str]]:
    """Take the step in every village by itself; how many took it, and why the others did not."""
    step = STEPS[name]
    closings = step.ready(user, period).select_related("village").order_by("village__path")
    return _each((closing.village, partial(step.run, closing=closing, by=user)) for closing in closings)


def _each(works: Iterable[tuple[Unit, Callable[[], object]]]) -> tuple[int, list[str]]:
    """Do each village's work by itself; how many were done, and why the others were refused, each reason once."""
    done, refusals = 0, dict[str, None]()
    for village, work in works:
        try:
            work()
            done += 1
        except DomainError as error:
            refusals[f"{village}：{error.message}"] = None
    return done, list(refusals)
