"""申报 → 核实 → 入账, first cut (plan §三.4; design §4): declared by a cadre, verified by the officer whom the deed names."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.utils import timezone

from governance.accounts.duties import VILLAGE_DUTIES, Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.periods import today
from moral_bank.ledger import entry_post
from moral_bank.models import Account, Claim, Entry
from moral_bank.rule_models import Deed, RuleSet
from villages.models import Household, Post, Unit


class ClaimError(DomainError):
    """A claim that is refused: `scope`, `rules`, `date`, `verifier`, `state`, `reason`."""


def account_of(household: Household) -> Account:
    """The household's account, opened at first need."""
    opening = {"township_id": household.village.parent_id, "opened_on": today()}
    return Account.objects.get_or_create(household=household, defaults=opening)[0]


def accounts_open(villages: list[Unit], on: date) -> int:
    """Open the missing accounts of all households of `villages` in one statement; returns how many."""
    missing = Household.objects.filter(village__in=villages, account=None).values_list("id", "village__parent_id")
    accounts = [
        Account(household_id=household, township_id=township, opened_on=on)
        for household, township in missing
        if township is not None
    ]
    return len(Account.objects.bulk_create(accounts, batch_size=5000, ignore_conflicts=True))


def claim_declare(
    *,
    household: Household,
    deed: Deed,
    occurred_on: date,
    by: User,
    client_key: UUID,
    score: int | None = None,
    note: str = "",
    at: datetime | None = None,
) -> Claim:
    """Declare a deed. Sending the same `client_key` twice returns the first claim (weak signal, design §8)."""
    now = at or timezone.now()
    first = Claim.objects.filter(client_key=client_key, declared_by=by).first()
    if first is not None:
        return first
    if not by.may(Action.CLAIM_DECLARE, household.unit.path):
        raise ClaimError("这一户不在您可以申报的范围内。", "scope")
    if occurred_on > today(now):
        raise ClaimError("发生日期不能晚于今天。", "date")
    in_force = RuleSet.objects.in_force(household.village.parent_id or 0, occurred_on)
    if in_force is None or deed.rule_set_id != in_force.pk:
        raise ClaimError("该事项不属于发生当日施行的积分细则。", "rules")
    score = deed.score if score is None else score
    if deed.is_judged and not deed.score <= score <= (deed.score_high or 0):
        raise ClaimError(f"评分须在 {deed.score} 到 {deed.score_high} 之间。", "score")
    claim = Claim(
        account=account_of(household),
        deed=deed,
        occurred_on=occurred_on,
        score=score if deed.is_judged else deed.score,
        note=note.strip(),
        client_key=client_key,
        declared_by=by,
        declared_at=now,
    )
    claim.full_clean()
    claim.save()
    return claim


def may_verify(claim: Claim, user: User) -> bool:
    """The officer whom the deed names, at the household's unit or above; the secretary and cadres where that post is vacant."""
    if user.pk == claim.declared_by_id:
        return False
    path = claim.account.household.unit.path
    held = [grant for grant in user.grants if Action.CLAIM_VERIFY in grant.actions and path.startswith(grant.path)]
    if any(grant.duty == claim.deed.verifier for grant in held):
        return True
    return any(grant.duty in VILLAGE_DUTIES for grant in held) and not _named_officer_stands(claim, path)


def _named_officer_stands(claim: Claim, path: str) -> bool:
    codes = path.strip("/").split("/")
    return (
        Post.objects.current(today())
        .filter(kind=claim.deed.verifier, unit__code__in=codes, user__isnull=False, user__is_active=True)
        .exclude(user=claim.declared_by_id)
        .exists()
    )


def claims_waiting_for(user: User) -> QuerySet[Claim]:
    """The declared claims that `user` may verify: `may_verify` in one statement."""
    waiting = Claim.objects.visible_to(user, Action.CLAIM_VERIFY).filter(state=Claim.State.DECLARED)
    path = "account__household__unit__path"
    officer = (
        Post.objects.current(today())
        .filter(kind=OuterRef("deed__verifier"), user__isnull=False, user__is_active=True)
        .exclude(user=OuterRef("declared_by"))
        .alias(claimed_at=ExpressionWrapper(OuterRef(path), output_field=CharField()))
        .filter(claimed_at__startswith=F("unit__path"))
    )
    mine = Q(pk=None)
    for grant in user.grants:
        if Action.CLAIM_VERIFY in grant.actions:
            mine |= Q(deed__verifier=grant.duty, **{f"{path}__startswith": grant.path})
            if grant.duty in VILLAGE_DUTIES:
                mine |= Q(~Exists(officer), **{f"{path}__startswith": grant.path})
    return waiting.exclude(declared_by=user).filter(mine)


def claim_verify(*, claim: Claim, by: User, at: datetime | None = None) -> Entry:
    """Verified: the entry is posted and the claim closed in one transaction."""
    now = at or timezone.now()
    with transaction.atomic():
        claim = _take(claim, by)
        entry = entry_post(
            account=claim.account,
            deed=claim.deed,
            occurred_on=claim.occurred_on,
            score=claim.score,
            by=by,
            source_key=f"claim:{claim.pk}",
            memo=f"{claim.deed.name}（{claim.note}）"[:200] if claim.note else "",
            at=now,
        )
        claim.state, claim.entry, claim.decided_by, claim.decided_at = Claim.State.POSTED, entry, by, now
        claim.save(update_fields=["state", "entry", "decided_by", "decided_at"])
    return entry


def claim_reject(*, claim: Claim, reason: str, by: User, at: datetime | None = None) -> Claim:
    """退回 with a reason that the declarer reads."""
    if not reason.strip():
        raise ClaimError("退回须写明原因。", "reason")
    with transaction.atomic():
        claim = _take(claim, by)
        claim.state, claim.reason = Claim.State.REJECTED, reason.strip()
        claim.decided_by, claim.decided_at = by, at or timezone.now()
        claim.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    return claim


def _take(claim: Claim, by: User) -> Claim:
    """The claim under its lock, if `by` may decide it and nobody has."""
    claim = Claim.objects.select_for_update(of=("self",)).select_related(
        "account__household__unit", "account__household__village", "deed__rule_set"
    ).get(pk=claim.pk)
    if claim.state != Claim.State.DECLARED:
        raise ClaimError(f"这条申报{claim.get_state_display()}，不能重复办理。", "state")
    if by.pk == claim.declared_by_id:
        raise ClaimError("申报人不能核实自己的申报。", "verifier")
    if not may_verify(claim, by):
        raise ClaimError("这条申报不归您核实。", "verifier")
    return claim
