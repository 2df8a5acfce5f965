"""最美家庭 of a half-year: 提名 → 村评议 → 公示 3 天 → 镇审定 (domain.md §7; mission M25).

A household with a veto that stands in the half-year is neither nominated nor confirmed; the database says the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.due import CLOSES
from governance.disclosure.models import Notice, Objection
from governance.disclosure.notices import notice_publish, notice_withdraw
from governance.errors import DomainError
from governance.frame.saving import save_by
from governance.periods import Period, today
from governance.privacy import mask_name
from moral_bank.awards.honours import half_of, honour_from_nomination
from moral_bank.awards.models import Honour, Nomination
from moral_bank.claims.services import account_of
from moral_bank.closings.notice import public_number
from moral_bank.models import Account, Claim, Entry
from villages.models import Household, Post, Unit
from villages.units.lineage import villages_now

NOTICE_DAYS = 3
LEAST_PRESENT = 3
COLUMNS = ["序号", "户号", "户主", "提名方式", "评议结果"]
_BETWEEN_NAMES = re.compile(r"[、，,；;\s]+")
_IN_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
State = Nomination.State


class AwardError(DomainError):
    """What a nomination refuses: `scope`, `half`, `once`, `veto`, `need`, `date`, `state`, `kin`, `another`, `notice`,
    `blocked`, `invalid`."""


@dataclass(frozen=True)
class Vote:
    """What the village's meeting said: `present` without those recused, `recused` their names."""

    held_on: date
    present: int
    yes: int
    no: int
    recused: str = ""


def halves_open(day: date, village: Unit | None = None) -> list[Period]:
    """The half-years that take nominations on a day: the last one, while it is being honoured, and the running one; of a
    village those that are not on its notice."""
    running = half_of(day)
    halves = [running.previous(), running]
    return halves if village is None else [half for half in halves if not on_notice(village, half).exists()]


def on_notice(village: Unit, half: Period) -> QuerySet[Nomination]:
    """The village's nominations that stand on its notice of the half-year; the household confirmed or refused as well."""
    return Nomination.objects.filter(
        village=village, half=half.start, notice__isnull=False, notice__withdrawn_at=None
    )


def closed_words(village: Unit, half: Period) -> str:
    return f"{village}{half.label}的最美家庭已经公示，不再受理提名。"


def vetoed_accounts(half: Period) -> QuerySet[Account, Any]:
    """Ids of the accounts with a veto in the half-year, as a subquery: posted and not reversed, or approved and waiting for
    its month, which counts it as well."""
    entries = Entry.objects.filter(veto=True, reversed_by=None, occurred_on__gte=half.start, occurred_on__lt=half.end)
    claims = Claim.objects.filter(
        state=Claim.State.APPROVED, deed__is_veto=True, counts_on__gte=half.start, counts_on__lt=half.end
    )
    found = Q(pk__in=entries.order_by().values("account")) | Q(pk__in=claims.order_by().values("account"))
    return Account.objects.filter(found).order_by().values("pk")


def nomination_add(
    *,
    household: Household,
    half: Period,
    source: str,
    nominator: str = "",
    story: str,
    by: User,
    at: datetime | None = None,
) -> Nomination:
    """Write a nomination down; of one's own household the nominator is its head where nobody is named.

    The village is locked meanwhile, so that two taps nominate once and nobody slips in behind the notice.
    """
    now = at or timezone.now()
    _check_reach(household, half, by, now)
    named = nominator.strip() or (household.head_name if source == Nomination.Source.SELF else "")
    if not named:
        raise AwardError("请写明提名的人或组织。", "need")
    with transaction.atomic():
        account = account_of(household)
        _check_open(_locked(household.village), account, half)
        nomination = Nomination(
            account=account,
            village=household.village,
            half=half.start,
            source=source,
            nominator=named,
            story=story.strip(),
            nominated_by=by,
            nominated_at=now,
        )
        save_by(nomination, by, AwardError)
    return nomination


