"""Trial run (试算): past months under a draft of the rules, beside what was locked; nothing is written (M22).

Who would gain or lose a star, and how the stars of each village would be spread. The database itself is told to refuse writes
while it reads, and the transaction is rolled back at its end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.periods import Kind, Period
from moral_bank.closings.ratings import HEADS, HeadRule, StarRule
from moral_bank.models import Account, Closing, Rating
from moral_bank.rules import trial_sql
from moral_bank.rules.models import RuleSet
from moral_bank.rules.services import RuleError
from moral_bank.rules.trial_sql import CAPS, CapLine, Delta, QuarterRow, Scope
from villages.models import Unit

MOST_MONTHS = 24
OFFERED_QUARTERS = 4
STARS = (5, 4, 3, 2, 0)
Caps = Sequence[int | None]


@dataclass(frozen=True)
class Move:
    """A household whose stars would differ in a quarter."""

    account: int
    household: int
    head_name: str
    village: int
    quarter: Period
    stars_before: int
    stars_after: int
    before: int
    after: int

    @property
    def gains(self) -> bool:
        return self.stars_after > self.stars_before


@dataclass(frozen=True)
class TrialResult:
    """`spread`: (quarter, village id) → (stars before, stars after) → households; `moves` in the order of quarter, village
    and household; `rows` is how many quarters of households were tried."""

    quarters: Sequence[Period]
    spread: Mapping[tuple[Period, int], Counter[tuple[int, int]]]
    moves: Sequence[Move]
    rows: int


def trial_months(draft: RuleSet, by: User) -> list[Period]:
    """The months of all quarters that a visible village of the township has locked, oldest first, of the last year at most."""
    locked = Closing.objects.filter(
        kind=Kind.QUARTER, state=Closing.State.LOCKED, village__in=_villages(draft, by)
    ).values_list("start", flat=True)
    starts = sorted(set(locked.order_by()))[-OFFERED_QUARTERS:]
    return [month for start in starts for month in Period.of(Kind.QUARTER, start).split(Kind.MONTH)]


def trial_run(*, draft: RuleSet, months: Sequence[Period], by: User) -> TrialResult:
    """Rate the quarters that `months` make up anew by `draft`. Raises RuleError `scope`, `months`, `heads`."""
    if not by.may(Action.RULE_EDIT, draft.township.path):
        raise RuleError("这个乡镇的积分细则不归您维护。", "scope")
    ordered = sorted(set(months))
    if not ordered or len(ordered) > MOST_MONTHS or any(month.kind != Kind.MONTH for month in ordered):
        raise RuleError(f"请选 1 到 {MOST_MONTHS} 个月。", "months")
    heads = _heads(draft)
    begin, end = trial_sql.read_only()
    try:
        with transaction.atomic():
            try:
                _tell(begin)
                return _run(draft, ordered, heads, by)
            finally:
                transaction.set_rollback(True)
    finally:
        if end:
            _tell(end)


def cuts(lines: Iterable[CapLine], deeds: Mapping[int, Caps], household: Caps) -> list[Delta]:
    """What caps take from the sums: (account, month, head, −points). `deeds`: deed → caps of month, quarter and year.

    Pure. Earlier gains use up the caps of later ones; one that was reversed uses up nothing, and what is cut from it its reversal
    does not take back.
    """
    used: dict[tuple[int, int | None, Period], int] = defaultdict(int)
    taken: dict[tuple[int, date, str], int] = defaultdict(int)
    for line in lines:
        periods = [Period.of(kind, line.on) for kind in (Kind.MONTH, Kind.QUARTER, Kind.YEAR)]
        rooms = [
            ((line.account, only, period), most)
            for only, caps in ((line.deed, deeds.get(line.deed, (None,) * 3)), (None, household))
            for period, most in zip(periods, caps, strict=True)
            if most is not None
        ]
        left = min([line.score, *(max(most - used[room], 0) for room, most in rooms)])
        if left < line.score:
            taken[line.account, line.on, line.head] += line.score - left
            if line.reversed_in is not None:
                taken[line.account, line.reversed_in, line.head] -= line.score - left
        if line.reversed_in is None:
            for room, _ in rooms:
                used[room] += left
    return [(account, month, head, -cut) for (account, month, head), cut in taken.items() if cut]


def _run(draft: RuleSet, months: Sequence[Period], heads: Mapping[str, HeadRule], by: User) -> TrialResult:
    villages = list(_villages(draft, by).values_list("pk", flat=True))
    scope = Scope(draft.pk, draft.township_id, villages, months)
    if not scope.quarters:
        raise RuleError("所选的月份不满一个季度，星级按季评定。", "months")
    stars = StarRule(draft.five_star, draft.four_star, draft.three_star, draft.two_star)
    rows = trial_sql.quarter_rows(scope, heads, stars, cap_deltas(draft, scope))
    spread: dict[tuple[Period, int], Counter[tuple[int, int]]] = defaultdict(Counter)
    quarters = {quarter.start: quarter for quarter in scope.quarters}
    for row in rows:
        spread[quarters[row.quarter], row.village][row.stars_before, row.stars_after] += 1
    moved = [row for row in rows if row.stars_before != row.stars_after]
    return TrialResult(scope.quarters, spread, _moves(moved, quarters, by), len(rows))


def _moves(rows: Sequence[QuarterRow], quarters: Mapping[date, Period], by: User) -> list[Move]:
    """The households behind rows that changed, as far as `by` sees their ratings."""
    if not rows:
        return []
    seen = Account.objects.visible_to(by, Rating.view_action).filter(pk__in={row.account for row in rows})
    homes = {pk: (home, name) for pk, home, name in seen.values_list("pk", "household", "household__head_name")}
    return [
        Move(
            row.account,
            *homes[row.account],
            row.village,
            quarters[row.quarter],
            row.stars_before,
            row.stars_after,
            row.before,
            row.after,
        )
        for row in rows
        if row.account in homes
    ]


def cap_deltas(draft: RuleSet, scope: Scope) -> list[Delta]:
    """What the draft's caps take in the scope; two queries, one without caps."""
    household = {name: getattr(draft, name) for name in CAPS}
    deeds = {pk: caps for pk, *caps in draft.deeds.values_list("pk", *CAPS) if any(cap is not None for cap in caps)}
    have = [name for place, name in enumerate(CAPS) if any(caps[place] is not None for caps in deeds.values())]
    if not have and all(most is None for most in household.values()):
        return []
    return cuts(trial_sql.cap_lines(scope, household, have), deeds, list(household.values()))


def _heads(draft: RuleSet) -> dict[str, HeadRule]:
    found = {row.head: HeadRule(row.base, row.maximum) for row in draft.heads.all()}
    if set(found) != set(HEADS):
        raise RuleError("草稿的五类基础分和满分还没有填齐，不能试算。", "heads")
    return found


def _villages(draft: RuleSet, by: User) -> QuerySet[Unit]:
    return Unit.objects.visible_to(by, Rating.view_action).villages().filter(parent=draft.township_id)


def _tell(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
