"""Every figure of a rating has a way down to its source."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moral_bank.closings.explain import Explanation, explain
from moral_bank.ledger.services import entry_reverse
from moral_bank.models import Rating
from tests.moral_bank.closings.house import ClosingHouse, noon

pytestmark = pytest.mark.django_db
MONTHS = ("2026-01", "2026-02", "2026-03")


@pytest.fixture
def house() -> ClosingHouse:
    return ClosingHouse(households=2)


def rating_of(house: ClosingHouse, text: str, account: int = 0) -> Rating:
    return house.closing(text).ratings.get(account=house.accounts[account])


def test_it_shows_base_entries_and_clamp_of_each_head(house: ClosingHouse) -> None:
    entries = [house.enter("J1", date(2026, 3, day), score=4) for day in (3, 2)]
    house.enter("J1", date(2026, 4, 1), score=4)
    house.compute("2026-03")
    found = explain(rating_of(house, "2026-03"))
    line = next(line for line in found.heads if line.head == "sanitation")
    assert (line.label, line.base, line.total, line.raw, line.value, line.maximum) == (
        "环境卫生评比", 15, 8, 23, 20, 20,
    )  # fmt: skip
    assert line.clamped
    assert line.entries == tuple(reversed(entries))
    assert (found.score, found.current, found.parts, found.rule_set) == (Decimal(65), True, (), house.rule_set)


def test_it_says_when_late_entries_are_not_in_the_score_yet(house: ClosingHouse) -> None:
    house.compute("2026-03")
    house.enter("S1", date(2026, 3, 2))
    assert not explain(rating_of(house, "2026-03")).current


def test_it_shows_the_months_of_a_quarter_and_its_thresholds(house: ClosingHouse) -> None:
    house.enter("S1", date(2026, 2, 2))
    for month in MONTHS:
        house.lock(month)
    house.compute("2026-Q1")
    found = explain(rating_of(house, "2026-Q1"))
    assert [str(part.score) for part in found.parts] == ["60.00", "65.00", "60.00"]
    assert [str(part.closing.period) for part in found.parts] == list(MONTHS)
    assert found.thresholds == ((5, 90), (4, 80), (3, 70), (2, 60))
    assert (found.score, found.heads, found.honour_rank) == (Decimal("61.67"), (), None)


def test_it_names_the_vetoes_that_counted(house: ClosingHouse) -> None:
    lifted, counted = (house.enter("V1", date(2026, 1, day)) for day in (5, 6))
    for month in MONTHS:
        house.lock(month)
    entry_reverse(entry=lifted, reason="查无此事", by=house.cast["staff"], at=noon(2026, 4, 1))
    house.compute("2026-Q1", at=noon(2026, 4, 2))
    entry_reverse(entry=counted, reason="查无此事", by=house.cast["staff"], at=noon(2026, 4, 3))
    assert explain(rating_of(house, "2026-Q1")).vetoes == (counted,)
    assert explain(rating_of(house, "2026-Q1", 1)).vetoes == ()


def test_it_tells_the_last_honoured_rank_of_a_year(house: ClosingHouse) -> None:
    for month in range(1, 13):
        house.lock(f"2026-{month:02}")
    for quarter in range(1, 5):
        house.lock(f"2026-Q{quarter}")
    house.compute("2026")
    found = explain(rating_of(house, "2026"))
    assert (found.honour_rank, found.households, len(found.parts)) == (1, 2, 4)


def test_it_asks_equally_often_however_much_there_is_to_tell(house: ClosingHouse) -> None:
    for day in range(1, 20):
        house.enter("S1", date(2026, 3, day))
        house.enter("V1", date(2026, 3, day))
    house.enter("V1", date(2026, 3, 1), house.accounts[1])
    house.compute("2026-03")
    much, little = rating_of(house, "2026-03"), rating_of(house, "2026-03", 1)
    assert queries(much) == queries(little)


def queries(rating: Rating) -> int:
    with CaptureQueriesContext(connection) as captured:
        told(explain(rating))
    return len(captured)


def told(found: Explanation) -> str:
    """What a page would print."""
    lines = [f"{entry.deed} {entry.score} {entry.reverses}" for line in found.heads for entry in line.entries]
    return "\n".join([*lines, *(str(entry.deed) for entry in found.vetoes), str(found.rule_set)])
