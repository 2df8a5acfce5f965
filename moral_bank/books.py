"""The ledgers of the moral bank by period (domain.md §12)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.exports import Book, dated, timed
from governance.periods import Kind, Period
from moral_bank.awards.exports import HONOURS, NOMINATIONS
from moral_bank.claims.exports import APPEALS, CLAIMS
from moral_bank.market.exports import FUND, MOVES, REDEMPTIONS
from moral_bank.models import Appeal, Claim, CoverDay, FundMove, Honour, Move, Nomination, Redemption, Sitting
from moral_bank.panel.exports import SITTINGS
from moral_bank.passbooks.exports import COVER_DAYS


def _nominations(user: User, period: Period) -> QuerySet[Any]:
    rows = Nomination.objects.visible_to(user, Action.EXPORT)
    return rows.filter(half__gte=Period.of(Kind.HALF, period.start).start, half__lt=period.end)


BOOKS = {
    "covers": Book(COVER_DAYS, dated(CoverDay, "day")),
    "claims": Book(CLAIMS, dated(Claim, "occurred_on"), "account__household__village"),
    "sittings": Book(SITTINGS, dated(Sitting, "held_on")),
    "appeals": Book(APPEALS, timed(Appeal, "received_at"), "account__household__village"),
    "nominations": Book(NOMINATIONS, _nominations),
    "honours": Book(HONOURS, dated(Honour, "granted_on")),
    "redemptions": Book(REDEMPTIONS, dated(Redemption, "on"), "shop__village"),
    "moves": Book(MOVES, timed(Move, "at"), "item__shop__village"),
    "fund": Book(FUND, dated(FundMove, "on"), "shop__village"),
}
