"""申报 and 核实 (plan §三.4; design §4; domain.md §7): declared by a cadre, for a household or a neighbour too, and verified by the
officer whom the deed names. What is verified goes to the panel; only the month's lock writes an entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from governance.accounts.duties import VILLAGE_DUTIES, Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.saving import save_by
from governance.periods import Kind, Period, today
from moral_bank.models import Account, Claim, Closing, Rating
from moral_bank.rules.models import Deed, RuleSet
from villages.models import Household, Post

QUANTITY_MOST, SCORE_MOST = 999, 1000
NOTE_LENGTH, NAME_LENGTH = 200, 40
BATCH = 2000
OPEN_STATES = (Claim.State.DECLARED, Claim.State.VERIFIED, Claim.State.APPROVED)
WITHDRAWABLE = (Claim.State.DECLARED, Claim.State.VERIFIED)
DROPPED = (Claim.State.REJECTED, Claim.State.WITHDRAWN)


class ClaimError(DomainError):
    """A claim that is refused: `scope`, `rules`, `date`, `locked`, `score`, `quantity`, `consent`, `words`,
    `verifier`, `declarer`, `state`, `reason`."""


@dataclass(frozen=True)
class Declaration:
    """What is said of one household, whose `village` and `unit` are read already. `score` counts for judged deeds only,
    `quantity` for those counted by it; `applicant` and `consent` where it is written down for somebody (代录); `row_key` says
    which row of a past ledger it is."""

    household: Household
    deed: Deed
    occurred_on: date
    score: int | None = None
    quantity: int = 1
    note: str = ""
    source: str = Claim.Source.CADRE
    applicant: str = ""
    consent: str = ""
    row_key: UUID | None = None


def account_of(household: Household) -> Account:
    """The household's account, opened at first need."""
    opening = {"township_id": household.village.parent_id, "opened_on": today()}
    return Account.objects.get_or_create(household=household, defaults=opening)[0]


def accounts_open(homes: Iterable[tuple[int, int | None]], on: date) -> None:
    """Open an account for each (household id, township id); one that is there already stays."""
    accounts = [
        Account(household_id=household, township_id=township, opened_on=on)
        for household, township in homes
        if township is not None
    ]
    Account.objects.bulk_create(accounts, batch_size=BATCH, ignore_conflicts=True)


def claim_declare(
    *,
    household: Household,
    deed: Deed,
    occurred_on: date,
    by: User,
    score: int | None = None,
    quantity: int = 1,
    note: str = "",
    source: str = Claim.Source.CADRE,
    applicant: str = "",
    consent: str = "",
    at: datetime | None = None,
) -> Claim:
    """Declare a deed."""
    declaration = Declaration(household, deed, occurred_on, score, quantity, note.strip(), source, applicant.strip(), consent)
    found = claims_declare(declarations=[declaration], by=by, at=at)[0]
    if isinstance(found, ClaimError):
        raise found
    return found


def claims_declare(
    *, declarations: Sequence[Declaration], by: User, at: datetime | None = None
) -> list[Claim | ClaimError]:
    """Declare many in a fixed number of statements: for each the claim that it made (its row before it), or why not."""
    now = at or timezone.now()
    try:
        with transaction.atomic():
            return _declare(declarations, by, now)
    except IntegrityError:  # one of the rows came in at the same moment: it is there now
        with transaction.atomic():
            return _declare(declarations, by, now)


def _declare(declarations: Sequence[Declaration], by: User, now: datetime) -> list[Claim | ClaimError]:
    rows = [declaration.row_key for declaration in declarations if declaration.row_key]
    known = {claim.row_key: claim for claim in Claim.objects.filter(row_key__in=rows).select_related("deed", "account__household")}
    rules = Rules.of(declaration for declaration in declarations if declaration.row_key not in known)
    found = [known.get(declaration.row_key) or _refusal(declaration, rules, by, now) for declaration in declarations]
    good = [declaration for declaration, one in zip(declarations, found, strict=True) if one is None]
    made = iter(claims_create(good, by, now))
    return [next(made) if one is None else one for one in found]


