"""服务队 of a village: kept, joined, parted from (plan §三.2 十分钟应急服务, §三.4 党员志愿服务)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from governance.accounts.duties import Action, Duty
from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.periods import today
from villages.models import Post, Unit
from volunteers.models import Project, ServiceMember, ServiceTeam, Volunteer
from volunteers.people.errors import VolunteerError
from volunteers.people.fitness import may_do


def team_save(*, team: ServiceTeam, by: User) -> ServiceTeam:
    """Add or change a team; its leader is one of its members."""
    if not by.may(Action.VOLUNTEER_EDIT, team.village.path):
        raise VolunteerError("这个村（社区）的服务队不归您维护。", "scope")
    if team.leader is not None and not (team.pk and team.members.filter(volunteer=team.leader).exists()):
        raise VolunteerError("队长须是本队队员。", "team", field="leader")
    save_by(team, by, VolunteerError)
    return team


def team_join(
    *, team: ServiceTeam, volunteer: Volunteer, since: date | None = None, by: User, at: datetime | None = None
) -> ServiceMember:
    """A volunteer of the township joins; once."""
    with transaction.atomic():
        team = _locked(team, by)
        volunteer = Volunteer.objects.select_for_update(of=("self",)).get(pk=volunteer.pk)
        if volunteer.township_id != team.village.parent_id:
            raise VolunteerError("请选本镇的志愿者。", "scope", field="volunteer")
        if volunteer.state == Volunteer.State.LEFT or not team.is_active:
            raise VolunteerError("已退出的志愿者、已停用的服务队不能加人。", "state", field="volunteer")
        member = ServiceMember(team=team, volunteer=volunteer, since=since or today(at))
        save_by(member, by, VolunteerError)
    return member


def team_part(*, team: ServiceTeam, volunteer: Volunteer, by: User) -> None:
    """A member leaves the team; its leader leaves it without one."""
    with transaction.atomic():
        team = _locked(team, by)
        if not ServiceMember.objects.filter(team=team, volunteer=volunteer).delete()[0]:
            raise VolunteerError(f"{volunteer.name}不在这支队伍里。", "team")
        _unlead(team, volunteer, by)


def teams_leave(volunteer: Volunteer, by: User) -> None:
    """Whoever leaves the service leaves all teams; the caller holds the transaction."""
    for team in ServiceTeam.objects.filter(members__volunteer=volunteer).select_for_update(of=("self",)).order_by("pk"):
        _unlead(team, volunteer, by)
    ServiceMember.objects.filter(volunteer=volunteer).delete()


def on_call_posts(village: Unit, day: date) -> set[int]:
    """The posts of members of the village's 应急 teams who may do one of the township's emergency services on `day`."""
    emergencies = list(Project.objects.filter(township=village.parent_id, is_active=True, is_emergency=True))
    teams = ServiceTeam.objects.filter(village=village, kind=ServiceTeam.Kind.EMERGENCY, is_active=True)
    members = Volunteer.objects.active().filter(memberships__team__in=teams).prefetch_related("projects").distinct()
    fit = [one for one in members if any(not may_do(one, project, day) for project in emergencies)]
    people = Q(resident__in=[one.resident_id for one in fit if one.resident_id]) | Q(user__in=[one.user_id for one in fit if one.user_id])
    return set(Post.objects.current(day).filter(people, kind=Duty.VOLUNTEER, unit=village).values_list("pk", flat=True))


def _unlead(team: ServiceTeam, volunteer: Volunteer, by: User) -> None:
    if team.leader_id == volunteer.pk:
        team.leader = None
        save_by(team, by, VolunteerError, ["leader"])


def _locked(team: ServiceTeam, by: User) -> ServiceTeam:
    rows = ServiceTeam.objects.visible_to(by, Action.VOLUNTEER_EDIT).select_for_update(of=("self",)).select_related("village")
    found = rows.filter(pk=team.pk).first()
    if found is None:
        raise VolunteerError("这个村（社区）的服务队不归您维护。", "scope")
    return found
