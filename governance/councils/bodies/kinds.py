"""What each kind of body is: whose presence counts, who sits in it by duty, how many should come (domain.md §3, §14). Pure.

The shares are those that were in use before both organic laws were amended; pages show them as a help (待核), what binds a decision is
said by its own gates.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from governance.accounts.duties import Duty
from villages.units.codes import is_community

SOURCE = Path(__file__).resolve().parents[3] / "data/councils/bodies.csv"
PANEL = "panel"
"""Not a base of meetings: the moral panel's sittings are kept in the moral bank."""


@dataclass(frozen=True)
class Share:
    """A part of a whole: two thirds, or more than half (`more`)."""

    words: str
    over: int
    under: int
    more: bool = False

    def least(self, whole: int) -> int:
        """The smallest number that is enough of `whole`."""
        return whole * self.over // self.under + 1 if self.more else -(-whole * self.over // self.under)

    def holds(self, part: int, whole: int) -> bool:
        return whole > 0 and part >= self.least(whole)


HALF = Share("过半数", 1, 2, more=True)
TWO_THIRDS = Share("三分之二以上", 2, 3)
THIRD = Share("三分之一以上", 1, 3)
FOUR_FIFTHS = Share("五分之四以上", 4, 5)


@dataclass(frozen=True)
class Sort:
    """`base`: one of Meeting.Base, or PANEL. `duties`: who sits in it by duty on the day. `seats`: whether residents are elected into it.
    `women` and `delegates`: the least share of those seats, of all who sit. `quick`: written down on one page in the yard."""

    base: str
    duties: tuple[Duty, ...] = ()
    seats: bool = True
    quorum: Share | None = None
    women: Share | None = None
    delegates: Share | None = None
    village: bool = True
    community: bool = True
    settlement: bool = False
    quick: bool = False


SORTS: dict[str, Sort] = {
    "talk": Sort("open", seats=False, quick=True),
    "moral": Sort(PANEL, seats=False),
    "vice": Sort("members", quorum=HALF),
    "rites": Sort("members", quorum=HALF),
    "elders": Sort("members", quorum=HALF),
    "volunteers": Sort("members", quorum=HALF),
    "trade": Sort("members", quorum=HALF),
    "yard": Sort("households", seats=False, quorum=HALF, settlement=True, quick=True),
    "assembly": Sort("voters", seats=False, quorum=HALF, community=False),
    "delegates": Sort(
        "members", (Duty.SECRETARY, Duty.CADRE), quorum=TWO_THIRDS, women=THIRD, delegates=FOUR_FIFTHS, community=False
    ),
    "residents": Sort("voters", seats=False, quorum=HALF, village=False),
    "res_del": Sort("members", quorum=HALF, village=False),
    "party": Sort("members", quorum=HALF),
    "branch": Sort("members", (Duty.SECRETARY,), quorum=HALF),
    "committees": Sort("members", (Duty.SECRETARY, Duty.CADRE), seats=False, quorum=HALF),
    "overseers": Sort("members", (Duty.OVERSEER,), seats=False, quorum=HALF),
}
HOMES_QUORUM = TWO_THIRDS
"""Of a villagers' or residents' meeting that is counted by households."""


@dataclass(frozen=True)
class Shipped:
    """What a kind is put up with: its rhythm, who calls it, its charter and the frame of its minutes."""

    every_months: int
    convener: str
    charter: str
    frame: str


@cache
def shipped() -> Mapping[str, Shipped]:
    """By kind; the texts are our own wording, to be changed by each village."""
    with SOURCE.open(encoding="utf-8", newline="") as file:
        return {
            row["kind"]: Shipped(
                int(row["every_months"]), row["convener"], row["charter"].replace("|", "\n"), row["frame"].replace("|", "\n")
            )
            for row in csv.DictReader(file)
        }


def quorum_of(kind: str, base: str) -> Share | None:
    """How many should come to a meeting of this base."""
    return HOMES_QUORUM if base == "homes" else SORTS[kind].quorum


def kinds_of(code: str, *, settlement: bool) -> list[str]:
    """The kinds that a village (or one of its settlements) has."""
    own = "community" if is_community(code) else "village"
    return [kind for kind, sort in SORTS.items() if sort.settlement == settlement and getattr(sort, own)]
