"""From the scored cards to the lock: hand-over, right of reply, the committee's approval (plan §四(三); domain.md §10)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import VILLAGE_DUTIES, Action, Duty
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.periods import today
from governance.workdays import Limit, LimitUnit, due
from inspections.conflicts import conflicts_refuse
from inspections.errors import InspectionError
from inspections.models import Answer, ChecklistItem, Reply, Round, Scorecard
from inspections.rounds.computing import changes_follow, round_compute
from inspections.rounds.due import REPLY_BY
from inspections.rounds.services import round_take, round_villages
from inspections.scorecards.answers import Judged, card_take, check_value
from villages.calendar.services import work_calendar
from villages.models import Post, Unit

REPLY_LIMIT = Limit(3, LimitUnit.WORKDAYS)


def round_hand_over(*, inspection_round: Round, by: User, at: datetime | None = None) -> Round:
    """Show every village its card for three working days; a village that is not scored to the end is named."""
    now = at or timezone.now()
    with transaction.atomic():
        row = round_take(inspection_round, by, Action.ROUND_PLAN, Round.State.SCORING)
        open_cards = Scorecard.objects.filter(round=row, scored_at=None).select_related("village")
        names = [str(card.village) for card in open_cards.order_by("village__path")]
        if names:
            raise InspectionError(f"还没有评完：{'、'.join(names)}。", "blocked")
        row = round_compute(row.pk, now)
        lacking = Scorecard.objects.filter(round=row, score=None).select_related("village").order_by("village__path")
        if names := [f"{card.village} {card.missing} 条" for card in lacking]:
            raise InspectionError(f"重新取数以后样本不足，还要评：{'、'.join(names)}。", "blocked")
        row.state, row.handed_at = Round.State.REPLYING, now
        row.reply_due_at = due(work_calendar(row.township_id), now, REPLY_LIMIT)
        save_by(row, by, InspectionError, ["state", "handed_at", "reply_due_at"])
        _tell_villages(row, now)
    return row


def reply_add(*, card: Scorecard, item: ChecklistItem, text: str, by: User, at: datetime | None = None) -> Reply:
    """申辩 against one line, within the three working days."""
    now = at or timezone.now()
    with transaction.atomic():
        row = card_take(card)
        if not by.may(Action.SELF_SCORE, row.village.path) or not by.duties() & set(VILLAGE_DUTIES):
            raise InspectionError(f"{row.village}的申辩由村里提出。", "scope")
        if row.round.state != Round.State.REPLYING or row.round.reply_due_at is None or REPLY_BY.is_past(row.round, now):
            raise InspectionError("不在申辩期内，不能再申辩。", "state")
        if item.section.checklist_id != row.round.checklist_id:
            raise InspectionError("这一条不在这张检查表里。", "card")
        if not text.strip():
            raise InspectionError("请写明申辩理由。", "need")
        reply = Reply(card=row, item=item, text=text.strip(), asked_by=by, asked_at=now)
        save_by(reply, by, InspectionError)
    return reply


def reply_decide(
    *, reply: Reply, upheld: bool, answer: str, by: User, value: Decimal | None = None, at: datetime | None = None
) -> Reply:
    """采纳 puts `value` in the answer's place and rates anew; 不采纳 gives the reason. Never by who asked, nor by kin."""
    now = at or timezone.now()
    with transaction.atomic():
        card = card_take(reply.card)
        reply = Reply.objects.select_for_update(of=("self",)).select_related("item").get(pk=reply.pk)
        _check_decision(reply, card, upheld, answer, value, by, today(now))
        reply.state = Reply.State.UPHELD if upheld else Reply.State.DISMISSED
        reply.answer, reply.decided_by, reply.decided_at = answer.strip(), by, now
        reply.value = value if upheld else None
        save_by(reply, by, InspectionError)
        if upheld and value is not None:
            _correct(card, reply, Judged(value), by, now)
            round_compute(card.round_id, now)
        _tell_asker(reply, now)
    return reply


def round_send_back(*, inspection_round: Round, reason: str, by: User) -> Round:
    """The committee wants it looked at again: back to scoring, the figures are taken anew."""
    if not reason.strip():
        raise InspectionError("退回须写明原因。", "need")
    with transaction.atomic():
        row = round_take(inspection_round, by, Action.ROUND_DECIDE, Round.State.REPLYING, Round.State.DECIDED)
        if Reply.objects.filter(card__round=row, state=Reply.State.OPEN).exists():
            raise InspectionError("还有申辩没有答复，不能退回。", "blocked")
        row.state, row.decision, row.meeting_on = Round.State.SCORING, reason.strip(), None
        row.decided_at, row.decided_by, row.handed_at, row.reply_due_at = None, None, None, None
        save_by(row, by, InspectionError)
    return row


