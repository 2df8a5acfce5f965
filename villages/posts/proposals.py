"""拟任: duties that come with a list of accounts, granted or refused by somebody else than who made the accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import SINGLE_DUTIES
from governance.accounts.models import User
from governance.periods import today
from villages.models import Post, Proposal
from villages.posts.services import PostError, post_account_join, post_appoint


@dataclass(frozen=True)
class Granted:
    """How many duties were granted, and why others were not."""

    count: int
    refusals: Sequence[str]


def proposals_grant(*, proposals: Sequence[Proposal], by: User) -> Granted:
    """Grant each of them from today on; one that cannot be granted stays, with its reason."""
    count, refusals = 0, []
    for proposal in proposals:
        try:
            with transaction.atomic():
                taken = _taken(proposal, by)
                _appoint(taken, by)
                _settle(taken, Proposal.State.GRANTED, by)
        except PostError as error:
            refusals.append(f"{proposal}：{error.message}")
        else:
            count += 1
    return Granted(count, refusals)


def proposals_refuse(*, proposals: Sequence[Proposal], by: User) -> int:
    """None of them is granted; returns how many."""
    with transaction.atomic():
        taken = [_taken(proposal, by) for proposal in proposals]
        for proposal in taken:
            _settle(proposal, Proposal.State.REFUSED, by)
    return len(taken)


def _taken(proposal: Proposal, by: User) -> Proposal:
    """The proposal under its lock, if it waits for `by`."""
    waiting = Proposal.objects.grantable_by(by).select_for_update(of=("self",)).select_related("unit", "user")
    found = waiting.filter(pk=proposal.pk).first()
    if found is None:
        raise PostError("已经办过，或不归您授予。", "state")
    return found


def _appoint(proposal: Proposal, by: User) -> Post:
    """A post of its own, or the one that the person holds as a resident already."""
    user, kind, unit = proposal.user, proposal.kind, proposal.unit
    if kind in SINGLE_DUTIES:
        held = Post.objects.current(today()).filter(unit=unit, kind=kind, user=None, resident__name=user.name).first()
        if held is not None:
            return post_account_join(post=held, user=user, by=by)
    return post_appoint(kind=kind, unit=unit, user=user, appointed_on=today(), term_end=proposal.term_end, by=by)


def _settle(proposal: Proposal, state: str, by: User) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at = state, by, timezone.now()
    proposal.save(update_fields=["state", "decided_by", "decided_at"])
