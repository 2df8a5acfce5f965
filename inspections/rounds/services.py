"""A quarter's inspection from plan to scoring: rounds, teams, villages, samples (plan §四(三); mission M34)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import TOWN_OFFICES, Action
from governance.accounts.models import User
from governance.cases.models import Case
from governance.frame.saving import save_by
from governance.periods import Kind, Period, today
from inspections.conflicts import conflicts_refuse
from inspections.errors import InspectionError
from inspections.models import Checklist, Recusal, Round, Sample, Scorecard, Team, TeamMember
from inspections.rounds.computing import round_compute
from inspections.rounds.sampling import draw
from villages.models import Household, Post, Unit

SEED_BYTES = 8


@dataclass(frozen=True)
class Plan:
    """What a 督查方案 says: when, on what card, how many are sampled in each village."""

    checklist: Checklist
    opens_on: date
    closes_on: date
    focus: str = ""
    household_count: int = 5
    site_count: int = 2
    case_count: int = 3


def round_plan(*, township: Unit, quarter: Period, plan: Plan, by: User, at: datetime | None = None) -> Round:
    """Draw up the quarter's inspection with a card for every village that stands on the quarter's last day."""
    now = at or timezone.now()
    _may_plan(by, township)
    _check_card(plan.checklist, township, quarter)
    with transaction.atomic():
        found = Round(
            township=township,
            quarter=quarter.start,
            name=f"{township.name}{quarter.label}城乡基层治理专项督查",
            seed=secrets.token_hex(SEED_BYTES),
            planned_by=by,
            planned_at=now,
            **vars(plan),
        )
        save_by(found, by, InspectionError)
        villages = round_villages(found)
        Scorecard.objects.bulk_create([Scorecard(round=found, village=village) for village in villages])
    return found


def round_change(*, inspection_round: Round, plan: Plan, by: User) -> Round:
    """Change the plan while it is one."""
    with transaction.atomic():
        row = round_take(inspection_round, by, Action.ROUND_PLAN, Round.State.PLANNED)
        _check_card(plan.checklist, row.township, row.period)
        for name, value in vars(plan).items():
            setattr(row, name, value)
        save_by(row, by, InspectionError)
    return row


def round_villages(inspection_round: Round) -> list[Unit]:
    """The villages that stand on the quarter's last day, in the order of the tree."""
    last = inspection_round.period.end - timedelta(days=1)
    return list(Unit.objects.villages().filter(parent=inspection_round.township_id).on(last).order_by("path"))


def team_save(
    *, inspection_round: Round, name: str, members: Sequence[User], head: User, villages: Sequence[Unit], by: User,
    team: Team | None = None, at: datetime | None = None,
) -> Team:  # fmt: skip
    """Make or change a team: who, led by whom, for which villages. Own village and kin are refused, by name.

    A village belongs to one team; those that the team had and has no more are left without one.
    """
    now = at or timezone.now()
    with transaction.atomic():
        row = round_take(inspection_round, by, Action.ROUND_PLAN, Round.State.PLANNED, Round.State.SCORING)
        _check_team(row, name, members, head, villages, today(now))
        if team is None:
            team = Team(round=row)
        elif team.round_id != row.pk:
            raise InspectionError("这个督查组不属于这次督查。", "scope")
        _check_free(row, team, members)
        team.name = name.strip()
        if Team.objects.filter(round=row, name=team.name).exclude(pk=team.pk).exists():
            raise InspectionError(f"已有叫“{team.name}”的督查组。", "need")
        team.save()
        Scorecard.objects.filter(round=row, team=team).exclude(village__in=villages).update(team=None)
        TeamMember.objects.filter(team=team).exclude(user__in=members).delete()
        for user in members:
            TeamMember.objects.update_or_create(team=team, user=user, defaults={"is_head": user == head})
        Scorecard.objects.filter(round=row, village__in=villages).update(team=team)
    return team


def recusal_add(*, user: User, village: Unit, reason: str, by: User, at: datetime | None = None) -> Recusal:
    """Write down why somebody must not inspect a village; refused while they are on its team."""
    if not by.may(Action.ROUND_PLAN, village.path):
        raise InspectionError("这个村的回避不归您登记。", "scope")
    if not reason.strip():
        raise InspectionError("请写明回避原因。", "need")
    on_team = TeamMember.objects.filter(user=user, team__cards__village=village)
    if on_team.exclude(team__round__state=Round.State.LOCKED).exists():
        raise InspectionError("这名成员正在督查这个村，请先调整督查组再登记回避。", "state")
    row = Recusal(user=user, village=village, reason=reason.strip(), by=by, at=at or timezone.now())
    save_by(row, by, InspectionError)
    return row


