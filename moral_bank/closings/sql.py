"""What `ratings` says, in sets: one INSERT … SELECT rates all households of the given closings (design §5).

All closings of one call are of the same period, so that a county is one statement as well as a village. Scores are
counted in whole hundredths. The statements read the ledger through the index `entry_by_month`, the approved claims that
the closings name (`claims_mark`) and, for longer periods, the ratings of the closings named as `parts`; nothing of other
periods is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from governance.periods import Kind, Period
from moral_bank.closings.ratings import HEADS
from moral_bank.closings.ratings_sql import clamp_sql, mean_sql, stars_sql
from moral_bank.models import Closing

# From so many closings on, the month is summed up whole instead of household by household.
MANY = 20

_RESULT = (*HEADS, "score", "rank", "stars", "vetoed", "honoured")
_COLUMNS = ", ".join(("closing_id", "account_id", *_RESULT))

# A household that ends has its placement ended (villages.households.household_end), so placements alone say who belongs.
_PLACED = """
SELECT c.id AS closing_id, c.village_id, c.rule_set_id, p.household_id, a.id AS account_id
  FROM moral_bank_closing c
  JOIN villages_placement p ON p.village_id = c.village_id
   AND p.valid_from <= %(last)s AND (p.valid_to IS NULL OR p.valid_to > %(last)s)
  LEFT JOIN moral_bank_account a ON a.household_id = p.household_id
 WHERE c.id IN ({closings})"""

_RATED_BEFORE = """
   AND EXISTS (SELECT 1 FROM moral_bank_rating part WHERE part.closing_id IN ({parts}) AND part.account_id = a.id)"""

# Counted, not asked by EXISTS: PostgreSQL would hash an EXISTS over the whole ledger instead of looking a few up.
_VETOES = """(
(SELECT COUNT(*) FROM moral_bank_entry v
  WHERE v.account_id = {account} AND v.occurred_on >= %(start)s AND v.occurred_on < %(end)s AND v.veto
    AND NOT EXISTS (SELECT 1 FROM moral_bank_entry w WHERE w.reverses_id = v.id))
+ (SELECT COUNT(*) FROM moral_bank_claim v JOIN moral_bank_deed d ON d.id = v.deed_id AND d.is_veto
    WHERE v.account_id = {account} AND v.counts_on >= %(start)s AND v.counts_on < %(end)s AND v.state = 'approved'))"""

_STARS = ((5, "r.five_star"), (4, "r.four_star"), (3, "r.three_star"), (2, "r.two_star"))

# Rows that stand keep their id; only those that differ are written.
_CORRECTION = (
    " ON CONFLICT (closing_id, account_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _RESULT)
    + f" WHERE ({', '.join(f'moral_bank_rating.{name}' for name in _RESULT)})"
    + f" IS DISTINCT FROM ({', '.join(f'excluded.{name}' for name in _RESULT)})"
)


# Claims that make a month's ratings stale although they leave the counts alone: struck ones that it still names, approved
# ones that it does not name yet.
_CLAIMS_MOVED = """
SELECT closing_id, COUNT(*) AS claims
  FROM (SELECT c.closing_id FROM moral_bank_claim c
         WHERE c.closing_id IN ({closings}) AND c.state NOT IN ('approved', 'posted')
        UNION ALL
        SELECT m.closing_id FROM members m JOIN moral_bank_claim c ON c.account_id = m.account_id
         WHERE c.state = 'approved' AND c.counts_on >= %(start)s AND c.counts_on < %(end)s
           AND (c.closing_id IS NULL OR c.closing_id <> m.closing_id)) odd
 GROUP BY closing_id"""


@dataclass(frozen=True)
class Figures:
    """What a closing rates: households, and entries with approved claims (longer periods: ratings of the parts).

    `same` says that the ratings that stand are those of just these households, that no veto behind them was reversed and
    that the closing names just the approved claims of its month.
    """

    households: int
    entries: int
    same: bool


def homes_without_account(closings: Sequence[Closing]) -> list[tuple[int, int]]:
    """(household id, township id) of all households that the closings rate and that have no account."""
    statement = f"""
    SELECT m.household_id, u.parent_id FROM ({_placed(closings)}) m JOIN villages_unit u ON u.id = m.village_id
     WHERE m.account_id IS NULL"""
    with connection.cursor() as cursor:
        cursor.execute(statement, _days(closings[0].period))
        homes: list[tuple[int, int]] = cursor.fetchall()
        return homes


def claims_mark(closings: Sequence[Closing]) -> None:
    """Let the months name the approved claims of their households that count in them, and no others.

    Done before rating, which counts what is named: a claim struck or approved in between leaves the month stale, not wrong.
    """
    days, members = _days(closings[0].period), _placed(closings)
    within = "counts_on >= %(start)s AND counts_on < %(end)s AND state = 'approved'"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
    UPDATE moral_bank_claim SET closing_id = NULL
     WHERE closing_id IN ({_ids_of(closings)}) AND state <> 'posted' AND NOT ({within} AND EXISTS (
       SELECT 1 FROM ({members}) m
        WHERE m.account_id = moral_bank_claim.account_id AND m.closing_id = moral_bank_claim.closing_id))""",
            days,
        )
        cursor.execute(
            f"""
    UPDATE moral_bank_claim SET closing_id = m.closing_id FROM ({members}) m
     WHERE m.account_id = moral_bank_claim.account_id AND {within}
       AND (moral_bank_claim.closing_id IS NULL OR moral_bank_claim.closing_id <> m.closing_id)""",
            days,
        )


