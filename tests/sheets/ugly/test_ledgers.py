"""Ugly ledgers of every kind: what is good comes in as it is, nothing is silently wrong, twice is once.

A few dozen rows a kind in the suite, a thousand with SOAK=1 (`make soak ARGS=ledgers`), which prints the figures.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
import time_machine

from tests.sheets.ugly import care, checks, disputes, points, roster, worlds
from tests.sheets.ugly.measure import measure

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 20, 4, tzinfo=UTC)
SOAK = os.environ.get("SOAK") == "1"
KINDS = {
    "roster": (roster.make, worlds.roster_world),
    "disputes": (disputes.make, worlds.dispute_world),
    "points": (points.make, worlds.point_world),
    "care": (care.make, worlds.care_world),
    "checks": (checks.make, worlds.check_world),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_ledger_comes_in_as_its_key_says(kind: str) -> None:
    make, world = KINDS[kind]
    size = 1000 if SOAK else 120
    with time_machine.travel(NOW, tick=False):
        figures = measure(kind, make, world(size), size)
    print(f"\n{figures}", *figures.faults(), sep="\n")
    assert figures.share >= 99.5
    assert not (figures.silent or figures.taken or figures.noise or figures.lost or figures.again)
