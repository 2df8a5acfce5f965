"""What the web says of a list that hangs in the village: sums by settlement, and nothing of any household."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from governance.disclosure.counting import ALL, OTHERS, SMALLEST, counted, found_by_number

COLUMNS = ["序号", "户号", "户主", "组（院）", "得分", "名次"]
STARS = ("五星", "四星", "三星", "二星", "不评星")


def lines(rng: Random, kind: str) -> tuple[list[str], list[list[str]]]:
    """A made-up list of one to sixty households in up to nine settlements."""
    columns = COLUMNS + {"month": ["加减分事项"], "quarter": ["星级"], "year": ["星级", "年度评优"]}[kind]
    rows = []
    for number in range(rng.randint(1, 60)):
        ends = {"month": ["无"], "quarter": [rng.choice(STARS)], "year": [rng.choice(STARS), rng.choice(["是", ""])]}[kind]
        rows.append([str(number + 1), f"户{number:03d}", "王**", f"{rng.randint(1, 9)}组", "82", "7", *ends])
    return columns, rows


@pytest.mark.parametrize("kind", ["month", "quarter", "year"])
@pytest.mark.parametrize("seed", range(40))
def test_it_adds_up_and_says_nothing_of_a_few(kind: str, seed: int) -> None:
    columns, rows = lines(Random(seed), kind)
    headings, table = counted(columns, rows)
    *places, village = table
    assert village[0] == ALL
    assert [sum(int(row[at]) for row in places) for at in range(1, len(headings))] == village[1:]
    marks = Counter(cell for row in rows for cell in row[6:])
    expected = {"month": [len(rows)], "quarter": [marks[star] for star in STARS[:4]]}
    assert village[1:] == expected.get(kind, [*(marks[star] for star in STARS[:4]), marks["是"]])
    sizes = Counter(row[3] for row in rows)
    shown = {str(row[0]) for row in places}
    assert all(sizes[place] >= SMALLEST for place in shown - {OTHERS})
    together = sum(size for place, size in sizes.items() if place not in shown)
    assert (OTHERS in shown) == (together > 0) and (not together or together >= SMALLEST or len(rows) < SMALLEST)
    assert not {"不评星", "户主", "户号", "得分", "名次"} & set(headings)


def test_it_counts_nothing_of_a_list_without_settlements() -> None:
    assert counted([], []) == ([], [])


def test_it_finds_a_cell_where_no_column_is_of_house_numbers() -> None:
    rows = [["3", "门牌 12"], ["4", "门牌 3"]]
    assert found_by_number(["序号", "地点"], rows, "门牌 012") == [["3", "门牌 12"]]
    assert found_by_number(["户号", "序号"], rows, "门牌 3") == []