def ratings_write(closings: Sequence[Closing], parts: Sequence[int] | None = None) -> None:
    """Rate every household of the closings by the rule sets that the closings' rows name, and count both in these rows.

    Rows that stand and are right stay untouched, wrong ones are corrected in place, those of households that no longer
    belong are deleted. `parts` are the locked closings of the shorter periods (None for months).
    """
    days = _days(closings[0].period)
    rated = _month(closings) if parts is None else _longer(closings, parts)
    insert = f"INSERT INTO moral_bank_rating ({_COLUMNS}) SELECT {_COLUMNS} FROM rated WHERE true"
    with connection.cursor() as cursor:
        if any(closing.computed_at for closing in closings):
            insert += _CORRECTION
            cursor.execute(_strangers_delete(closings, parts), days)
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL jit = off")  # compiling so long a statement costs more than it saves
            cursor.execute(f"WITH rated AS ({rated}), written AS ({insert}) {_count(closings)}", days)
            return
        cursor.execute(f"WITH rated AS ({rated}) {insert}", days)
        for closing, counted in figures(closings, parts).items():
            Closing.objects.filter(pk=closing).update(household_count=counted.households, entry_count=counted.entries)


def figures(closings: Sequence[Closing], parts: Sequence[int] | None = None) -> dict[int, Figures]:
    """Figures of each closing by id, as the records stand now."""
    named = moved = "SELECT CAST(NULL AS bigint) AS closing_id, 0 AS claims"
    if parts is None:
        counted = "moral_bank_entry e ON e.account_id = m.account_id AND e.month = %(start)s AND e.head <> ''"
        named = f"""SELECT closing_id, COUNT(*) AS claims FROM moral_bank_claim
                     WHERE closing_id IN ({_ids_of(closings)}) AND state = 'approved' GROUP BY closing_id"""
        moved = _CLAIMS_MOVED.format(closings=_ids_of(closings))
    else:
        counted = f"moral_bank_rating e ON e.account_id = m.account_id AND e.closing_id IN ({_ids(parts)})"
    statement = f"""
    WITH members AS ({_placed(closings, parts)}),
    counted AS (SELECT m.closing_id, COUNT(*) AS entries FROM members m JOIN {counted} GROUP BY m.closing_id),
    rated AS (SELECT m.closing_id, COUNT(*) AS households, COUNT(r.id) AS rated
                FROM members m
                LEFT JOIN moral_bank_rating r ON r.closing_id = m.closing_id AND r.account_id = m.account_id
               GROUP BY m.closing_id),
    lifted AS (SELECT r.closing_id, COUNT(*) AS vetoes FROM moral_bank_rating r
                WHERE r.closing_id IN ({_ids_of(closings)}) AND r.vetoed
                  AND {_VETOES.format(account="r.account_id")} = 0
                GROUP BY r.closing_id),
    named AS ({named}),
    moved AS ({moved})
    SELECT c.id, COALESCE(r.households, 0), COALESCE(n.entries, 0) + COALESCE(p.claims, 0), COALESCE(r.rated, 0),
           COALESCE(l.vetoes, 0) + COALESCE(o.claims, 0)
      FROM moral_bank_closing c LEFT JOIN rated r ON r.closing_id = c.id
      LEFT JOIN counted n ON n.closing_id = c.id LEFT JOIN lifted l ON l.closing_id = c.id
      LEFT JOIN named p ON p.closing_id = c.id LEFT JOIN moved o ON o.closing_id = c.id
     WHERE c.id IN ({_ids_of(closings)})"""
    with connection.cursor() as cursor:
        cursor.execute(statement, _days(closings[0].period))
        return {
            closing: Figures(households, entries, households == rated and not odd)
            for closing, households, entries, rated, odd in cursor.fetchall()
        }