def _check_reach(household: Household, half: Period, by: User, now: datetime) -> None:
    if not by.may(Action.AWARD_NOMINATE, household.unit.path):
        raise AwardError("这一户不在您可以提名的范围内。", "scope")
    if household.ended_on is not None:
        raise AwardError("这一户已销户，不能提名。", "scope")
    if half not in halves_open(today(now)):
        raise AwardError("只能提名本半年和上一个半年的最美家庭。", "half")


def _check_open(village: Unit, account: Account, half: Period) -> None:
    head = account.household.head_name
    if Nomination.objects.filter(account=account, half=half.start).exists():
        raise AwardError(f"{head}户{half.label}已被提名。", "once")
    if on_notice(village, half).exists():
        raise AwardError(closed_words(village, half), "notice")
    if vetoed_accounts(half).filter(pk=account.pk).exists():
        raise AwardError(f"{head}户{half.label}有一票否决记录，不能提名。", "veto")


def nomination_correct(*, nomination: Nomination, nominator: str, story: str, by: User) -> Nomination:
    """Better words, until the village has judged."""
    with transaction.atomic():
        nomination = _take(nomination, by, Action.AWARD_NOMINATE, State.NOMINATED)
        nomination.nominator, nomination.story = nominator.strip(), story.strip()
        save_by(nomination, by, AwardError, ["nominator", "story"])
    return nomination


def kin_posts(nomination: Nomination, on: date) -> list[Post]:
    """Posts of the village, or of the one that took over from it, that people of the nominated household hold on a day
    (same household of the register)."""
    voting = Q(pk=None)
    for village in villages_now(nomination.village, on):
        voting |= Q(unit__path__startswith=village.path)
    posts = Post.objects.current(on).filter(voting, resident__household=nomination.account.household_id)
    return list(posts.select_related("resident").order_by("pk"))


def nomination_judge(*, nomination: Nomination, vote: Vote, by: User, at: datetime | None = None) -> Nomination:
    """The village's vote: recommended by more than half of those present, at least three; else it ends here.

    The meeting may have been before the nomination was written down here (docs/decisions/0012-moral-bank.md).
    """
    now = at or timezone.now()
    _check_vote(vote, nomination, now)
    with transaction.atomic():
        nomination = _take(nomination, by, Action.AWARD_JUDGE, State.NOMINATED)
        named = set(_BETWEEN_NAMES.split(_IN_BRACKETS.sub("", vote.recused)))
        for post in kin_posts(nomination, vote.held_on):
            if post.holder_name not in named:
                kind = post.get_kind_display()
                raise AwardError(f"{post.holder_name}（{kind}）是这一户的人，应当回避，请写进回避人员。", "kin")
        nomination.judged_on, nomination.judged_by, nomination.recused = vote.held_on, by, vote.recused.strip()
        nomination.present, nomination.votes_yes, nomination.votes_no = vote.present, vote.yes, vote.no
        nomination.state = State.RECOMMENDED if 2 * vote.yes > vote.present else State.REFUSED
        if nomination.state == State.REFUSED:
            nomination.reason = f"村评议到会 {vote.present} 人，同意 {vote.yes} 票，未过半数"
        save_by(nomination, by, AwardError)
    return nomination


def publish_blockers(village: Unit, half: Period) -> list[str]:
    """Plain Chinese: what keeps the village's nominations of a half-year from their one notice."""
    found = Nomination.objects.filter(village=village, half=half.start)
    blockers = []
    if on_notice(village, half).exists():
        blockers.append(f"{village}{half.label}的最美家庭已经公示，要更正请先撤回这个公示")
    if waiting := found.filter(state=State.NOMINATED).count():
        blockers.append(f"还有 {waiting} 户待村评议")
    due = _to_notice(village, half)
    if not due.exists():
        blockers.append("没有村评议通过、待公示的户")
    if names := _heads(due.filter(account__in=vetoed_accounts(half))):
        blockers.append(f"{names}户在提名后有了一票否决记录，请先不予通过")
    if names := _heads(due.filter(account__household__ended_on__isnull=False)):
        blockers.append(f"{names}户已销户，请先不予通过")
    return blockers


