"""评议小组 and 评议会: who judges, what they judged, and every vote behind it (plan §三.4; domain.md §7; mission M23).

A claim needs three members who vote and more than half of them in favour. Who belongs to the household by the register can
only be recused. What is granted may be less than what was judged, where a cap is reached (`moral_bank.caps`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.saving import save_by
from governance.periods import Kind, Period, today
from moral_bank.claims.caps import granted
from moral_bank.claims.services import Rules, month_of
from moral_bank.ledger.month_locks import months_share
from moral_bank.models import Appeal, Claim, Judgement, PanelMember, Sitting, Vote
from villages.models import Household, Placement, Resident, Unit

LEAST_VOTING = 3
CAPPED = "已到上限"
KIN = "与申报户同户"
REASON_LENGTH, RECUSAL_LENGTH, NOTE_LENGTH = 200, 100, 200


class PanelError(DomainError):
    """What a panel's rules refuse: `scope`, `member`, `date`, `kin`, `vote`, `quorum`, `majority`, `score`, `reason`, `state`,
    `empty`. `claim` is the one it is about, if it is about one."""

    def __init__(self, message: str, code: str = "invalid", claim: Claim | None = None) -> None:
        super().__init__(f"{claim_words(claim)}：{message}" if claim else message, code)
        self.claim = claim


@dataclass(frozen=True)
class Verdict:
    """What was decided on one claim. `votes`: member id → (choice, reason of a recusal) for everyone present; kin may be
    left out. `score` is the panel's figure of a judged deed, `reason` why, or why not."""

    claim: Claim
    approved: bool
    votes: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    score: int | None = None
    reason: str = ""


def claim_words(claim: Claim) -> str:
    """王小明户“参加志愿服务”; the claim's household and deed are read."""
    return f"{claim.account.household.head_name}户“{claim.deed.name}”"


# --- members ---------------------------------------------------------------------------------------------------------


def member_add(
    *, village: Unit, resident: Resident, appointed_on: date, by: User, at: datetime | None = None
) -> PanelMember:
    """Give a resident of the village a seat in its panel."""
    now = at or timezone.now()
    _check_editor(village, by)
    if resident.household.village_id != village.pk or resident.status != Resident.Status.PRESENT:
        raise PanelError("评议小组成员须是本村（社区）在册的居民。", "member")
    if appointed_on > today(now):
        raise PanelError("推选日期不能晚于今天。", "date")
    if PanelMember.objects.filter(village=village, resident=resident, ended_on__gt=appointed_on).exists():
        raise PanelError(f"{resident.name}在推选日期之后才退出评议小组，两次任期不能重叠。", "date")
    member = PanelMember(village=village, resident=resident, appointed_on=appointed_on, appointed_by=by)
    save_by(member, by, PanelError)
    return member


def member_end(*, member: PanelMember, ended_on: date, by: User, at: datetime | None = None) -> PanelMember:
    """A member leaves: from `ended_on` on they are no longer of the panel."""
    now = at or timezone.now()
    with transaction.atomic():
        members = PanelMember.objects.select_for_update(of=("self",)).select_related("village")
        member = members.get(pk=member.pk)
        _check_editor(member.village, by)
        if member.ended_on is not None:
            raise PanelError("这位成员已经退出。", "state")
        if ended_on > today(now):
            raise PanelError("退出日期不能晚于今天。", "date")
        member.ended_on = ended_on
        save_by(member, by, PanelError, ["ended_on"])
    return member


def members_on(village: Unit, day: date) -> QuerySet[PanelMember]:
    """The village's panel on a day, longest seated first."""
    seated = PanelMember.objects.seated(day).filter(village=village, appointed_on__lte=day)
    return seated.select_related("resident__household").order_by("appointed_on", "pk")


def is_gone(member: PanelMember, day: date) -> bool:
    """Whether the member's person had died or moved away by `day`."""
    resident = member.resident
    left = resident.status != Resident.Status.PRESENT
    return left and (resident.status_on is None or resident.status_on <= day)


def kin_reason(member: PanelMember, claim: Claim) -> str:
    """Why a member must keep away from a claim by the register, "" where nothing stands against it."""
    return KIN if member.resident.household_id == claim.account.household_id else ""


def _check_editor(village: Unit, by: User) -> None:
    if not by.may(Action.PANEL_EDIT, village.path):
        raise PanelError("这个村（社区）的评议小组不归您维护。", "scope")


# --- sittings --------------------------------------------------------------------------------------------------------


def claims_to_judge(village: Unit) -> QuerySet[Claim]:
    """The verified claims of the village's households, those verified first at the top."""
    found = Claim.objects.filter(account__household__village=village, state=Claim.State.VERIFIED)
    return found.select_related(*RELATED).order_by("decided_at", "pk")


RELATED = ("account__household__village", "account__household__unit", "deed__rule_set", "declared_by", "decided_by", "appeal")


