"""Closing a month in sets: the service against one hand-written INSERT … SELECT into the same table.

Both write the same rows (compared first), commit, and start from an empty, analysed table; in turns, medians. Then what
dominates, and the same month with a long history behind it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from statistics import median

from django.db import connection

ROUNDS = 5
START = date(2026, 3, 1)

_HEADS = {"law": (20, 20), "service": (5, 20), "sanitation": (15, 20), "participation": (8, 20), "civility": (12, 20)}
_SUMS = ", ".join(f"coalesce(sum(score) FILTER (WHERE head = '{head}'), 0) AS {head}" for head in _HEADS)
_CLAMPS = ", ".join(
    f"least(greatest({base} + coalesce(s.{head}, 0), 0), {maximum}) AS {head}"
    for head, (base, maximum) in _HEADS.items()
)
BY_HAND = f"""
WITH sums AS (SELECT account_id, {_SUMS}, bool_or(veto) AS veto FROM moral_bank_entry
               WHERE month = '{START}' AND head <> '' GROUP BY account_id),
heads AS (SELECT c.id AS closing_id, a.id AS account_id, {_CLAMPS}, coalesce(s.veto, false) AS vetoed
            FROM moral_bank_closing c
            JOIN villages_placement p ON p.village_id = c.village_id AND p.valid_to IS NULL
            JOIN moral_bank_account a ON a.household_id = p.household_id
            LEFT JOIN sums s ON s.account_id = a.id
           WHERE c.kind = 'month' AND c.start = '{START}')
SELECT closing_id, account_id, law, service, sanitation, participation, civility,
       law + service + sanitation + participation + civility,
       rank() OVER (PARTITION BY closing_id ORDER BY law + service + sanitation + participation + civility DESC),
       NULL::int, vetoed, false
  FROM heads"""
INTO = (
    "INSERT INTO {table} (closing_id, account_id, law, service, sanitation, participation, civility, score, rank, stars, "
    "vetoed, honoured) "
)
DIGEST = (
    "SELECT count(*), md5(string_agg(concat_ws('|', closing_id, account_id, law, service, sanitation, participation, "
    "civility, score, rank, stars, vetoed, honoured), ',' ORDER BY closing_id, account_id)) FROM moral_bank_rating r "
    f"WHERE closing_id IN (SELECT id FROM moral_bank_closing WHERE start = '{START}')"
)


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def load(villages: int, households: int, entries: int, months: int) -> None:
    """A county with `entries` in each of `months` months, the last of them START's; earlier months rated already."""
    from governance.demo.county import load_county
    from governance.periods import Kind, Period

    last = Period.of(Kind.MONTH, START)
    stretch = [last]
    while len(stretch) < months:
        stretch.insert(0, stretch[0].previous())
    if months > 1:
        _sql("SET session_replication_role = replica")  # a history without its guards and keys, for time's sake
    load_county(villages=villages, households=households, entries_per_month=entries, months=stretch)
    _sql(
        "INSERT INTO moral_bank_closing (village_id, kind, start, state, household_count, entry_count, job, job_tries, job_error) "
        "SELECT DISTINCT village_id, 'month', month, 'open', 0, 0, 'idle', 0, '' FROM moral_bank_entry"
    )
    for month in stretch[:-1]:
        _sql(INTO.format(table="moral_bank_rating") + BY_HAND.replace(str(START), str(month.start)))
    _sql("SET session_replication_role = origin")
    _sql("VACUUM ANALYZE")


def _clear() -> None:
    """Take the measured month's ratings away and leave no dead rows for the next turn."""
    _sql(
        f"DELETE FROM moral_bank_rating WHERE closing_id IN (SELECT id FROM moral_bank_closing WHERE start = '{START}')"
    )
    _sql(
        f"UPDATE moral_bank_closing SET state = 'open', computed_at = NULL, rule_set_id = NULL WHERE start = '{START}'"
    )
    _sql("VACUUM (FULL, ANALYZE) moral_bank_closing")
    _sql("VACUUM ANALYZE moral_bank_rating")
    _sql("CHECKPOINT")


def _closings() -> list[int]:
    from moral_bank.models import Closing

    return list(Closing.objects.filter(start=START, kind="month").order_by("pk").values_list("pk", flat=True))


def _by_service() -> None:
    from moral_bank.closings.services import closings_compute

    closings_compute(_closings())


def _by_village() -> None:
    from moral_bank.closings.services import closing_compute

    for closing in _closings():
        closing_compute(closing)


def _by_hand() -> None:
    _sql(INTO.format(table="moral_bank_rating") + BY_HAND)


def _digest() -> tuple[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(DIGEST)
        digest: tuple[int, str] = cursor.fetchone()
        return digest


def compare() -> list[float]:
    """Median seconds (by hand, by service in one call, by service village by village), outputs compared first."""
    outputs: list[tuple[int, str]] = []
    times: dict[Callable[[], None], list[float]] = {_by_hand: [], _by_service: [], _by_village: []}
    for turn in range(ROUNDS):
        for way in times:
            _clear()
            times[way].append(_timed(way))
            if not turn:
                outputs.append(_digest())
    if len(set(outputs)) != 1:
        raise SystemExit(f"the outputs differ: {outputs}")
    print(f"  outputs equal: {outputs[0][0]:,} ratings, digest {outputs[0][1]}")
    return [median(found) for found in times.values()]


def dominates() -> None:
    """Where the hand-written statement's time goes: reading, storing, indexes and keys."""
    _clear()
    _sql("DROP TABLE IF EXISTS bench_rating")
    _sql("CREATE TABLE bench_rating (LIKE moral_bank_rating INCLUDING DEFAULTS INCLUDING IDENTITY)")
    read = _timed(lambda: _sql(f"SELECT count(*) FROM ({BY_HAND}) r"))
    bare = _timed(lambda: _sql(INTO.format(table="bench_rating") + BY_HAND))
    _sql("DROP TABLE bench_rating")
    _sql("CREATE TABLE bench_rating (LIKE moral_bank_rating INCLUDING ALL)")
    indexed = _timed(lambda: _sql(INTO.format(table="bench_rating") + BY_HAND))
    _sql("DROP TABLE bench_rating")
    whole = _timed(_by_hand)
    print(
        f"  of one statement's {whole:.2f} s: reading and rating {read:.2f}, storing bare {bare - read:.2f}, "
        f"indexes and checks {indexed - bare:.2f}, foreign keys and guard {whole - indexed:.2f}"
    )


def run(villages: int, households: int, entries: int, months: int) -> float:
    """Print one comparison; returns the service's seconds."""
    load(villages, households, entries, months)
    print(
        f"closing a month: {households:,} households in {villages} villages, {entries:,} entries, {months} month(s) held"
    )
    hand, service, each = compare()
    print(f"  by hand {hand:.2f} s, service {service:.2f} s, ratio {service / hand:.2f}")
    print(f"  service, one task a village, one after the other: {each:.2f} s, ratio {each / hand:.2f}")
    dominates()
    return service
