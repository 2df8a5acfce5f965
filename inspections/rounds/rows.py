"""What the page of a round shows: villages with their team and how far they are, in a fixed number of reads."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from governance.accounts.models import User
from inspections.models import Recusal, Reply, Round, Scorecard, Team


@dataclass(frozen=True)
class VillageRow:
    """One village's line with its 申辩."""

    card: Scorecard
    replies: list[Reply]


def village_rows(inspection_round: Round, user: User) -> list[VillageRow]:
    cards = list(
        Scorecard.objects.visible_to(user).filter(round=inspection_round).select_related("village", "team", "scored_by")
        .order_by("village__path")
    )  # fmt: skip
    replies: dict[int, list[Reply]] = defaultdict(list)
    for reply in Reply.objects.filter(card__in=cards).select_related("item").order_by("pk"):
        replies[reply.card_id].append(reply)
    return [VillageRow(card, replies[card.pk]) for card in cards]


def teams_of(inspection_round: Round) -> list[Team]:
    return list(inspection_round.teams.prefetch_related("members__user", "cards__village").order_by("pk"))


def recusals_of(inspection_round: Round, user: User) -> list[Recusal]:
    rows = Recusal.objects.visible_to(user).filter(village__parent=inspection_round.township_id)
    return list(rows.select_related("user", "village").order_by("village__path", "pk"))