def round_decide(
    *, inspection_round: Round, meeting_on: date, decision: str, ranks_shown: bool, by: User, at: datetime | None = None
) -> Round:
    """党委审定: the meeting's day and words, and whether ranks are published. Not while a village may still reply."""
    now = at or timezone.now()
    with transaction.atomic():
        row = round_take(inspection_round, by, Action.ROUND_DECIDE, Round.State.REPLYING)
        blockers = decide_blockers(row, now)
        if blockers:
            raise InspectionError("；".join(blockers) + "。", "blocked")
        if not decision.strip():
            raise InspectionError("请写明审定意见。", "need")
        if row.handed_at is None or not today(row.handed_at) <= meeting_on <= today(now):
            raise InspectionError("党委会日期须在移交核对之后、今天之前（含今天）。", "date")
        row.state, row.decided_at, row.decided_by = Round.State.DECIDED, now, by
        row.meeting_on, row.decision, row.ranks_shown = meeting_on, decision.strip(), ranks_shown
        save_by(row, by, InspectionError)
    return row


def round_lock(*, inspection_round: Round, by: User, at: datetime | None = None) -> Round:
    """Settle the quarter for good; a village that is missing blocks it by name. What the next quarter is compared with follows."""
    with transaction.atomic():
        row = round_take(inspection_round, by, Action.ROUND_DECIDE, Round.State.DECIDED)
        missing = villages_missing(row)
        if missing:
            raise InspectionError(f"还缺{'、'.join(map(str, missing))}的评分，不能锁定。", "blocked")
        row.state, row.locked_at = Round.State.LOCKED, at or timezone.now()
        save_by(row, by, InspectionError, ["state", "locked_at"])
        changes_follow(row)
    return row


def decide_blockers(inspection_round: Round, at: datetime | None = None) -> list[str]:
    """What keeps the committee from approving, in plain Chinese."""
    now = at or timezone.now()
    blockers = []
    if inspection_round.reply_due_at is not None and not REPLY_BY.is_past(inspection_round, now):
        blockers.append("村里的申辩期还没有过")
    waiting = Reply.objects.filter(card__round=inspection_round, state=Reply.State.OPEN).select_related("card__village")
    names = list(dict.fromkeys(str(reply.card.village) for reply in waiting.order_by("pk")))
    if names:
        blockers.append(f"还有申辩没有答复：{'、'.join(names)}")
    missing = villages_missing(inspection_round)
    if missing:
        blockers.append(f"还缺{'、'.join(map(str, missing))}的评分")
    return blockers


def villages_missing(inspection_round: Round) -> list[Unit]:
    """Villages of the township without a whole score in this round."""
    whole = Scorecard.objects.filter(round=inspection_round, score__isnull=False)
    scored = set(whole.values_list("village_id", flat=True))
    return [village for village in round_villages(inspection_round) if village.pk not in scored]


def _check_decision(
    reply: Reply, card: Scorecard, upheld: bool, answer: str, value: Decimal | None, by: User, on: date
) -> None:
    if not by.may(Action.ROUND_PLAN, card.round.township.path):
        raise InspectionError("这件申辩不归您答复。", "scope")
    if reply.asked_by_id == by.pk:
        raise InspectionError("申辩人不能答复自己的申辩。", "another")
    conflicts_refuse(users=[by], village=card.village, on=on)
    if reply.state != Reply.State.OPEN or card.round.state != Round.State.REPLYING:
        raise InspectionError("这件申辩已经答复，或督查已审定。", "state")
    if not answer.strip():
        raise InspectionError("答复须写明理由。", "need")
    if upheld:
        if value is None:
            raise InspectionError("采纳的，请写更正后的处数或百分比。", "need")
        check_value(reply.item, value)


def _correct(card: Scorecard, reply: Reply, judged: Judged, by: User, now: datetime) -> None:
    """Put the corrected value in the answer's place; its history keeps what the team had judged."""
    row = card.answers.filter(side=Answer.Side.SITE, item=reply.item).first()
    row = row or Answer(card=card, item=reply.item, side=Answer.Side.SITE)
    row.value, row.applies, row.by, row.at = judged.value, True, by, now
    row.reason = f"申辩采纳：{reply.answer}"[:200]
    save_by(row, by, InspectionError)


def _tell_asker(reply: Reply, now: datetime) -> None:
    """Tell who asked what became of it."""
    messages_send(
        users=[reply.asked_by],
        text=f"申辩已答复（{reply.get_state_display()}）：{reply.item.name}",
        link=f"/cards/{reply.card_id}/#line-{reply.item_id}",
        key=f"reply:{reply.pk}",
        at=now,
    )


def _tell_villages(inspection_round: Round, now: datetime) -> None:
    """Tell secretaries and cadres where to read their card, and until when they may reply."""
    assert inspection_round.reply_due_at is not None
    last = today(inspection_round.reply_due_at)
    cards = dict(Scorecard.objects.filter(round=inspection_round).values_list("village_id", "pk"))
    posts = Post.objects.current(today(now)).filter(
        kind__in=[Duty.SECRETARY, Duty.CADRE], user__is_active=True, unit__in=list(cards)
    )
    users: dict[int, list[User]] = {}
    for post in posts.select_related("user").order_by("pk"):
        if post.user is not None:
            users.setdefault(post.unit_id, []).append(post.user)
    for village, people in users.items():
        messages_send(
            users=people,
            text=f"{inspection_round.period.label}督查评分已出，请在 {last:%m月%d日} 前核对，有异议可申辩",
            link=f"/cards/{cards[village]}/",
            key=f"card:{cards[village]}:{now:%Y%m%d}",
            at=now,
        )
