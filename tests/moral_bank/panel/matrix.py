"""The part of the matrix that belongs to the panel and its sittings: its URLs, and one object of each kind in the house's village."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action
from moral_bank.models import Claim, Judgement, Vote
from moral_bank.panel.services import Verdict, sitting_record
from tests.matrix import Page
from tests.moral_bank.panel.house import make_member

_OBJECTION = (("objection_pk", "objection"),)

PAGES: dict[str, Page] = {
    "moral_bank:panel-list": Page(Action.CLOSING_VIEW, answers=(200, 302)),
    "moral_bank:panel-export": Page(Action.EXPORT),
    "moral_bank:panel-detail": Page(Action.CLOSING_VIEW, "village"),
    "moral_bank:panel-load": Page(Action.PANEL_EDIT),
    "moral_bank:panel-add": Page(Action.PANEL_EDIT, "village"),
    "moral_bank:panel-end": Page(Action.PANEL_EDIT, "panel_member", "post", (302,)),
    "moral_bank:sitting-create": Page(Action.PANEL_RECORD, "village"),
    "moral_bank:sitting-list": Page(Action.CLOSING_VIEW),
    "moral_bank:sitting-export": Page(Action.EXPORT),
    "moral_bank:sitting-detail": Page(Action.CLOSING_VIEW, "panel_sitting"),
    "moral_bank:sitting-print": Page(Action.CLOSING_VIEW, "panel_sitting"),
    "api:panelmember-list": Page(Action.CLOSING_VIEW),
    "api:panelmember-detail": Page(Action.CLOSING_VIEW, "panel_member"),
    "api:sitting-list": Page(Action.CLOSING_VIEW),
    "api:sitting-detail": Page(Action.CLOSING_VIEW, "panel_sitting"),
    "moral_bank:closing-strike": Page(Action.OBJECTION_ANSWER, "closing", arguments=_OBJECTION),
}


def build(house: Any) -> None:
    """A panel of four, and a sitting that judged a claim of the house's household."""
    clerk, now = house.cast["staff"], timezone.now()
    members = [make_member(house.village, f"成员{number}", by=clerk) for number in range(4)]
    claim = Claim.objects.create(
        account=house.account,
        deed=house.deed,
        occurred_on=timezone.localdate() - timedelta(days=1),
        score=house.deed.score,
        state=Claim.State.VERIFIED,
        declared_by=house.cast["cadre"],
        declared_at=now,
        decided_by=house.cast["yard_head"],
        decided_at=now,
    )
    votes = {member.pk: (Vote.Choice.YES, "") for member in members}
    house.panel_member = members[0]
    house.panel_sitting = sitting_record(
        village=house.village,
        held_on=timezone.localdate(),
        members=members,
        verdicts=[Verdict(claim, True, votes)],
        by=house.cast["secretary"],
        at=now,
    )
    house.judgement = Judgement.objects.get(claim=claim)
