"""A county's quarter: every township's round computed by its task, against one SQL that scores, ranks and explains the same."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from django.db import connection, transaction

if TYPE_CHECKING:
    from inspections.models import Checklist, ChecklistItem
    from villages.models import Unit

ROUNDS = 3
SECTIONS, LINES = 6, 10
QUARTER = date(2026, 1, 1)
NOW = datetime(2026, 4, 8, tzinfo=UTC)

BY_SQL = """
WITH lines AS (
    SELECT c.id AS card_id, c.round_id, s.id AS section_id, s.position AS place, i.position AS line, i.id AS item_id,
           i.name, i.points, a.value, i.per_case * a.value AS asked, least(i.per_case * a.value, i.points) AS taken
      FROM inspections_scorecard c
      JOIN inspections_answer a ON a.card_id = c.id AND a.side = 'site'
      JOIN inspections_checklistitem i ON i.id = a.item_id
      JOIN inspections_checklistsection s ON s.id = i.section_id),
sections AS (
    SELECT card_id, round_id, section_id, place, sum(points) AS points, sum(points - taken) AS score,
           jsonb_agg(jsonb_build_object('section', section_id, 'item', item_id, 'amount', -taken, 'asked', -asked,
                                        'words', name || '：' || value) ORDER BY line) AS trail
      FROM lines GROUP BY card_id, round_id, section_id, place),
cards AS (
    SELECT card_id, round_id, sum(score) AS score,
           jsonb_agg(jsonb_build_object('key', section_id, 'points', points, 'score', score) ORDER BY place) AS sections,
           jsonb_agg(trail ORDER BY place) AS trail
      FROM sections GROUP BY card_id, round_id),
ranked AS (SELECT *, rank() OVER (PARTITION BY round_id ORDER BY score DESC) AS place FROM cards)
UPDATE inspections_scorecard c
   SET score = r.score, rank = r.place, sections = r.sections, trail = r.trail, missing = 0,
       grade = CASE WHEN r.score >= 540 THEN 'good' WHEN r.score >= 480 THEN 'fair' WHEN r.score >= 360 THEN 'passing'
                    ELSE 'poor' END
  FROM ranked r WHERE r.card_id = c.id"""
DIGEST = "SELECT count(*), md5(string_agg(concat_ws('|', id, score, grade, rank), ',' ORDER BY id)) FROM inspections_scorecard"


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def load(townships: int, villages: int) -> None:
    """A county: each township's card of 60 lines in force, its round being scored, every line of every village judged."""
    from governance.accounts.models import User
    from inspections.models import Answer, Checklist, Round, Scorecard

    rng = random.Random(2026)
    by = User.objects.create(username="bench", name="bench")
    (county,) = _units(None, "county", [("平昌县", "511923000000")])
    for number in range(townships):
        (town,) = _units(county, "township", [(f"{number:02d}镇", f"511923{number + 100}000")])
        share = villages // townships + (number < villages % townships)
        its = _units(town, "village", [(f"{place:03d}村", f"511923{number + 100}{place + 200}") for place in range(share)])
        card, items = _card(town)
        inspection_round = Round.objects.create(
            township=town, quarter=QUARTER, name="督查", checklist=card, seed="1", opens_on=QUARTER, closes_on=QUARTER,
            planned_by=by, planned_at=NOW, state="scoring",
        )  # fmt: skip
        Checklist.objects.filter(pk=card.pk).update(state="adopted")
        cards = Scorecard.objects.bulk_create([Scorecard(round=inspection_round, village=village) for village in its])
        Answer.objects.bulk_create(
            [
                Answer(card=row, item=item, value=Decimal(rng.choice((0, 0, 1, 2, 5))), by=by, at=NOW)
                for row in cards
                for item in items
            ],
            batch_size=5000,
        )
    _sql("ANALYZE")


def _units(parent: Unit | None, level: str, units: list[tuple[str, str]]) -> list[Unit]:
    """New units by name and code."""
    from villages.units.loading import unit_draft, units_insert

    since = date(2020, 1, 1)
    return units_insert([unit_draft(level=level, name=name, code=code, parent=parent, valid_from=since) for name, code in units], None)


def _card(town: Unit) -> tuple[Checklist, list[ChecklistItem]]:
    """60 lines of 10 points in six sections, each line taking one point a case."""
    from inspections.models import Checklist, ChecklistItem, ChecklistSection

    full = Decimal(SECTIONS * LINES * 10)
    card = Checklist.objects.create(township=town, use="quarter", name="督查", valid_from=QUARTER, full=full)
    sections = ChecklistSection.objects.bulk_create(
        [
            ChecklistSection(checklist=card, position=place, name=f"第{place}项", points=LINES * 10)
            for place in range(1, SECTIONS + 1)
        ]
    )
    items = ChecklistItem.objects.bulk_create(
        [
            ChecklistItem(section=section, position=line, name=f"第{line}条", points=10, per_case=1)
            for section in sections
            for line in range(1, LINES + 1)
        ]
    )
    return card, list(items)


def _clear() -> None:
    _sql(
        "UPDATE inspections_scorecard SET score = NULL, rank = NULL, grade = '', sections = '[]', trail = '[]', missing = 0"
    )
    _sql("VACUUM (FULL, ANALYZE) inspections_scorecard")
    _sql("CHECKPOINT")


def _by_service() -> None:
    from inspections.models import Round
    from inspections.rounds.computing import round_compute

    for pk in Round.objects.order_by("pk").values_list("pk", flat=True):
        round_compute(pk)


def _by_sql() -> None:
    with transaction.atomic():
        _sql(BY_SQL)


def _digest() -> tuple[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(DIGEST)
        digest: tuple[int, str] = cursor.fetchone()
        return digest


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def run(townships: int, villages: int) -> None:
    """Print the comparison; both ways' scores, grades and ranks are compared first."""
    load(townships, villages)
    times: dict[Callable[[], None], list[float]] = {_by_sql: [], _by_service: []}
    digests = set()
    for _ in range(ROUNDS):
        for way in times:
            _clear()
            times[way].append(_timed(way))
            digests.add(_digest())
    if len(digests) != 1:
        raise SystemExit(f"the outputs differ: {digests}")
    by_sql, service = (median(found) for found in times.values())
    print(f"a county's quarter: {townships} townships, {villages} villages × {SECTIONS * LINES} lines, outputs equal")
    print(f"  one SQL {by_sql:.2f} s, service (one task a township, one after the other) {service:.2f} s, ", end="")
    print(f"ratio {service / by_sql:.2f}; the service also takes every measured figure and a line's words")
