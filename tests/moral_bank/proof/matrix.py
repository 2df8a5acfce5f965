"""The part of the matrix that belongs to the nightly reconciliation and the chain of the ledger."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action
from moral_bank.models import ChainHead, Reconciliation
from tests.matrix import Page

PAGES: dict[str, Page] = {
    "moral_bank:proof-list": Page(Action.PROOF_VIEW),
    "moral_bank:proof-export": Page(Action.PROOF_VIEW),
    "moral_bank:proof-run": Page(Action.PROOF_VIEW, method="post", answers=(302,)),
    "moral_bank:proof-detail": Page(Action.PROOF_VIEW, "reconciliation"),
}


def build(house: Any) -> None:
    """One object of each kind; called in the order claims, panel, rules, market, awards, passbooks, proof."""
    day, now = timezone.localdate(), timezone.now()
    house.reconciliation = Reconciliation.objects.create(township=house.township, day=day, made_at=now)
    house.chain_head = ChainHead.objects.create(township=house.township, day=day, count=1, digest="0" * 64, sealed_at=now)
