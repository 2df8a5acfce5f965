"""季度督查 for the township office and its leaders: plan, teams, progress, hand-over, the committee (plan §四(三))."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.paging import page_of
from governance.periods import Period
from inspections.models import Round, Team
from inspections.rounds import computing, deciding
from inspections.rounds import services as rounds
from inspections.rounds.forms import DecideForm, PlanForm, RecusalForm, SendBackForm, TeamForm
from inspections.rounds.rows import recusals_of, replies_over, teams_of, village_rows

RELATED = ("township", "checklist", "planned_by", "decided_by")


@duty_required(Action.PLAN_VIEW)
def round_list(request: UserRequest) -> HttpResponse:
    scored = Count("cards", filter=Q(cards__scored_at__isnull=False), distinct=True)
    seen = Round.objects.visible_to(request.user).select_related("township")
    rows = seen.annotate(village_count=Count("cards", distinct=True), scored_count=scored).order_by("-quarter", "pk")
    context = {"page": page_of(request, rows), "may_plan": request.user.may(Action.ROUND_PLAN)}
    return render(request, "inspections/rounds/list.html", context)


@never_cache
@duty_required(Action.ROUND_PLAN)
def round_create(request: UserRequest) -> HttpResponse:
    user = request.user
    form = PlanForm(request.POST or None, user=user)

    def save() -> Round:
        quarter = Period.parse(form.cleaned_data["quarter"])
        return rounds.round_plan(township=form.cleaned_data["township"], quarter=quarter, plan=form.plan(), by=user)

    return _form_page(request, form, "编制督查方案", save, reverse("inspections:round-list"))


@duty_required(Action.PLAN_VIEW)
def round_detail(request: UserRequest, pk: int) -> HttpResponse:
    user, now = request.user, timezone.now()
    round = _round(user, pk)
    path = round.township.path
    rows = village_rows(round, user)
    context = {
        "round": round,
        "rows": rows,
        "ranked": sorted(rows, key=lambda row: (row.card.rank or 0, row.card.village.path)),
        "teams": teams_of(round),
        "recusals": recusals_of(round, user),
        "states": _states(round),
        "may_plan": user.may(Action.ROUND_PLAN, path),
        "may_decide": user.may(Action.ROUND_DECIDE, path),
        "blockers": deciding.decide_blockers(round, now) if round.state == Round.State.REPLYING else [],
        "replies_over": replies_over(round, now),
    }
    partial = "#cards" if request.htmx and not request.htmx.boosted else ""
    return render(request, f"inspections/rounds/detail.html{partial}", context)


@never_cache
@duty_required(Action.ROUND_PLAN)
def round_change_plan(request: UserRequest, pk: int) -> HttpResponse:
    round = _round(request.user, pk, Action.ROUND_PLAN)
    form = PlanForm(request.POST or None, user=request.user, round=round)
    return _form_page(
        request, form, "修改督查方案", lambda: rounds.round_change(round=round, plan=form.plan(), by=request.user), _back(round)
    )


@never_cache
@duty_required(Action.ROUND_PLAN)
def team_create(request: UserRequest, pk: int) -> HttpResponse:
    return _team_page(request, _round(request.user, pk, Action.ROUND_PLAN), None)


@never_cache
@duty_required(Action.ROUND_PLAN)
def team_change(request: UserRequest, pk: int, team_pk: int) -> HttpResponse:
    round = _round(request.user, pk, Action.ROUND_PLAN)
    return _team_page(request, round, get_object_or_404(Team, round=round, pk=team_pk))


@never_cache
@duty_required(Action.ROUND_PLAN)
def recusal_create(request: UserRequest, pk: int) -> HttpResponse:
    round = _round(request.user, pk, Action.ROUND_PLAN)
    form = RecusalForm(request.POST or None, round=round)
    return _form_page(
        request, form, "登记回避", lambda: rounds.recusal_add(**form.cleaned_data, by=request.user), _back(round)
    )


@never_cache
@duty_required(Action.ROUND_DECIDE)
def decide(request: UserRequest, pk: int) -> HttpResponse:
    round = _round(request.user, pk, Action.ROUND_DECIDE)
    form = DecideForm(request.POST or None)
    return _form_page(
        request, form, "登记党委审定意见",
        lambda: deciding.round_decide(round=round, by=request.user, **form.cleaned_data), _back(round),
    )  # fmt: skip


@never_cache
@duty_required(Action.ROUND_DECIDE)
def send_back(request: UserRequest, pk: int) -> HttpResponse:
    round = _round(request.user, pk, Action.ROUND_DECIDE)
    form = SendBackForm(request.POST or None)
    return _form_page(
        request, form, "退回重评",
        lambda: deciding.round_send_back(round=round, by=request.user, **form.cleaned_data), _back(round),
    )  # fmt: skip


STEPS: dict[str, tuple[Action, str, Callable[..., Any]]] = {
    "start": (Action.ROUND_PLAN, "样本已抽出，可以现场评分。", rounds.round_start),
    "compute": (Action.ROUND_PLAN, "已交后台汇总。", computing.round_request),
    "hand-over": (Action.ROUND_PLAN, "评分表已移交各村核对，三个工作日内可以申辩。", deciding.round_hand_over),
    "lock": (Action.ROUND_DECIDE, "已锁定，不能再改动。", deciding.round_lock),
}


@require_POST
@duty_required(Action.PLAN_VIEW)
def round_step(request: UserRequest, pk: int, step: str) -> HttpResponse:
    if step not in STEPS:
        raise Http404
    action, words, run = STEPS[step]
    round = _round(request.user, pk, action)
    try:
        run(round=round, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, words)
    return redirect("inspections:round-detail", pk=pk)


def _round(user: User, pk: int, action: Action | None = None) -> Round:
    return get_object_or_404(Round.objects.visible_to(user, action).select_related(*RELATED), pk=pk)


def _back(round: Round) -> str:
    return reverse("inspections:round-detail", args=[round.pk])


def _states(round: Round) -> list[tuple[str, str]]:
    """Each state's label, and whether it is done, now or still to come."""
    order = [state.value for state in Round.State]
    now = order.index(round.state)
    return [
        (Round.State(state).label, "done" if place < now else "now" if place == now else "")
        for place, state in enumerate(order)
    ]


def _team_page(request: UserRequest, round: Round, team: Team | None) -> HttpResponse:
    form = TeamForm(request.POST or None, round=round, team=team)
    title = f"调整{team.name}" if team else "新建督查组"

    def save() -> Team:
        return rounds.team_save(round=round, team=team, by=request.user, **form.chosen())

    return _form_page(request, form, title, save, _back(round))


def _form_page(
    request: UserRequest, form: Any, title: str, save: Callable[[], Any], back: str
) -> HttpResponse:
    """A form whose saving calls one service; what it refuses is shown above what was typed."""
    if request.method == "POST" and form.is_valid():
        try:
            made = save()
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "已保存。")
            return redirect("inspections:round-detail", pk=made.pk) if isinstance(made, Round) else redirect(back)
    context = {"form": form, "title": title, "back": back}
    return render(request, "inspections/rounds/form.html", context, status=422 if form.errors else 200)
