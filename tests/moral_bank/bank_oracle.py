"""What a moral bank must be after each step, in plain dicts: no database, no services (for the state machine)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass
class Posting:
    """A line of the ledger. `grant` is the deed's day of a grant (of what it reverses), None for spending."""

    account: int
    points: int
    score: int
    on: date
    grant: date | None = None
    deed: str = ""
    reversible: bool = False
    reversed: bool = False


@dataclass
class Oracle:
    """Accounts, claims, goods and redemptions by their numbers; `postings` by the entry's number."""

    balances: dict[int, int]
    stock: dict[int, int] = field(default_factory=dict)
    postings: list[Posting] = field(default_factory=list)
    claims: dict[int, dict[str, object]] = field(default_factory=dict)
    redemptions: dict[int, dict[str, object]] = field(default_factory=dict)
    entries: dict[int, int] = field(default_factory=dict)  # entry id → index in postings
    locked: set[date] = field(default_factory=set)

    def post(self, posting: Posting) -> None:
        self.balances[posting.account] += posting.points
        assert self.balances[posting.account] >= 0
        self.postings.append(posting)

    def month_left(self, account: int, deed: str, month: date, cap: int) -> int:
        """What a monthly cap still leaves: un-reversed grants and approved claims count."""
        posted = sum(
            one.score
            for one in self.postings
            if (one.account, one.deed) == (account, deed) and one.score > 0 and one.reversible and not one.reversed
            and one.on.replace(day=1) == month
        )  # fmt: skip
        waiting = sum(
            int(str(claim["score"]))
            for claim in self.claims.values()
            if (claim["account"], claim["deed"], claim["state"]) == (account, deed, "approved")
            and int(str(claim["score"])) > 0
            and isinstance(day := claim["counts_on"], date) and day.replace(day=1) == month
        )  # fmt: skip
        return max(0, cap - posted - waiting)

    def lapse(self, account: int, until: date) -> int:
        """What is left of the points earned until a day: first earned, first spent."""
        left = sum(
            one.points
            for one in self.postings
            if one.account == account and (one.grant is None or one.grant <= until)
        )
        return max(0, min(left, self.balances[account]))

    def states(self, kind: str) -> dict[int, object]:
        return {pk: row["state"] for pk, row in getattr(self, kind).items()}


def next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