@dataclass(frozen=True)
class Rules:
    """What a list of declarations is checked against: adopted rule sets by township, latest first, and the locked months
    of villages and of single households (those rated elsewhere in that month)."""

    rule_sets: dict[int, list[RuleSet]]
    villages: frozenset[tuple[int, date]]
    households: frozenset[tuple[int, date]]

    @classmethod
    def of(cls, declarations: Iterable[Declaration]) -> Rules:
        every = list(declarations)
        return cls.on([one.household for one in every], {month_of(one.occurred_on) for one in every})

    @classmethod
    def on(cls, households: Sequence[Household], months: Iterable[date]) -> Rules:
        """The rules for `households` and what happened in `months` (first days)."""
        rule_sets: dict[int, list[RuleSet]] = {}
        towns = {household.village.parent_id for household in households}
        adopted = RuleSet.objects.filter(township__in=towns, state=RuleSet.State.ADOPTED)
        for rule_set in adopted.order_by("-valid_from", "-version"):
            rule_sets.setdefault(rule_set.township_id, []).append(rule_set)
        locked = Closing.objects.filter(kind=Kind.MONTH, start__in=set(months), state=Closing.State.LOCKED)
        ids = {household.pk for household in households}
        rated = Rating.objects.filter(closing__in=locked.order_by(), account__household__in=ids).order_by()
        return cls(
            rule_sets,
            frozenset(locked.filter(village__in={one.village_id for one in households}).values_list("village", "start")),
            frozenset(rated.values_list("account__household", "closing__start")),
        )

    def in_force(self, household: Household, day: date) -> RuleSet | None:
        found = self.rule_sets.get(household.village.parent_id or 0, [])
        return next((rule_set for rule_set in found if rule_set.valid_from <= day), None)

    def is_locked(self, household: Household, day: date) -> bool:
        month = month_of(day)
        return (household.village_id, month) in self.villages or (household.pk, month) in self.households


def month_of(day: date) -> date:
    return Period.of(Kind.MONTH, day).start


def _refusal(declaration: Declaration, rules: Rules, by: User, now: datetime) -> ClaimError | None:
    try:
        _check(declaration, rules, by, now)
    except ClaimError as error:
        return error
    return None


def _check(declaration: Declaration, rules: Rules, by: User, now: datetime) -> None:
    """Raise the first thing that is wrong with a declaration."""
    if not by.may(Action.CLAIM_DECLARE, declaration.household.unit.path) or declaration.household.ended_on is not None:
        raise ClaimError("这一户不在您可以申报的范围内。", "scope")
    check_rules(declaration, rules, now)
    _check_words(declaration)


def check_rules(declaration: Declaration, rules: Rules, now: datetime) -> None:
    """Raises ClaimError where the household, the day, the month, the deed or the figure does not allow a claim."""
    if declaration.household.ended_on is not None:
        raise ClaimError("这一户已销户，不能计分。", "scope")
    if declaration.occurred_on > today(now):
        raise ClaimError("发生日期不能晚于今天。", "date")
    if rules.is_locked(declaration.household, declaration.occurred_on):
        raise ClaimError("该月评分已锁定，不能再申报这个月的事。", "locked")
    rule_set = rules.in_force(declaration.household, declaration.occurred_on)
    if rule_set is None or declaration.deed.rule_set_id != rule_set.pk:
        raise ClaimError("该事项不属于发生当日施行的积分细则。", "rules")
    _check_figure(declaration)


def _check_words(declaration: Declaration) -> None:
    own = declaration.source == Claim.Source.CADRE and not declaration.applicant and not declaration.consent
    for_another = declaration.source in (Claim.Source.HOUSEHOLD, Claim.Source.NEIGHBOUR) and declaration.applicant
    if not own and not (for_another and declaration.consent in Claim.Consent.values):
        raise ClaimError("代录须写明申报的人，并选如何同意。", "consent")
    if len(declaration.note) > NOTE_LENGTH or len(declaration.applicant) > NAME_LENGTH:
        raise ClaimError(f"说明不超过 {NOTE_LENGTH} 字，姓名不超过 {NAME_LENGTH} 字。", "words")


