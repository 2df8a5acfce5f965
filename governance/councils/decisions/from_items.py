"""A decision out of what a meeting agreed: begun once from its item, in the village or the yard as its kind has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from governance.accounts.models import User
from governance.councils.decisions.kind_models import DecisionKind
from governance.councils.decisions.models import Decision
from governance.councils.decisions.services import decision_begin
from governance.councils.meetings.models import Item, Meeting, Outcome
from governance.councils.meetings.outcomes import DECISION, once
from villages.making import Made
from villages.models import Household

PAGE = "councils:decision-detail"


def item_decide(
    *, item: Item, kind: DecisionKind, title: str, purpose: str, proposed_on: date, by: User, money_fen: int | None = None,
    households: Sequence[Household] = (), at: datetime | None = None,
) -> Outcome:  # fmt: skip
    """动议 of what was agreed."""

    def make(meeting: Meeting) -> Made:
        unit = meeting.unit if kind.place == DecisionKind.Place.YARD else meeting.village
        decision = decision_begin(
            kind=kind, unit=unit, title=title, purpose=purpose, proposed_on=proposed_on, money_fen=money_fen, households=households,
            by=by, at=at,
        )  # fmt: skip
        return Made(PAGE, decision.pk, f"{decision.number} {decision.title}")

    return once(item.meeting, item, DECISION, make, by, at)


def origin_of(decision: Decision, user: User) -> Item | None:
    """The item from which it came, for who may see that meeting."""
    rows = Outcome.objects.visible_to(user).filter(kind=DECISION, page=PAGE, row=decision.pk).select_related("item__meeting__body")
    found = rows.first()
    return found.item if found else None
