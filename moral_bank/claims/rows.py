"""What the pages of claims show: what a row reads along, the way that one claim has gone, households of late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from moral_bank.models import Claim, Judgement
from villages.models import Household

RECENT = 6

State = Claim.State
RELATED = (
    "deed",
    "declared_by",
    "decided_by",
    "account__household__village",
    "account__household__unit",
    "appeal",
)


@dataclass(frozen=True)
class Step:
    """One step of a claim's way. `at` is None where the records do not say when."""

    at: datetime | None
    who: str
    what: str
    words: str = ""


def way_of(claim: Claim, judgements: list[Judgement]) -> list[Step]:
    """Every change of state in the claim's history, and the last ones that were written in sets without a history row."""
    steps, state = [], ""
    for row in claim.history.select_related("history_user", "declared_by").order_by("history_date", "history_id"):
        if row.state != state:
            who = row.history_user or (row.declared_by if row.state == State.DECLARED else None)
            steps.append(Step(row.history_date, who.name if who else "", _what(state, row.state), row.reason))
            state = row.state
    if state != claim.state:
        steps += _unwritten(claim, state, judgements)
    return steps


def _what(before: str, state: str) -> str:
    if state == State.VERIFIED:
        return "申诉成立，重新评议" if before == State.REJECTED else "核实通过"
    if state == State.REJECTED:
        return {State.VERIFIED: "未通过", State.APPROVED: "撤销"}.get(State(before or State.DECLARED), "退回")
    return {State.DECLARED: "申报", State.APPROVED: "评议通过", State.POSTED: "入账", State.WITHDRAWN: "撤回"}[State(state)]


def _unwritten(claim: Claim, state: str, judgements: list[Judgement]) -> list[Step]:
    """What the claim's own fields say of steps that left no history row."""
    found = []
    last = judgements[-1] if judgements else None
    if not state:
        found.append(Step(claim.declared_at, claim.declared_by.name, "申报"))
    if claim.state in (State.VERIFIED, State.REJECTED) and claim.decided_by:
        found.append(Step(claim.decided_at, claim.decided_by.name, _what(state, claim.state), claim.reason))
    if claim.state in (State.APPROVED, State.POSTED) and state != State.APPROVED and last is not None:
        found.append(Step(last.sitting.recorded_at, last.sitting.recorded_by.name, "评议通过"))
    if claim.entry is not None:
        found.append(Step(claim.entry.posted_at, claim.entry.posted_by.name, "入账"))
    return found


def claims_kept(user: User) -> list[str]:
    """The forms that a phone keeps: of those households."""
    homes = recent_households(user) if user.may(Action.CLAIM_DECLARE) else []
    return [reverse("moral_bank:claim-create", args=[home.pk]) for home in homes]


def recent_households(user: User) -> list[Household]:
    """The households for which `user` last declared something, latest first."""
    latest = Claim.objects.visible_to(user).filter(declared_by=user).order_by("-id")
    ids = list(dict.fromkeys(latest.values_list("account__household_id", flat=True)[: RECENT * 8]))[:RECENT]
    found = Household.objects.visible_to(user, Action.CLAIM_DECLARE).filter(ended_on=None).select_related("unit")
    by_id = found.in_bulk(ids)
    return [by_id[pk] for pk in ids if pk in by_id]
