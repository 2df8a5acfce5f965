"""Which heads a year's statement has, as shipped in data/economy/heads.csv: a scheme holds from its year until the next one."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent / "data/economy/heads.csv"


@dataclass(frozen=True)
class Head:
    """`sign`: how it counts in 经营收益: 1, -1, or 0 where it does not."""

    key: str
    name: str
    is_income: bool
    sign: int

    @property
    def may_be_negative(self) -> bool:
        """An investment may lose."""
        return self.key == INVESTMENT


@dataclass(frozen=True)
class Scheme:
    """A rule of accounting: its name, the first year it holds for, and its heads in their order."""

    name: str
    from_year: int
    heads: tuple[Head, ...]


INVESTMENT = "investment"


@cache
def schemes() -> tuple[Scheme, ...]:
    """Oldest first."""
    with SOURCE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = []
    for _, group in groupby(rows, key=lambda row: row["scheme"]):
        its = list(group)
        heads = tuple(Head(row["key"], row["head"], row["side"] == "income", int(row["sign"])) for row in its)
        found.append(Scheme(its[0]["name"], int(its[0]["from_year"]), heads))
    return tuple(sorted(found, key=lambda scheme: scheme.from_year))


FIRST_YEAR = 2005


def scheme_of(year: int) -> Scheme:
    """The scheme in force; of years before the first one there is none (ValueError)."""
    for scheme in reversed(schemes()):
        if scheme.from_year <= year:
            return scheme
    raise ValueError(f"{year} 年没有可用的会计科目")


def all_heads() -> list[Head]:
    """Every head of any scheme once, income first, in the order of their tables."""
    found = {head.key: head for scheme in schemes() for head in scheme.heads}
    order = ["operating", "contracting", "investment"]
    return sorted(found.values(), key=lambda head: (not head.is_income, order.index(head.key) if head.key in order else len(order)))