def _heads(nominations: QuerySet[Nomination]) -> str:
    return "、".join(nominations.values_list("account__household__head_name", flat=True))


def nominations_publish(*, village: Unit, half: Period, by: User, at: datetime | None = None) -> Notice:
    """Show all recommended households of a village and half-year for three days, beginning today; names are masked.

    After the notice was withdrawn the same households are shown anew.
    """
    now = at or timezone.now()
    with transaction.atomic():
        village = _locked(village)
        if blockers := publish_blockers(village, half):
            raise AwardError("；".join(blockers) + "。", "blocked")
        rows = list(_to_notice(village, half).select_for_update(of=("self",)).select_related("account__household"))
        notice = notice_publish(
            unit=village,
            kind=Notice.Kind.AWARD,
            title=f"{village}{half.label}最美家庭公示",
            reason="经提名和村评议，拟推荐下列家庭为最美家庭，现予公示。公示无异议后报镇审定。",
            columns=COLUMNS,
            rows=_notice_rows(rows),
            opens_on=today(now),
            closes_on=today(now) + timedelta(days=NOTICE_DAYS - 1),
            channel=f"可在本页提出异议，也可向{village}或{village.parent}反映。",
            by=by,
        )
        for number, nomination in enumerate(rows, start=1):
            nomination.state, nomination.notice, nomination.notice_row = State.NOTICED, notice, number
        bulk_update_with_history(rows, Nomination, ["state", "notice", "notice_row"], default_user=by)
    return notice


def nominations_withdraw(*, nomination: Nomination, reason: str, by: User, at: datetime | None = None) -> Notice:
    """Take back the whole notice on which a nomination stands, so that the village can correct and publish it anew; not once
    a household was confirmed on it."""
    with transaction.atomic():
        nomination = _take(nomination, by, Action.NOTICE_PUBLISH, State.NOTICED)
        notice = nomination.notice
        assert notice is not None
        if Nomination.objects.filter(notice=notice, state=State.CONFIRMED).exists():
            raise AwardError("这个公示已有审定的户，不能撤回；其余的户可以不予通过。", "state")
        return notice_withdraw(notice=notice, reason=reason, by=by, at=at)


def own_objections(nomination: Nomination) -> QuerySet[Objection]:
    """Objections to the nomination's notice that are against its row or against the list as a whole."""
    mine = Q(row_number=None) | Q(row_number=nomination.notice_row)
    return Objection.objects.filter(mine, notice=nomination.notice_id)


def confirm_blockers(nomination: Nomination, at: datetime | None = None) -> list[str]:
    """Plain Chinese: what keeps a noticed nomination from being confirmed; empty if nothing does."""
    notice, blockers = nomination.notice, []
    if notice is None or notice.withdrawn_at is not None:
        return ["公示已撤回，请重新公示"]
    if not CLOSES.is_past(notice, at or timezone.now()):
        blockers.append(f"公示期到 {notice.closes_on:%Y-%m-%d} 为止")
    objections = list(own_objections(nomination).values_list("state", "row_number"))
    if waiting := sum(state == Objection.State.OPEN for state, _ in objections):
        blockers.append(f"有 {waiting} 条异议待答复")
    upheld = {number for state, number in objections if state == Objection.State.UPHELD}
    if None in upheld:
        blockers.append("对整个名单的异议成立，请撤回这个公示，更正后重新公示")
    if upheld - {None}:
        blockers.append("异议成立，请不予通过")
    if vetoed_accounts(half_of(nomination.half)).filter(pk=nomination.account_id).exists():
        blockers.append("本半年有一票否决记录，请不予通过")
    if nomination.account.household.ended_on is not None:
        blockers.append("这一户已销户，请不予通过")
    return blockers


