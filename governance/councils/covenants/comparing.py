"""Two versions of a covenant beside each other: which clauses came, went, changed, and where in their words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

ALIKE = 0.5  # two clauses that share less are a new one and one that went


@dataclass(frozen=True)
class Piece:
    """Some words: `kind` is "" where both have them, "gone" or "new" where only one has."""

    kind: str
    words: str


@dataclass(frozen=True)
class Pair:
    """A line of the comparison: numbers from 1, None where a side has nothing; `kind`: "", "changed", "gone" or "new"."""

    old: int | None
    new: int | None
    kind: str
    pieces: Sequence[Piece]


def pairs_of(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Every clause of both sides stands in exactly one line, the new side's order kept."""
    found: list[Pair] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            for step in range(old_to - old_from):
                found.append(Pair(old_from + step + 1, new_from + step + 1, "", [Piece("", old[old_from + step])]))
        else:
            found += _replaced(old, new, range(old_from, old_to), range(new_from, new_to))
    return found


def _replaced(old: Sequence[str], new: Sequence[str], went: range, came: range) -> Iterator[Pair]:
    """Clauses that are much alike are one that changed, in their order; the others went or came."""
    waiting = list(went)
    for place in came:
        twin = next((index for index in waiting if _alike(old[index], new[place])), None)
        if twin is None:
            yield Pair(None, place + 1, "new", [Piece("new", new[place])])
            continue
        while waiting[0] != twin:
            gone = waiting.pop(0)
            yield Pair(gone + 1, None, "gone", [Piece("gone", old[gone])])
        waiting.pop(0)
        yield Pair(twin + 1, place + 1, "changed", list(_pieces(old[twin], new[place])))
    for gone in waiting:
        yield Pair(gone + 1, None, "gone", [Piece("gone", old[gone])])


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def _pieces(one: str, other: str) -> Iterator[Piece]:
    for tag, one_from, one_to, other_from, other_to in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("", one[one_from:one_to])
            continue
        if one_to > one_from:
            yield Piece("gone", one[one_from:one_to])
        if other_to > other_from:
            yield Piece("new", other[other_from:other_to])