def part_villages(closing: Closing, periods: Sequence[Period]) -> set[tuple[int, Period]]:
    """(village id, part) wherever the closing's households belonged on the last day of one of the parts `periods`."""
    last_days = {f"day{number}": period.end - timedelta(days=1) for number, period in enumerate(periods)}
    numbered = " UNION ALL ".join(
        f"SELECT {number} AS number, %(day{number})s AS day" for number in range(len(periods))
    )
    statement = f"""
    SELECT DISTINCT p.village_id, d.number
      FROM ({_placed([closing])}) m JOIN villages_placement p ON p.household_id = m.household_id
      JOIN ({numbered}) d ON p.valid_from <= d.day AND (p.valid_to IS NULL OR p.valid_to > d.day)"""
    with connection.cursor() as cursor:
        cursor.execute(statement, {**_days(closing.period), **last_days})
        return {(village, periods[number]) for village, number in cursor.fetchall()}


def _month(closings: Sequence[Closing]) -> str:
    """SELECT of all rating columns and the number of entries and approved claims for a month.

    Rules are joined from the left: PostgreSQL, which has not yet seen the closings' rule sets, would expect one row of an
    inner join and compare every household with every sum.
    """
    rules = ", ".join(
        f"MAX({figure}) FILTER (WHERE head = '{head}') AS {head}_{figure}"
        for head in HEADS
        for figure in ("base", "maximum")
    )
    sums = ", ".join(f"SUM(score) FILTER (WHERE head = '{head}') AS {head}" for head in HEADS)
    clamped = ", ".join(
        f"{clamp_sql(f'r.{head}_base + COALESCE(s.{head}, 0)', 0, f'r.{head}_maximum')} AS {head}" for head in HEADS
    )
    few = f"AND account_id IN (SELECT account_id FROM ({_placed(closings)}) few)" if len(closings) < MANY else ""
    return f"""
    WITH rules AS (SELECT rule_set_id, {rules} FROM moral_bank_rulehead GROUP BY rule_set_id),
    sums AS (SELECT account_id, {sums}, COUNT(*) AS entries, COUNT(*) FILTER (WHERE veto) AS vetoes
               FROM (SELECT account_id, head, score, veto FROM moral_bank_entry
                      WHERE month = %(start)s AND head <> '' {few}
                     UNION ALL
                     SELECT c.account_id, d.head, c.score, d.is_veto
                       FROM moral_bank_claim c JOIN moral_bank_deed d ON d.id = c.deed_id
                      WHERE c.closing_id IN ({_ids_of(closings)}) AND c.state = 'approved') said
              GROUP BY account_id),
    heads AS (SELECT m.closing_id, m.account_id, {clamped}, COALESCE(s.entries, 0) AS entries,
                     CASE WHEN s.vetoes > 0 THEN {_VETOES.format(account="m.account_id")} > 0 ELSE false END AS vetoed
                FROM ({_placed(closings)}) m LEFT JOIN rules r ON r.rule_set_id = m.rule_set_id
                LEFT JOIN sums s ON s.account_id = m.account_id
               WHERE m.account_id IS NOT NULL),
    totals AS (SELECT heads.*, {" + ".join(HEADS)} AS score FROM heads)
    SELECT totals.*, RANK() OVER (PARTITION BY closing_id ORDER BY score DESC) AS rank,
           CAST(NULL AS smallint) AS stars, false AS honoured
      FROM totals"""