def sitting_record(
    *,
    village: Unit,
    held_on: date,
    members: Sequence[PanelMember],
    verdicts: Sequence[Verdict],
    by: User,
    note: str = "",
    at: datetime | None = None,
) -> Sitting:
    """Write a sitting down with all its verdicts, or none of it.

    An approved claim gets the score that the caps leave and the day it counts on; where they leave nothing it is rejected.
    """
    now = at or timezone.now()
    if not by.may(Action.PANEL_RECORD, village.path):
        raise PanelError("这个村（社区）的评议会不归您登记。", "scope")
    with transaction.atomic():
        claims = _claims_held(village, verdicts, held_on, now)
        bench = _bench(village, held_on, members, now)
        rulings = [_ruling(verdict, claims, bench, held_on) for verdict in verdicts]
        sitting = Sitting(village=village, held_on=held_on, note=note.strip(), recorded_by=by, recorded_at=now)
        save_by(sitting, by, PanelError)
        _keep(sitting, bench, rulings)
        _settle(rulings, held_on, by, now)
    return sitting


@dataclass(frozen=True)
class Ruling:
    """A verdict that holds: the claim under its lock, every present member's vote, the panel's figure, the round."""

    claim: Claim
    approved: bool
    score: int
    reason: str
    votes: Mapping[int, tuple[str, str]]
    round: int


def _claims_held(village: Unit, verdicts: Sequence[Verdict], held_on: date, now: datetime) -> dict[int, Claim]:
    """The claims by id under their locks, after the months that they may count in: no closing locks these meanwhile."""
    if not verdicts:
        raise PanelError("没有评议任何申报。", "empty")
    wanted = {verdict.claim.pk for verdict in verdicts}
    if len(wanted) < len(verdicts):
        raise PanelError("同一条申报在一次评议会里只能评议一次。", "state")
    months_share([held_on, today(now), *(verdict.claim.occurred_on for verdict in verdicts)])
    rows = Claim.objects.select_for_update(of=("self",)).filter(pk__in=wanted, account__household__village=village)
    found = {claim.pk: claim for claim in rows.select_related(*RELATED).order_by("pk")}
    if wanted - set(found):
        raise PanelError("有的申报不是这个村（社区）的，请重新打开页面登记。", "scope")
    return found


def _bench(village: Unit, held_on: date, members: Sequence[PanelMember], now: datetime) -> list[PanelMember]:
    """The present members in their usual order; each of the panel on that day."""
    if held_on > today(now):
        raise PanelError("评议日期不能晚于今天。", "date")
    present = {member.pk for member in members}
    bench = [member for member in members_on(village, held_on) if member.pk in present]
    if len(bench) < len(present):
        raise PanelError("到会的人里有的在评议那天不是本村评议小组成员。", "member")
    if gone := [member.resident.name for member in bench if is_gone(member, held_on)]:
        raise PanelError(f"{'、'.join(gone)}已不在册，请先登记退出评议小组。", "member")
    if len(bench) < LEAST_VOTING:
        raise PanelError(f"到会成员须有 {LEAST_VOTING} 人以上。", "quorum")
    return bench


def _ruling(verdict: Verdict, claims: Mapping[int, Claim], bench: Sequence[PanelMember], held_on: date) -> Ruling:
    claim = claims[verdict.claim.pk]
    if claim.state != Claim.State.VERIFIED:
        raise PanelError(f"这条申报{claim.get_state_display()}，不能评议。", "state", claim)
    if claim.occurred_on > held_on:
        raise PanelError("发生在评议日期之后，请核对评议日期。", "date", claim)
    votes = dict(_votes(verdict, claim, bench))
    voting = [choice for choice, _ in votes.values() if choice != Vote.Choice.RECUSED]
    if len(voting) < LEAST_VOTING:
        raise PanelError(f"除去回避的，表决的须有 {LEAST_VOTING} 人以上，现在只有 {len(voting)} 人。", "quorum", claim)
    if is_carried(voting) != verdict.approved:
        refusal = "同意的没有过半数，不能通过。" if verdict.approved else "同意的已过半数，不能记为不通过。"
        raise PanelError(refusal, "majority", claim)
    reason = verdict.reason.strip()
    if len(reason) > REASON_LENGTH:
        raise PanelError(f"评议意见请在 {REASON_LENGTH} 字以内。", "reason", claim)
    if not verdict.approved and not reason:
        raise PanelError("不通过须写明评议意见。", "reason", claim)
    return Ruling(claim, verdict.approved, _figure(verdict, claim), reason, votes, round_of(claim))


def is_carried(voting: Sequence[str]) -> bool:
    """Whether more than half of those voting are in favour; an abstention votes."""
    return 2 * voting.count(Vote.Choice.YES) > len(voting)


