"""What the page of a round shows: villages with their team and how far they are, in a fixed number of reads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from governance.accounts.models import User
from inspections.models import Answer, Measure, Recusal, Reply, Round, Scorecard, Team
from inspections.scorecards.answers import STANDING, must_judge


@dataclass(frozen=True)
class VillageRow:
    """One village's line: `left` lines not judged yet, replies without an answer."""

    card: Scorecard
    left: int
    open_replies: int


def village_rows(inspection_round: Round, user: User) -> list[VillageRow]:
    cards = list(
        Scorecard.objects.visible_to(user).filter(round=inspection_round).select_related("village", "team", "scored_by")
        .order_by("village__path")
    )  # fmt: skip
    items = must_judge(inspection_round.checklist_id)
    answered: dict[int, set[int]] = {}
    answers = Answer.objects.filter(card__in=cards, side=Answer.Side.SITE).values_list("card_id", "item_id")
    for card, item in answers:
        answered.setdefault(card, set()).add(item)
    enough: dict[int, set[str]] = {}
    for card, code in Measure.objects.filter(STANDING, card__in=cards).values_list("card_id", "indicator"):
        enough.setdefault(card, set()).add(code)
    replies = Counter(Reply.objects.filter(card__in=cards, state=Reply.State.OPEN).values_list("card_id", flat=True))
    return [
        VillageRow(
            card,
            sum(
                item.pk not in answered.get(card.pk, set()) and item.indicator not in enough.get(card.pk, set())
                for item in items
            ),
            replies[card.pk],
        )
        for card in cards
    ]


def teams_of(inspection_round: Round) -> list[Team]:
    return list(inspection_round.teams.prefetch_related("members__user", "cards__village").order_by("pk"))


def recusals_of(inspection_round: Round, user: User) -> list[Recusal]:
    rows = Recusal.objects.visible_to(user).filter(village__parent=inspection_round.township_id)
    return list(rows.select_related("user", "village").order_by("village__path", "pk"))
