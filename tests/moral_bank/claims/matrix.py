"""The part of the matrix of claims, appeals and sheets of past ledgers: its URLs, and one object of each kind."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action
from moral_bank.models import Appeal, BankImport
from moral_bank.rules.models import Deed
from tests.builders import make_entry
from tests.matrix import Page

# an import belongs to who uploaded it, here the clerk: the others who may declare do not find it
_OWN = (200, 404)

PAGES: dict[str, Page] = {
    "moral_bank:claim-export": Page(Action.EXPORT),
    "moral_bank:claim-batch": Page(Action.CLAIM_DECLARE),
    "moral_bank:claim-import": Page(Action.CLAIM_DECLARE),
    "moral_bank:claim-import-detail": Page(Action.CLAIM_DECLARE, "claim_import", answers=_OWN),
    "moral_bank:claim-import-rejects": Page(Action.CLAIM_DECLARE, "claim_import", answers=_OWN),
    "moral_bank:claim-import-step": Page(
        Action.CLAIM_DECLARE, "claim_import", "post", (302, 404), arguments=(("step", "discard"),)
    ),
    "moral_bank:claim-detail": Page(Action.CLAIM_VIEW, "claim"),
    "moral_bank:claim-withdraw": Page(Action.CLAIM_DECLARE, "claim", "post", (302,)),
    "moral_bank:claim-appeal": Page(Action.CLAIM_VIEW, "claim"),
    "moral_bank:entry-appeal": Page(Action.ENTRY_VIEW, "entry"),
    "moral_bank:appeal-list": Page(Action.CLAIM_VIEW),
    "moral_bank:appeal-export": Page(Action.EXPORT),
    "moral_bank:appeal-detail": Page(Action.CLAIM_VIEW, "appeal"),
    "moral_bank:appeal-answer": Page(Action.APPEAL_ANSWER, "appeal"),
}


def build(house: Any) -> None:
    """One object of each kind; called in the order claims, panel, rules, market, awards, passbooks, proof."""
    clerk, now = house.cast["staff"], timezone.now()
    loss = make_entry(house.account, Deed.objects.get(rule_set=house.rule_set, code="L1"), date(2026, 3, 3), clerk)
    house.appeal = Appeal.objects.create(
        account=house.account,
        entry=loss,
        name=house.household.head_name,
        text=house.household.head_name,
        received_by=clerk,
        received_at=now,
    )
    house.claim_import = BankImport.objects.create(
        kind="claims",
        township=house.township,
        uploaded_by=clerk,
        filename=f"{house.household.head_name}.xlsx",
        state="previewed",
    )