def _longer(closings: Sequence[Closing], parts: Sequence[int]) -> str:
    """SELECT of all rating columns and the number of part ratings for a quarter or a year."""
    honoured = "stars > 0 AND rank <= (year_top_percent * households + 99) / 100 AND hundredths >= 100 * year_floor"
    return f"""
    WITH sums AS (SELECT m.closing_id, m.rule_set_id, m.account_id, COUNT(*) AS entries,
                         SUM(CAST(ROUND(part.score * 100) AS integer)) AS total,
                         COUNT(*) FILTER (WHERE part.vetoed) AS vetoes
                    FROM ({_placed(closings)}) m
                    JOIN moral_bank_rating part ON part.account_id = m.account_id
                     AND part.closing_id IN ({_ids(parts)})
                   GROUP BY m.closing_id, m.rule_set_id, m.account_id),
    means AS (SELECT s.*, {mean_sql("s.total", "s.entries")} AS hundredths,
                     CASE WHEN s.vetoes > 0 THEN {_VETOES.format(account="s.account_id")} > 0 ELSE false END AS vetoed
                FROM sums s),
    starred AS (SELECT m.closing_id, m.account_id, m.entries, m.hundredths, m.vetoed, r.year_top_percent, r.year_floor,
                       {stars_sql("m.hundredths", "m.vetoed", _STARS)} AS stars,
                       RANK() OVER (PARTITION BY m.closing_id ORDER BY m.hundredths DESC) AS rank,
                       COUNT(*) OVER (PARTITION BY m.closing_id) AS households
                  FROM means m JOIN moral_bank_ruleset r ON r.id = m.rule_set_id)
    SELECT closing_id, account_id, entries, {", ".join(f"CAST(NULL AS smallint) AS {head}" for head in HEADS)},
           hundredths / 100.0 AS score, rank, stars, vetoed,
           {honoured if closings[0].kind == Kind.YEAR else "false"} AS honoured
      FROM starred"""


def _count(closings: Sequence[Closing]) -> str:
    """PostgreSQL: UPDATE that counts `rated` in the closings, from the very snapshot that the ratings are made of."""
    return f"""
    UPDATE moral_bank_closing SET household_count = f.households, entry_count = f.entries
      FROM (SELECT c.id, COUNT(r.account_id) AS households, COALESCE(SUM(r.entries), 0) AS entries
              FROM moral_bank_closing c LEFT JOIN rated r ON r.closing_id = c.id
             WHERE c.id IN ({_ids_of(closings)}) GROUP BY c.id) f
     WHERE moral_bank_closing.id = f.id"""


def _strangers_delete(closings: Sequence[Closing], parts: Sequence[int] | None) -> str:
    """DELETE of the ratings whose households no longer belong."""
    return f"""
    WITH members AS ({_placed(closings, parts)})
    DELETE FROM moral_bank_rating WHERE closing_id IN ({_ids_of(closings)}) AND NOT EXISTS (
      SELECT 1 FROM members m
       WHERE m.closing_id = moral_bank_rating.closing_id AND m.account_id = moral_bank_rating.account_id)"""


def _placed(closings: Sequence[Closing], parts: Sequence[int] | None = None) -> str:
    """SELECT of the households of the closings' villages on the last day; with `parts`, of those that one of them rated."""
    condition = "" if parts is None else _RATED_BEFORE.format(parts=_ids(parts))
    return _PLACED.format(closings=_ids_of(closings)) + condition


def _ids_of(closings: Sequence[Closing]) -> str:
    return _ids([closing.pk for closing in closings])


def _ids(ids: Sequence[int]) -> str:
    return ", ".join(str(int(number)) for number in ids) or "NULL"


def _days(period: Period) -> dict[str, date]:
    return {"start": period.start, "end": period.end, "last": period.end - timedelta(days=1)}