def round_start(*, inspection_round: Round, by: User, at: datetime | None = None) -> Round:
    """Draw every village's sample by the seed, take the first figures and open the scoring; a village without a team is named."""
    now = at or timezone.now()
    with transaction.atomic():
        row = round_take(inspection_round, by, Action.ROUND_PLAN, Round.State.PLANNED)
        cards = list(Scorecard.objects.filter(round=row).select_related("village").order_by("village__path"))
        alone = [str(card.village) for card in cards if card.team_id is None]
        if alone or not cards:
            raise InspectionError(f"还没有安排督查组：{'、'.join(alone) or '没有村（社区）'}。", "need")
        Sample.objects.bulk_create([sample for card in cards for sample in _samples(row, card, today(now))])
        row.state = Round.State.SCORING
        save_by(row, by, InspectionError, ["state"])
        return round_compute(row.pk, now)


def inspectors(township: Unit, on: date) -> list[User]:
    """Who may be on a team: holders of the township's own duties on `on`."""
    posts = Post.objects.current(on).filter(unit=township, kind__in=TOWN_OFFICES, user__isnull=False)
    return list(User.objects.filter(posts__in=posts, is_active=True).distinct().order_by("name", "pk"))


def round_take(inspection_round: Round, by: User, action: Action, *states: str) -> Round:
    """The round under its lock, if `by` may and it stands in one of `states` (any, if none is given)."""
    row = Round.objects.select_for_update(of=("self",)).select_related("township", "checklist").get(pk=inspection_round.pk)
    if not by.may(action, row.township.path):
        raise InspectionError("这次督查不归您办理。", "scope")
    if row.state == Round.State.LOCKED:
        raise InspectionError(f"{row}已锁定，不能再改动。", "locked")
    if states and row.state not in states:
        raise InspectionError(f"{row}现在是“{row.get_state_display()}”，不能办这一步。", "state")
    return row


def _samples(inspection_round: Round, card: Scorecard, on: date) -> list[Sample]:
    """What the seed draws for one village, as unsaved rows."""
    village = card.village
    households = Household.objects.filter(village=village, ended_on=None)
    sites = Unit.objects.within(village).filter(level=Unit.Level.SETTLEMENT).on(on)
    begin, end = inspection_round.period.bounds()
    cases = Case.objects.filter(village=village, private=False, logged_at__gte=begin, logged_at__lt=end)
    sorts: Mapping[str, tuple[list[int], int, str]] = {
        Sample.Kind.HOUSEHOLD: (_keys(households), inspection_round.household_count, "household_id"),
        Sample.Kind.SITE: (_keys(sites), inspection_round.site_count, "unit_id"),
        Sample.Kind.CASE: (_keys(cases), inspection_round.case_count, "case_id"),
    }
    return [
        Sample(card=card, kind=kind, position=position, **{field: key})
        for kind, (keys, count, field) in sorts.items()
        for position, key in enumerate(draw(inspection_round.seed, village.code, str(kind), keys, count), 1)
    ]


def _keys(rows: object) -> list[int]:
    return list(rows.order_by().values_list("pk", flat=True))  # type: ignore[attr-defined]


def _may_plan(by: User, township: Unit) -> None:
    if township.level != Unit.Level.TOWNSHIP or not by.may(Action.ROUND_PLAN, township.path):
        raise InspectionError("这个乡镇的督查不归您编制。", "scope")


def _check_card(checklist: Checklist, township: Unit, quarter: Period) -> None:
    if quarter.kind != Kind.QUARTER:
        raise InspectionError("督查按季度进行。", "date")
    if checklist.township_id != township.pk or checklist.use != Checklist.Use.QUARTER:
        raise InspectionError("请选本乡镇的季度督查检查表。", "card")
    if checklist.state != Checklist.State.ADOPTED:
        raise InspectionError(f"{checklist}还没有启用，请先启用。", "card")


def _check_team(inspection_round: Round, name: str, members: Sequence[User], head: User, villages: Sequence[Unit], on: date) -> None:
    if not name.strip():
        raise InspectionError("请写督查组的名称。", "need")
    if not members or head not in members:
        raise InspectionError("请选组员，组长须是组员之一。", "need")
    allowed = inspectors(inspection_round.township, on)
    strangers = [user.name for user in members if user not in allowed]
    if strangers:
        raise InspectionError(f"{'、'.join(strangers)}不是本乡镇的工作人员、领导或督查员，不能当督查组成员。", "scope")
    its = {village.pk for village in round_villages(inspection_round)}
    for village in villages:
        if village.pk not in its:
            raise InspectionError(f"{village}不在这次督查的范围里。", "scope")
        conflicts_refuse(users=members, village=village, on=on)


def _check_free(inspection_round: Round, team: Team, members: Sequence[User]) -> None:
    taken = TeamMember.objects.filter(team__round=inspection_round, user__in=members).exclude(team=team.pk or 0)
    busy = [f"{row.user.name}（{row.team.name}）" for row in taken.select_related("user", "team")]
    if busy:
        raise InspectionError(f"已在别的督查组：{'、'.join(busy)}。", "need")
