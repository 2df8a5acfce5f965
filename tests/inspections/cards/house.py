"""Plain makers of engine cards, and Hypothesis strategies of valid and of broken ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from inspections.scorecards.scoring import Answer, Band, Card, Item, Kind, Section, Sort

D = Decimal
SITE_KINDS = (Kind.EACH, Kind.WHOLE, Kind.BAND, Kind.NOTE)


def item(key: int, kind: Kind = Kind.EACH, points: Any = None, per_case: Any = 0, **fields: Any) -> Item:
    """`bands` may be given as pairs of plain figures."""
    bands = tuple(Band(D(str(least)), D(str(earned))) for least, earned in fields.pop("bands", ()))
    own = None if points is None else D(str(points))
    return Item(key, f"第{key}条", kind, own, D(str(per_case)), bands, **fields)


def section(key: int, points: Any, *items: Item, sort: Sort = Sort.NORMAL) -> Section:
    return Section(key, f"项目{key}", D(str(points)), items, sort)


def card(*sections: Section) -> Card:
    return Card(sections)


def said(**values: Any) -> dict[int, Answer]:
    """`said(_1=2)`: two cases (or per cent) on line 1; None: it does not apply."""
    return {
        int(name[1:]): Answer(D(0), applies=False) if value is None else Answer(D(str(value)))
        for name, value in values.items()
    }


_cents = st.integers(1, 2000).map(lambda cents: D(cents) / 100)
_DRAWN = Callable[[st.SearchStrategy[Any]], Any]


@st.composite
def pools(draw: _DRAWN, keys: Any) -> list[Item]:
    """One cell of points and the lines that share it, in any mixture of kinds; some exclusive, notes between them."""
    points = draw(_cents)
    lines: list[Item] = []
    for place in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(SITE_KINDS if place else SITE_KINDS[:3]))
        made = Item(next(keys), f"第{place}条", kind, per_case=draw(_cents) if kind == Kind.EACH else D(0))
        if kind == Kind.BAND:
            made = replace(made, bands=draw(bands(points)))
        lines.append(replace(made, exclusive=place > 0 and kind != Kind.NOTE and draw(st.booleans())))
    return [replace(lines[0], points=points), *lines[1:]]


@st.composite
def bands(draw: _DRAWN, points: Decimal) -> tuple[Band, ...]:
    """From the full points down, strictly in both figures."""
    top = int(points * 100)
    earned = sorted(draw(st.sets(st.integers(0, top - 1), max_size=3)), reverse=True)
    least = sorted(draw(st.sets(st.integers(0, 100), min_size=len(earned) + 1, max_size=len(earned) + 1)), reverse=True)
    return tuple(Band(D(at), D(cents) / 100) for at, cents in zip(least, [top, *earned], strict=True))


@st.composite
def cards(draw: _DRAWN) -> Card:
    """A valid card: normal sections whose pools add up, and perhaps bonuses with ceilings and vetoes."""
    keys = iter(range(1, 10_000))
    sections = []
    for _ in range(draw(st.integers(1, 3))):
        lines = [line for _ in range(draw(st.integers(1, 3))) for line in draw(pools(keys))]
        points = sum((line.points for line in lines if line.points is not None), D(0))
        sections.append(Section(next(keys), "项目", points, tuple(lines)))
    if draw(st.booleans()):
        extra = st.builds(
            lambda per_case, own: Item(next(keys), "加", Kind.BONUS, own, per_case), _cents, st.none() | _cents
        )
        sections.append(
            Section(next(keys), "加分", draw(_cents), tuple(draw(st.lists(extra, min_size=1, max_size=3))), Sort.BONUS)
        )
    if draw(st.booleans()):
        vetoes = tuple(Item(next(keys), "否决", Kind.VETO) for _ in range(draw(st.integers(1, 2))))
        sections.append(Section(next(keys), "否决", D(0), vetoes, Sort.VETO))
    return Card(tuple(sections))


@st.composite
def answers(draw: _DRAWN, of: Card) -> dict[int, Answer]:
    """Any answers to some lines of a card; a band's is per cent, the others are counts."""
    found = {}
    for line in of.items:
        if draw(st.booleans()):
            most = 100 if line.kind == Kind.BAND else 30
            found[line.key] = Answer(D(draw(st.integers(0, most * 2))) / 2, draw(st.integers(0, 5)) > 0)
    return found
