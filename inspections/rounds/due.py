"""What waits of an inspection: cards to score, figures to answer, replies and rounds to decide (plan §四(三))."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from governance.accounts.duties import TOWN_OFFICES, Action
from governance.accounts.models import User
from governance.frame.due import Day, DueKind, Moment, Todo, asked, evening, past
from inspections.models import Reply, Round, Scorecard

State = Round.State
CLOSES, REPLY_BY = Day("closes_on"), Moment("reply_due_at")
CARD_CLOSES, CARD_REPLY_BY = CLOSES.of("round"), REPLY_BY.of("round")


def _score(card: Scorecard, now: datetime) -> Todo:
    closes = card.round.closes_on
    return Todo(evening(closes), f"现场评分：{card.village}", card.round.name, f"/cards/{card.pk}/score/", CARD_CLOSES.due(card, now))


def _reply(card: Scorecard, now: datetime) -> Todo:
    at = card.round.reply_due_at
    assert at is not None
    return Todo(at, "核对督查评分", "有异议的，在期限内申辩", f"/cards/{card.pk}/", CARD_REPLY_BY.due(card, now))


def _to_answer(rows: Any, user: User, now: datetime) -> QuerySet[Reply]:
    found: QuerySet[Reply] = rows.visible_to(user, Action.ROUND_PLAN).exclude(asked_by=user)
    return found if user.duties() & set(TOWN_OFFICES) else found.none()


def _answer(reply: Reply, now: datetime) -> Todo:
    link = f"/cards/{reply.card_id}/replies/{reply.pk}/"
    return Todo(reply.asked_at, f"申辩待答复：{reply.card.village}", reply.text[:30], link, None)


def _decide(inspection_round: Round, now: datetime) -> Todo:
    words = "待党委审定" if inspection_round.state == State.REPLYING else "已审定，待锁定"
    link = reverse("inspections:round-detail", args=[inspection_round.pk])
    return Todo(now, f"督查{words}", inspection_round.name, link, None)


KINDS = [
    DueKind(
        "card-score",
        "现场评分",
        open=lambda now: Scorecard.objects.filter(round__state=State.SCORING, scored_at=None),
        held=lambda rows, user, now: rows.visible_to(user, Action.ROUND_SCORE).filter(team__members__user=user),
        line=_score,
        order=("village__path",),
        related=("round", "village"),
        late=past(CARD_CLOSES),
        words="{} 张督查评分表没有评完",
        page=lambda card: reverse("inspections:card-detail", args=[card.pk]),
    ),
    DueKind(
        "card-reply",
        "核对督查评分",
        open=lambda now: Scorecard.objects.filter(~CARD_REPLY_BY.past(now), round__state=State.REPLYING),
        held=asked(Action.SELF_SCORE),
        line=_reply,
        related=("round", "village"),
    ),
    DueKind(
        "reply-answer",
        "申辩待答复",
        open=lambda now: Reply.objects.filter(state=Reply.State.OPEN),
        held=_to_answer,
        line=_answer,
        related=("card__village",),
    ),
    DueKind(
        "round-decide",
        "督查待审定、待锁定",
        open=lambda now: Round.objects.filter(Q(REPLY_BY.past(now), state=State.REPLYING) | Q(state=State.DECIDED)),
        held=lambda rows, user, now: rows.visible_to(user, Action.ROUND_DECIDE),
        line=_decide,
    ),
]