def nomination_confirm(*, nomination: Nomination, by: User, at: datetime | None = None) -> Honour:
    """镇审定 by another than who nominated, after the window and without an objection that stands; makes the honour."""
    now = at or timezone.now()
    with transaction.atomic():
        nomination = _take(nomination, by, Action.AWARD_CONFIRM, State.NOTICED)
        if nomination.nominated_by_id == by.pk:
            raise AwardError("这一户是您登记提名的，请由别人审定。", "another")
        if blockers := confirm_blockers(nomination, now):
            raise AwardError("；".join(blockers) + "。", "blocked")
        nomination.state, nomination.decided_by, nomination.decided_at = State.CONFIRMED, by, now
        save_by(nomination, by, AwardError)
        return honour_from_nomination(nomination, now)


def nomination_refuse(*, nomination: Nomination, reason: str, by: User, at: datetime | None = None) -> Nomination:
    """The township ends an open nomination, with the reason: an upheld objection, a veto, a mistaken entry."""
    if not reason.strip():
        raise AwardError("不予通过须写明原因。", "need")
    with transaction.atomic():
        nomination = _take(nomination, by, Action.AWARD_CONFIRM, State.NOMINATED, State.RECOMMENDED, State.NOTICED)
        nomination.state, nomination.reason = State.REFUSED, reason.strip()
        nomination.decided_by, nomination.decided_at = by, at or timezone.now()
        save_by(nomination, by, AwardError)
    return nomination


def _check_vote(vote: Vote, nomination: Nomination, now: datetime) -> None:
    if vote.held_on > today(now):
        raise AwardError("村评议日期不能晚于今天。", "date")
    if vote.held_on < nomination.half:
        raise AwardError("村评议日期不能早于所评的半年。", "date")
    if vote.present < LEAST_PRESENT:
        raise AwardError(f"村评议至少 {LEAST_PRESENT} 人到会（不含回避人员）。", "need")
    if vote.yes + vote.no > vote.present:
        raise AwardError("同意票和不同意票之和不能超过到会人数。", "need")


def _to_notice(village: Unit, half: Period) -> QuerySet[Nomination]:
    """Recommended households, and those whose notice was withdrawn, in the order of their numbers."""
    again = Q(state=State.NOTICED, notice__withdrawn_at__isnull=False)
    found = Nomination.objects.filter(Q(state=State.RECOMMENDED) | again, village=village, half=half.start)
    return found.order_by("account__household__number_key", "pk")


def _notice_rows(nominations: Sequence[Nomination]) -> list[list[str]]:
    """序号, 户号, masked head, 提名方式, 评议结果; the story stays inside, since it may name people."""
    return [
        [
            str(number),
            public_number(row.account.household.number),
            mask_name(row.account.household.head_name) or "*",
            row.get_source_display(),
            f"到会 {row.present} 人，同意 {row.votes_yes} 票",
        ]
        for number, row in enumerate(nominations, start=1)
    ]


def _locked(village: Unit) -> Unit:
    """The village, its nominations and their notice to one at a time; rows that refer to it are not kept waiting."""
    return Unit.objects.select_for_update(of=("self",), no_key=True).select_related("parent").get(pk=village.pk)


def _take(nomination: Nomination, by: User, action: Action, *states: str) -> Nomination:
    """The nomination under its lock, in one of `states` and within what `by` may do."""
    rows = Nomination.objects.select_for_update(of=("self",)).select_related(
        "account__household__unit", "village__parent", "notice"
    )
    nomination = rows.get(pk=nomination.pk)
    if not Nomination.objects.visible_to(by, action).filter(pk=nomination.pk).exists():
        raise AwardError("这条提名不归您办理。", "scope")
    if nomination.state not in states:
        raise AwardError(f"这条提名{nomination.get_state_display()}，不能这样办理。", "state")
    return nomination
