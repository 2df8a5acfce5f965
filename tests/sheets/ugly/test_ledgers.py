"""Ugly ledgers of every kind: what is good comes in as it is, nothing is silently wrong, twice is once.

Two files of a kind in the suite, a thousand rows of each with SOAK=1 (`make soak ARGS=ledgers`), which prints the figures;
another SEED makes other ledgers.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime

import pytest
import time_machine

from tests.sheets.ugly import care, checks, disputes, hours, officers, points, roster, worlds
from tests.sheets.ugly.measure import measure

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 20, 4, tzinfo=UTC)
SOAK = os.environ.get("SOAK") == "1"
SEED = int(os.environ.get("SEED", "1"))
SIZE, FILES = (1000, 99) if SOAK else (90, 2)
KINDS = {
    "roster": (roster.make, worlds.roster_world),
    "disputes": (disputes.make, worlds.dispute_world),
    "points": (points.make, worlds.point_world),
    "care": (care.make, worlds.care_world),
    "checks": (checks.make, worlds.check_world),
    "officers": (officers.make, worlds.officer_world),
    "hours": (hours.make, worlds.hour_world),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_ledger_comes_in_as_its_key_says(kind: str) -> None:
    make, world = KINDS[kind]
    with time_machine.travel(NOW, tick=False):
        ledgers = make(random.Random(SEED), SIZE)
        first = 2 * list(KINDS).index(kind) % len(ledgers)
        figures = measure(kind, [*ledgers[first:], *ledgers[:first]][:FILES], world(SIZE))
    print(f"\n{figures}", *figures.faults(), sep="\n")
    assert figures.share >= 99.5
    assert not (figures.silent or figures.taken or figures.noise or figures.lost or figures.again)
