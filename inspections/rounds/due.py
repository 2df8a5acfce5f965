"""What an inspection asks of one person today: cards to score, figures to answer, replies to decide (plan §四(三))."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from governance.accounts.duties import TOWN_OFFICES, Action
from governance.accounts.models import User
from governance.frame.due import SHOWN, Todo, due_words, evening
from inspections.models import Reply, Round, Scorecard


def inspection_todo(user: User, now: datetime) -> Iterator[Todo]:
    yield from _to_score(user, now)
    yield from _to_reply(user, now)
    yield from _to_decide(user, now)


def _to_score(user: User, now: datetime) -> Iterator[Todo]:
    """Villages of my team that are not scored to the end."""
    if not user.may(Action.ROUND_SCORE):
        return
    cards = Scorecard.objects.visible_to(user, Action.ROUND_SCORE).filter(
        round__state=Round.State.SCORING, scored_at=None, team__members__user=user
    )
    for card in cards.select_related("round", "village").order_by("village__path")[:SHOWN]:
        at = evening(card.round.closes_on)
        yield Todo(at, f"现场评分：{card.village}", card.round.name, f"/cards/{card.pk}/score/", due_words(at, now))


def _to_reply(user: User, now: datetime) -> Iterator[Todo]:
    """My own village's card, to be read and answered within three working days."""
    if not user.may(Action.SELF_SCORE) or user.duties() & set(TOWN_OFFICES):
        return
    cards = Scorecard.objects.visible_to(user, Action.SELF_SCORE).filter(
        round__state=Round.State.REPLYING, round__reply_due_at__gte=now
    )
    for card in cards.select_related("round", "village").order_by("pk")[:SHOWN]:
        at = card.round.reply_due_at
        assert at is not None
        yield Todo(at, "核对督查评分", "有异议的，在期限内申辩", f"/cards/{card.pk}/", due_words(at, now))


def _to_decide(user: User, now: datetime) -> Iterator[Todo]:
    """Replies without an answer for the office; rounds that wait for the committee for its leaders."""
    if user.may(Action.ROUND_PLAN) and user.duties() & set(TOWN_OFFICES):
        replies = Reply.objects.visible_to(user, Action.ROUND_PLAN).filter(state=Reply.State.OPEN).exclude(asked_by=user)
        for reply in replies.select_related("card__village").order_by("pk")[:SHOWN]:
            yield Todo(
                reply.asked_at,
                f"申辩待答复：{reply.card.village}",
                reply.text[:30],
                f"/cards/{reply.card_id}/replies/{reply.pk}/",
                None,
            )
    if user.may(Action.ROUND_DECIDE):
        waiting = Round.objects.visible_to(user, Action.ROUND_DECIDE)
        waiting = waiting.filter(state=Round.State.REPLYING, reply_due_at__lt=now) | waiting.filter(state=Round.State.DECIDED)
        for inspection_round in waiting.order_by("pk")[:SHOWN]:
            words = "待党委审定" if inspection_round.state == Round.State.REPLYING else "已审定，待锁定"
            yield Todo(now, f"督查{words}", inspection_round.name, reverse("inspections:round-detail", args=[inspection_round.pk]), None)