def _check_figure(declaration: Declaration) -> None:
    deed = declaration.deed
    if deed.is_judged and (declaration.score is None or not deed.score <= declaration.score <= (deed.score_high or 0)):
        raise ClaimError(f"评分须在 {deed.score} 到 {deed.score_high} 之间。", "score")
    if not 1 <= declaration.quantity <= (QUANTITY_MOST if deed.by_quantity else 1):
        most = f"数量须在 1 到 {QUANTITY_MOST} 之间。" if deed.by_quantity else f"“{deed.name}”不按数量计分，数量填 1。"
        raise ClaimError(most, "quantity")
    if not 1 <= abs(score_of(declaration)) <= SCORE_MOST:
        raise ClaimError(f"一次申报的评分不能为 0，也不能超过 {SCORE_MOST} 分，请核对。", "score")


def score_of(declaration: Declaration) -> int:
    """The figure declared: what was said of a judged deed, else the deed's own times the quantity."""
    return declaration.score or 0 if declaration.deed.is_judged else declaration.deed.score * declaration.quantity


def claims_create(declarations: Sequence[Declaration], by: User, now: datetime, *, source: str = "") -> list[Claim]:
    """The claims of declarations that were checked; verified at once where `source` says that another room did."""
    brought = source in Claim.BROUGHT
    accounts = _accounts(declarations, now)
    claims = [
        Claim(
            account=accounts[declaration.household.pk],
            township_id=accounts[declaration.household.pk].township_id,
            deed=declaration.deed,
            occurred_on=declaration.occurred_on,
            score=score_of(declaration),
            quantity=declaration.quantity,
            note=declaration.note,
            source=source or declaration.source,
            applicant=declaration.applicant,
            consent=declaration.consent,
            row_key=declaration.row_key,
            state=Claim.State.VERIFIED if brought else Claim.State.DECLARED,
            decided_at=now if brought else None,
            declared_by=by,
            declared_at=now,
        )
        for declaration in declarations
    ]
    if not claims:
        return []
    made: list[Claim] = bulk_create_with_history(claims, Claim, batch_size=BATCH, default_user=by, default_date=now)
    return made


def _accounts(declarations: Sequence[Declaration], now: datetime) -> dict[int, Account]:
    """Household id → its account, opened where there is none."""
    households = {declaration.household.pk: declaration.household for declaration in declarations}

    def read() -> dict[int, Account]:
        found = Account.objects.filter(household__in=households)
        return {account.household_id: account for account in found.select_related("household__unit", "household__village")}

    accounts = read()
    missing = [(pk, household.village.parent_id) for pk, household in households.items() if pk not in accounts]
    if missing:
        accounts_open(missing, today(now))
        accounts = read()
    return accounts


def with_alike(claims: QuerySet[Claim]) -> Any:
    """`claims` with `alike`: whether it stands beside another that says the same of that household on that day."""
    same = Claim.objects.filter(
        account=OuterRef("account"), deed=OuterRef("deed"), occurred_on=OuterRef("occurred_on")
    ).exclude(pk=OuterRef("pk"))
    return claims.annotate(alike=Q(~Q(state__in=DROPPED), Exists(same.exclude(state__in=DROPPED).order_by())))


def may_verify(claim: Claim, user: User) -> bool:
    """The officer whom the deed names, at the household's unit or above; the secretary and cadres where that post is vacant."""
    if user.pk == claim.declared_by_id:
        return False
    path = claim.account.household.unit.path
    held = [grant for grant in user.grants if Action.CLAIM_VERIFY in grant.actions and path.startswith(grant.path)]
    if any(grant.duty == claim.deed.verifier for grant in held):
        return True
    return any(grant.duty in VILLAGE_DUTIES for grant in held) and not _named_officer_stands(claim, path)


def _verifying_posts() -> QuerySet[Post]:
    """The posts that somebody holds today and that verify claims."""
    kinds = [kind for kind, _ in Deed.VERIFIERS]
    return Post.objects.current(today()).filter(kind__in=kinds, user__isnull=False, user__is_active=True)


