"""Caps: how much a household can gain by one deed, and by all deeds of a rule set, in a month, quarter and year.

A cap counts the positive entries that nobody reversed and the claims that a panel approved; losses are never capped. A
version of the rules counts from its own start, since its deeds are its own. The trigger `moral_bank_entry_cap` says the
same of entries to whoever goes around this module (migration 0005).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q

from governance.periods import Kind, Period
from moral_bank.models import Account, Claim, Entry
from moral_bank.rules.models import Deed, RuleSet

Line = tuple[int, Deed, date, int]
KINDS = ((Kind.MONTH, "cap_month", "每月"), (Kind.QUARTER, "cap_quarter", "每季"), (Kind.YEAR, "cap_year", "每年"))


@dataclass(frozen=True)
class Grant:
    """What a line may give; `limit` names the cap that cut it, "" where nothing was cut."""

    score: int
    limit: str = ""


@dataclass(frozen=True)
class Limit:
    """One cap that counts for a line: of an account's gains within `period` by a deed or, `deed` None, by a rule set."""

    account: int
    rule_set: int
    deed: int | None
    period: Period
    most: int
    words: str

    @property
    def room(self) -> tuple[int, int, int | None, Period]:
        """What gains are added up by."""
        return self.account, self.rule_set, self.deed, self.period


def is_capped(deed: Deed) -> bool:
    """Whether any cap counts for gains by `deed` (its rule set is read)."""
    return _has_caps(deed) or _has_caps(deed.rule_set)


def granted(lines: Sequence[Line], locks: bool = True) -> list[int]:
    """The score that each line may give. `lines`: (account id, deed, day, score) in order; earlier ones use up the caps of
    later ones. With `locks` the accounts' rows are held until the transaction ends; three queries, none without caps."""
    return [grant.score for grant in grants(lines, locks)]


def grants(lines: Sequence[Line], locks: bool = True) -> list[Grant]:
    """As `granted`, with the cap that cut a line."""
    limits = [_limits(line) for line in lines]
    flat = [limit for of_line in limits for limit in of_line]
    if not flat:
        return [Grant(score) for *_, score in lines]
    if locks:
        accounts_hold({limit.account for limit in flat})
    used = _used(flat)
    found = []
    for (account, deed, on, score), of_line in zip(lines, limits, strict=True):
        grant = _cut(score, of_line, used)
        found.append(grant)
        if grant.score > 0:
            for room in _rooms(account, deed.rule_set_id, deed.pk, on):
                used[room] += grant.score
    return found


def accounts_hold(account_ids: Iterable[int]) -> None:
    """Lock the accounts' rows in order of id, as the posting trigger does."""
    if connection.features.has_select_for_update:
        rows = Account.objects.select_for_update(no_key=True).filter(pk__in=set(account_ids)).order_by("pk")
        list(rows.values_list("pk"))


def _cut(score: int, limits: Sequence[Limit], used: dict[tuple[int, int, int | None, Period], int]) -> Grant:
    grant = Grant(score)
    for limit in limits:
        left = max(limit.most - used[limit.room], 0)
        if left < grant.score:
            grant = Grant(left, limit.words)
    return grant


def _limits(line: Line) -> list[Limit]:
    account, deed, on, score = line
    if score <= 0:
        return []
    owners: list[tuple[Deed | RuleSet, int | None, str]] = [(deed, deed.pk, "该事项"), (deed.rule_set, None, "每户")]
    return [
        Limit(account, deed.rule_set_id, only, Period.of(kind, on), most, f"{whose}{span}上限 {most} 分")
        for owner, only, whose in owners
        for kind, name, span in KINDS
        if (most := getattr(owner, name)) is not None
    ]


def _rooms(account: int, rule_set: int, deed: int, on: date) -> list[tuple[int, int, int | None, Period]]:
    """Everything that a gain is counted in."""
    periods = [Period.of(kind, on) for kind, *_ in KINDS]
    return [(account, rule_set, only, period) for only in (deed, None) for period in periods]


def _used(limits: Sequence[Limit]) -> dict[tuple[int, int, int | None, Period], int]:
    """Gains so far within the limits' periods, in two queries."""
    accounts = {limit.account for limit in limits}
    rule_sets = {limit.rule_set for limit in limits}
    first = min(limit.period.start for limit in limits)
    end = max(limit.period.end for limit in limits)
    wanted = Q(account__in=accounts, deed__rule_set__in=rule_sets, score__gt=0)
    entries = Entry.objects.filter(wanted, occurred_on__gte=first, occurred_on__lt=end, reverses=None, reversed_by=None)
    claims = Claim.objects.filter(wanted, counts_on__gte=first, counts_on__lt=end, state=Claim.State.APPROVED)
    used: dict[tuple[int, int, int | None, Period], int] = defaultdict(int)
    columns = ("account", "deed__rule_set", "deed")
    for account, rule_set, deed, on, score in (
        *entries.order_by().values_list(*columns, "occurred_on", "score"),
        *claims.order_by().values_list(*columns, "counts_on", "score"),
    ):
        for room in _rooms(account, rule_set, deed, on):
            used[room] += score
    return used


def _has_caps(owner: Deed | RuleSet) -> bool:
    return any(getattr(owner, name) is not None for _, name, _ in KINDS)
