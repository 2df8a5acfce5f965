"""季度督查 for the township office and its leaders: plan, teams, progress, hand-over, the committee (plan §四(三))."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.act import act, form_page, press, sent
from governance.frame.forms import PageForm
from governance.frame.lists import To, list_page
from inspections.models import Round, Team
from inspections.rounds import computing, deciding
from inspections.rounds import services as rounds
from inspections.rounds.forms import DecideForm, PlanForm, RecusalForm, SendBackForm, TeamForm
from inspections.rounds.lists import ROUNDS
from inspections.rounds.rows import recusals_of, teams_of, village_rows

RELATED = ("township", "checklist", "planned_by", "decided_by")


@duty_required(Action.PLAN_VIEW)
def round_list(request: UserRequest) -> HttpResponse:
    scored = Count("cards", filter=Q(cards__scored_at__isnull=False), distinct=True)
    rows = Round.objects.visible_to(request.user).annotate(village_count=Count("cards", distinct=True), scored_count=scored)
    return list_page(request, ROUNDS, rows)


@never_cache
@duty_required(Action.ROUND_PLAN)
def round_create(request: UserRequest) -> HttpResponse:
    form = PlanForm(**sent(request), user=request.user)
    if done := act(request, form, rounds.round_plan, "已保存。", by=request.user):
        return redirect("inspections:round-detail", pk=done.result.pk)
    return form_page(request, form, title="编制督查方案", up=To("季度督查", "inspections:round-list"))


@duty_required(Action.PLAN_VIEW)
def round_detail(request: UserRequest, pk: int) -> HttpResponse:
    user, now = request.user, timezone.now()
    inspection_round = _round(user, pk)
    path = inspection_round.township.path
    context = {
        "round": inspection_round,
        "rows": village_rows(inspection_round, user),
        "teams": teams_of(inspection_round),
        "recusals": recusals_of(inspection_round, user),
        "states": _states(inspection_round),
        "may_plan": user.may(Action.ROUND_PLAN, path),
        "may_decide": user.may(Action.ROUND_DECIDE, path),
        "blockers": deciding.decide_blockers(inspection_round, now) if inspection_round.state == Round.State.REPLYING else [],
    }
    partial = "#cards" if request.htmx and not request.htmx.boosted else ""
    return render(request, f"inspections/rounds/detail.html{partial}", context)


@never_cache
@duty_required(Action.ROUND_PLAN)
def round_change_plan(request: UserRequest, pk: int) -> HttpResponse:
    inspection_round = _round(request.user, pk, Action.ROUND_PLAN)
    form = PlanForm(**sent(request), user=request.user, inspection_round=inspection_round)
    return _part_page(request, inspection_round, form, "修改督查方案", rounds.round_change, inspection_round=inspection_round)


@never_cache
@duty_required(Action.ROUND_PLAN)
def team_create(request: UserRequest, pk: int) -> HttpResponse:
    inspection_round = _round(request.user, pk, Action.ROUND_PLAN)
    form = TeamForm(**sent(request), inspection_round=inspection_round)
    return _part_page(request, inspection_round, form, "新建督查组", rounds.team_save, inspection_round=inspection_round)


@never_cache
@duty_required(Action.ROUND_PLAN)
def team_change(request: UserRequest, pk: int, team_pk: int) -> HttpResponse:
    inspection_round = _round(request.user, pk, Action.ROUND_PLAN)
    team = get_object_or_404(Team, round=inspection_round, pk=team_pk)
    form = TeamForm(**sent(request), inspection_round=inspection_round, team=team)
    return _part_page(request, inspection_round, form, f"调整{team.name}", rounds.team_save, inspection_round=inspection_round, team=team)


@never_cache
@duty_required(Action.ROUND_PLAN)
def recusal_create(request: UserRequest, pk: int) -> HttpResponse:
    inspection_round = _round(request.user, pk, Action.ROUND_PLAN)
    form = RecusalForm(**sent(request), inspection_round=inspection_round)
    return _part_page(request, inspection_round, form, "登记回避", rounds.recusal_add)


@never_cache
@duty_required(Action.ROUND_DECIDE)
def decide(request: UserRequest, pk: int) -> HttpResponse:
    inspection_round = _round(request.user, pk, Action.ROUND_DECIDE)
    form = DecideForm(**sent(request))
    return _part_page(request, inspection_round, form, "登记党委审定意见", deciding.round_decide, inspection_round=inspection_round)


@never_cache
@duty_required(Action.ROUND_DECIDE)
def send_back(request: UserRequest, pk: int) -> HttpResponse:
    inspection_round = _round(request.user, pk, Action.ROUND_DECIDE)
    form = SendBackForm(**sent(request))
    return _part_page(request, inspection_round, form, "退回重评", deciding.round_send_back, inspection_round=inspection_round)


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
    press(request, run, words, inspection_round=_round(request.user, pk, action), by=request.user)
    return redirect("inspections:round-detail", pk=pk)


def _round(user: User, pk: int, action: Action | None = None) -> Round:
    return get_object_or_404(Round.objects.visible_to(user, action).select_related(*RELATED), pk=pk)


def _states(inspection_round: Round) -> list[tuple[str, str]]:
    """Each state's label, and whether it is done, now or still to come."""
    order = [state.value for state in Round.State]
    now = order.index(inspection_round.state)
    return [
        (Round.State(state).label, "done" if place < now else "now" if place == now else "")
        for place, state in enumerate(order)
    ]


def _part_page(
    request: UserRequest, inspection_round: Round, form: PageForm, title: str, service: Callable[..., Any], /, **fixed: Any
) -> HttpResponse:
    """A form about a round; when it is saved, back to the round."""
    if act(request, form, service, "已保存。", by=request.user, **fixed):
        return redirect("inspections:round-detail", pk=inspection_round.pk)
    return form_page(request, form, title=title, up=To("季度督查", "inspections:round-detail", (inspection_round.pk,)))