def _named_officer_stands(claim: Claim, path: str) -> bool:
    codes = path.strip("/").split("/")
    return (
        _verifying_posts()
        .filter(kind=claim.deed.verifier, unit__code__in=codes)
        .exclude(user=claim.declared_by_id)
        .exists()
    )


def claims_waiting_for(user: User) -> QuerySet[Claim]:
    """The declared claims that `user` may verify: `may_verify` in one statement."""
    waiting = Claim.objects.visible_to(user, Action.CLAIM_VERIFY).filter(state=Claim.State.DECLARED)
    path = "account__household__unit__path"
    officer = (
        _verifying_posts()
        .filter(kind=OuterRef("deed__verifier"))
        .exclude(user=OuterRef("declared_by"))
        .alias(claimed_at=ExpressionWrapper(OuterRef(path), output_field=CharField()))
        .filter(claimed_at__startswith=F("unit__path"))
    )
    mine = Q()
    for grant in user.grants:
        if Action.CLAIM_VERIFY in grant.actions:
            mine |= Q(deed__verifier=grant.duty, **{f"{path}__startswith": grant.path})
            if grant.duty in VILLAGE_DUTIES:
                mine |= Q(~Exists(officer), **{f"{path}__startswith": grant.path})
    return waiting.exclude(declared_by=user).filter(mine) if mine else waiting.none()


def claim_verify(*, claim: Claim, by: User, at: datetime | None = None) -> Claim:
    """Verified: it goes to the panel. Nothing is posted yet."""
    with transaction.atomic():
        claim = _take(claim, by)
        claim.state, claim.decided_by, claim.decided_at = Claim.State.VERIFIED, by, at or timezone.now()
        save_by(claim, by, ClaimError, ["state", "decided_by", "decided_at"])
    return claim


def claim_reject(*, claim: Claim, reason: str, by: User, at: datetime | None = None) -> Claim:
    """退回 with a reason that the declarer reads."""
    if not reason.strip():
        raise ClaimError("退回须写明原因。", "reason")
    with transaction.atomic():
        claim = _take(claim, by)
        claim.state, claim.reason = Claim.State.REJECTED, reason.strip()
        claim.decided_by, claim.decided_at = by, at or timezone.now()
        save_by(claim, by, ClaimError, ["state", "reason", "decided_by", "decided_at"])
    return claim


def claim_withdraw(*, claim: Claim, by: User, at: datetime | None = None) -> Claim:
    """撤回 by the declarer, as long as the panel has not judged it."""
    with transaction.atomic():
        claim = claim_locked(claim)
        if by.pk != claim.declared_by_id:
            raise ClaimError("只有申报人自己能撤回。", "declarer")
        if claim.state not in WITHDRAWABLE:
            raise ClaimError(f"这条申报{claim.get_state_display()}，不能撤回。", "state")
        claim.state = Claim.State.WITHDRAWN
        claim._history_date = at or timezone.now()  # type: ignore[attr-defined]
        save_by(claim, by, ClaimError, ["state"])
    return claim


def claim_locked(claim: Claim) -> Claim:
    """The claim under its lock, with its household and deed. Raises Claim.DoesNotExist."""
    claims = Claim.objects.select_for_update(of=("self",))
    related = ("account__household__unit", "account__household__village", "deed__rule_set", "declared_by")
    return claims.select_related(*related).get(pk=claim.pk)


def _take(claim: Claim, by: User) -> Claim:
    """The claim under its lock, if `by` may decide it and nobody has."""
    claim = claim_locked(claim)
    if claim.state != Claim.State.DECLARED:
        raise ClaimError(f"这条申报{claim.get_state_display()}，不能重复办理。", "state")
    if by.pk == claim.declared_by_id:
        raise ClaimError("申报人不能核实自己的申报。", "verifier")
    if not may_verify(claim, by):
        raise ClaimError("这条申报不归您核实。", "verifier")
    return claim
