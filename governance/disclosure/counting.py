"""What the web says of a list that hangs whole in the village: how many, by settlement, and no line of it (domain.md §14). Pure.

House numbers with scores and ranks to the bottom would be a black list, and a column of 王* tells nobody anything.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from villages.households.numbers import number_key

NUMBER, PLACE, STARS, HONOURED = "户号", "组（院）", "星级", "年度评优"
SHOWN_STARS = ("五星", "四星", "三星", "二星")  # who has none is nobody's business
SMALLEST = 5  # what is counted of fewer households would say something of each
OTHERS, ALL = "其他院落", "全村"

Cell = str | int


def counted(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[Cell]]]:
    """Headings and lines, one for each settlement in the order of its name, small ones together, the village last."""
    if PLACE not in columns:
        return [], []
    headings = [*SHOWN_STARS] if STARS in columns else ["参评户数"]
    if HONOURED in columns:
        headings.append(HONOURED)
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    place_of = _places([row[columns.index(PLACE)] for row in rows])
    for row in rows:
        said = dict(zip(columns, row, strict=True))
        for place in (place_of[said[PLACE]], ALL):
            sums[place].update(_marks(said))
    ends = (OTHERS, ALL)
    order = sorted(sums, key=lambda place: (ends.index(place) + 1 if place in ends else 0, place))
    return [PLACE, *headings], [[place, *(sums[place][heading] for heading in headings)] for place in order]


def found_by_number(columns: Sequence[str], rows: Sequence[Sequence[Cell]], words: str) -> list[Sequence[Cell]]:
    """The lines of this house number, with and without leading noughts; of a list without house numbers, those with such a cell."""
    key = number_key(words)
    places = [columns.index(NUMBER)] if NUMBER in columns else range(len(columns))
    return [row for row in rows if any(number_key(str(row[place])) == key for place in places)]


def _marks(said: dict[str, str]) -> list[str]:
    """The headings under which a line counts."""
    marks = [said.get(STARS, ""), "参评户数"]
    return [*marks, HONOURED] if said.get(HONOURED) else marks


def _places(named: Sequence[str]) -> dict[str, str]:
    """Each settlement's name on the web: its own, or 其他院落 for those of too few households, which are together enough."""
    sizes = Counter(named)
    small: list[str] = []
    together = 0
    for place, size in sorted(sizes.items(), key=lambda pair: (pair[1], pair[0])):
        if size >= SMALLEST and (not small or together >= SMALLEST):
            break
        small.append(place)
        together += size
    return {place: OTHERS if place in small else place for place in sizes}
