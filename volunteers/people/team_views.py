"""服务队 on the desk: the list, one team, its members (plan §三.2)."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.act import act, form_page, press, sent
from governance.frame.lists import To, list_page
from villages.scope import get_visible_or_404
from volunteers.models import ServiceMember, ServiceTeam
from volunteers.people.forms import JoinForm, TeamForm
from volunteers.people.lists import TEAMS
from volunteers.people.teams import team_join, team_part, team_save

TO_LIST = To("服务队", "volunteers:team-list")


@duty_required(Action.VOLUNTEER_VIEW)
def team_list(request: UserRequest) -> HttpResponse:
    rows = ServiceTeam.objects.visible_to(request.user).select_related("village", "leader")
    return list_page(request, TEAMS, rows.annotate(people=Count("members")))


@duty_required(Action.VOLUNTEER_VIEW)
def team_detail(request: UserRequest, pk: int) -> HttpResponse:
    return _detail(request, _team(request.user, pk, Action.VOLUNTEER_VIEW), None)


@never_cache
@duty_required(Action.VOLUNTEER_EDIT)
def team_create(request: UserRequest) -> HttpResponse:
    form = TeamForm(**sent(request), user=request.user)
    done = act(request, form, team_save, "已新建，请加队员。", by=request.user)
    if done:
        return redirect("volunteers:team-detail", pk=done.result.pk)
    return form_page(request, form, title="新建服务队", up=TO_LIST)


@never_cache
@duty_required(Action.VOLUNTEER_EDIT)
def team_change(request: UserRequest, pk: int) -> HttpResponse:
    team = _team(request.user, pk, Action.VOLUNTEER_EDIT)
    initial = {name: getattr(team, name) for name in ("name", "kind", "leader", "is_active")}
    form = TeamForm(**sent(request), user=request.user, team=team, initial=initial)
    if act(request, form, team_save, "已保存。", by=request.user):
        return redirect("volunteers:team-detail", pk=pk)
    return form_page(request, form, title="修改服务队", up=To(team.name, "volunteers:team-detail", (pk,)))


@require_POST
@duty_required(Action.VOLUNTEER_EDIT)
def team_join_view(request: UserRequest, pk: int) -> HttpResponse:
    team = _team(request.user, pk, Action.VOLUNTEER_EDIT)
    form = JoinForm(**sent(request), user=request.user, team=team)
    if act(request, form, team_join, "已加入。", team=team, by=request.user):
        return redirect("volunteers:team-detail", pk=pk)
    return _detail(request, team, form)


@require_POST
@duty_required(Action.VOLUNTEER_EDIT)
def team_part_view(request: UserRequest, pk: int) -> HttpResponse:
    """`pk` is the member's."""
    teams = ServiceTeam.objects.visible_to(request.user, Action.VOLUNTEER_EDIT).order_by().values("pk")
    member = get_object_or_404(ServiceMember.objects.filter(team__in=teams).select_related("team", "volunteer"), pk=pk)
    words = f"{member.volunteer.name}已离队。"
    press(request, team_part, words, team=member.team, volunteer=member.volunteer, by=request.user)
    return redirect("volunteers:team-detail", pk=member.team_id)


def _detail(request: UserRequest, team: ServiceTeam, form: JoinForm | None) -> HttpResponse:
    may_edit = request.user.may(Action.VOLUNTEER_EDIT, team.village.path)
    context = {
        "team": team,
        "members": team.members.select_related("volunteer__village").order_by("volunteer__name_pinyin", "pk"),
        "may_edit": may_edit,
        "may_join": may_edit and team.is_active,
    }
    return form_page(request, form or JoinForm(user=request.user, team=team), "volunteers/people/team_detail.html", **context)


def _team(user: User, pk: int, action: Action) -> ServiceTeam:
    return get_visible_or_404(ServiceTeam.objects.select_related("village", "leader"), user, action, pk=pk)