def _votes(verdict: Verdict, claim: Claim, bench: Sequence[PanelMember]) -> Iterator[tuple[int, tuple[str, str]]]:
    """(member id, (choice, reason)) of everyone present."""
    if set(verdict.votes) - {member.pk for member in bench}:
        raise PanelError("没有到会的成员不能表决。", "vote", claim)
    for member in bench:
        name, kin = member.resident.name, kin_reason(member, claim)
        choice, reason = verdict.votes.get(member.pk, (Vote.Choice.RECUSED if kin else "", ""))
        if choice not in Vote.Choice.values:
            raise PanelError(f"没有登记{name}的表决。", "vote", claim)
        if kin and choice != Vote.Choice.RECUSED:
            raise PanelError(f"{name}{kin}，须回避。", "kin", claim)
        reason = kin or reason.strip() if choice == Vote.Choice.RECUSED else ""
        if choice == Vote.Choice.RECUSED and not 0 < len(reason) <= RECUSAL_LENGTH:
            raise PanelError(f"{name}回避须写明原因（{RECUSAL_LENGTH} 字以内）。", "reason", claim)
        yield member.pk, (choice, reason)


def _figure(verdict: Verdict, claim: Claim) -> int:
    """The panel's figure: of a judged deed within its range and with a reason, of a fixed one its own."""
    deed, score = claim.deed, claim.score if verdict.score is None else verdict.score
    if not deed.is_judged or not verdict.approved:
        if score != claim.score and not deed.is_judged:
            raise PanelError(f"是固定分值 {claim.score:+d}，评议不能改动。", "score", claim)
        return claim.score
    if not deed.score <= score <= (deed.score_high or 0) or score == 0:
        raise PanelError(f"评议分值须在 {deed.score} 到 {deed.score_high} 之间，不给分的请记不同意。", "score", claim)
    if verdict.score is None or not verdict.reason.strip():
        raise PanelError("区间分值须由评议定分并写明理由。", "reason", claim)
    return score


def round_of(claim: Claim) -> int:
    """The round that is, or was, the claim's last: 2 after an upheld appeal, else 1."""
    appeal: Appeal | None = getattr(claim, "appeal", None)
    return 2 if appeal is not None and appeal.state == Appeal.State.UPHELD else 1


def _keep(sitting: Sitting, bench: Sequence[PanelMember], rulings: Sequence[Ruling]) -> None:
    """The sitting's members, judgements and votes, in three inserts."""
    through = Sitting.members.through
    through.objects.bulk_create(through(sitting=sitting, panelmember=member) for member in bench)
    judgements = Judgement.objects.bulk_create(
        Judgement(
            claim=ruling.claim,
            sitting=sitting,
            round=ruling.round,
            approved=ruling.approved,
            score=ruling.score,
            reason=ruling.reason,
        )
        for ruling in rulings
    )
    Vote.objects.bulk_create(
        Vote(judgement=judgement, member_id=member, choice=choice, reason=reason)
        for judgement, ruling in zip(judgements, rulings, strict=True)
        for member, (choice, reason) in ruling.votes.items()
    )


def _settle(rulings: Sequence[Ruling], held_on: date, by: User, now: datetime) -> None:
    """What the claims become: approved with what the caps leave, or rejected with a reason."""
    approved = [ruling for ruling in rulings if ruling.approved]
    for ruling, day in zip(approved, _days(approved, held_on, now), strict=True):
        ruling.claim.counts_on = day
    lines = [(row.claim.account_id, row.claim.deed, row.claim.counts_on or held_on, row.score) for row in approved]
    for ruling, score in zip(approved, granted(lines), strict=True):
        ruling.claim.score = score or ruling.score
        ruling.claim.state = Claim.State.APPROVED if score else Claim.State.REJECTED
        ruling.claim.reason = "" if score else CAPPED
    for ruling in rulings:
        if not ruling.approved:
            ruling.claim.state, ruling.claim.reason = Claim.State.REJECTED, ruling.reason
    bulk_update_with_history(
        [ruling.claim for ruling in rulings],
        Claim,
        ["state", "score", "counts_on", "reason"],
        default_user=by,
        default_date=now,
    )


def _days(rulings: Sequence[Ruling], held_on: date, now: datetime) -> Iterator[date]:
    """The day each claim counts on: its own, or the sitting's (of one written down late: today) where no month will post
    it, because that is locked or the household was not on the roster at its end."""
    homes = [ruling.claim.account.household for ruling in rulings]
    days = {day for ruling in rulings for day in (ruling.claim.occurred_on, held_on, today(now))}
    rules, placed = Rules.on(homes, {month_of(day) for day in days}), _placed(homes)
    for home, ruling in zip(homes, rulings, strict=True):
        open_days = (day for day in (ruling.claim.occurred_on, held_on) if not rules.is_locked(home, day))
        yield next((day for day in open_days if _is_placed(placed.get(home.pk, []), day)), today(now))


def _placed(homes: Sequence[Household]) -> dict[int, list[tuple[date, date | None]]]:
    """Household id → from when to when (half-open) it was on a roster, in one query."""
    found: dict[int, list[tuple[date, date | None]]] = {}
    rows = Placement.objects.filter(household__in=homes).order_by()
    for home, start, end in rows.values_list("household", "valid_from", "valid_to"):
        found.setdefault(home, []).append((start, end))
    return found


def _is_placed(terms: Sequence[tuple[date, date | None]], day: date) -> bool:
    """Whether one of the terms holds on the last day of the month of `day`, when its closing rates."""
    last = Period.of(Kind.MONTH, day).end - timedelta(days=1)
    return any(start <= last and (end is None or end > last) for start, end in terms)
