"""What another room has verified already: a served order that was judged, a meeting that was confirmed. It goes straight to the panel
(mission M29); panel, notice, caps, cover and lock are as for every claim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.frame.saving import save_by
from moral_bank.claims.services import ClaimError, Declaration, Rules, check_rules, claim_locked, claims_create
from moral_bank.models import Claim


def claims_bring(
    *, declarations: Sequence[Declaration], by: User, source: str = Claim.Source.SERVICE, at: datetime | None = None
) -> list[Claim | ClaimError]:
    """For each declaration, which has its `row_key`, the verified claim that it made or made before, or why there is none. `by` is in whose
    name it stands; who brings it has asked whether they may."""
    now = at or timezone.now()
    with transaction.atomic():
        keys = [one.row_key for one in declarations]
        known = {claim.row_key: claim for claim in Claim.objects.filter(row_key__in=keys)}
        rules = Rules.of(declarations)
        found = [known.get(one.row_key) or _refusal(one, rules, now) for one in declarations]
        good = [one for one, known_or_refused in zip(declarations, found, strict=True) if known_or_refused is None]
        made = iter(claims_create(good, by, now, source=source))
        return [next(made) if one is None else one for one in found]


def claim_recount(*, row_key: UUID, quantity: int, by: User, at: datetime | None = None) -> Claim | None:
    """Another quantity of a claim whose deed counts by it, as long as the panel has not judged; returns it where it changed."""
    with transaction.atomic():
        found = Claim.objects.filter(row_key=row_key, source=Claim.Source.SERVICE).first()
        claim = claim_locked(found) if found is not None else None
        if claim is None or claim.state != Claim.State.VERIFIED or not claim.deed.by_quantity or claim.quantity == quantity:
            return None
        claim.quantity, claim.score = quantity, claim.deed.score * quantity
        claim._history_date = at or timezone.now()  # type: ignore[attr-defined]
        save_by(claim, by, ClaimError, ["quantity", "score"])
    return claim


def _refusal(declaration: Declaration, rules: Rules, now: datetime) -> ClaimError | None:
    try:
        check_rules(declaration, rules, now)
    except ClaimError as error:
        return error
    return None
