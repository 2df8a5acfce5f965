"""A trial run in sets: the ledger of past months under a draft, beside the locked ratings (plan §三.1; mission M22).

Entries map to the draft's deeds by code. Scores and means are counted as in `closing_sql`, whole hundredths. The statements
only read. What the draft's caps cut comes in as `deltas` (`trial.cuts`), for the sums alone cannot say who came first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from governance.periods import Kind, Period
from moral_bank.closings.ratings import HEADS, HeadRule, StarRule
from moral_bank.closings.ratings_sql import clamp_sql, least_sql, mean_sql, stars_sql

CAPS = ("cap_month", "cap_quarter", "cap_year")
Delta = tuple[int, date, str, int]


@dataclass(frozen=True)
class Scope:
    """What is tried: a draft and its township, the ids of villages, and months from the first on without a gap; of them
    count the quarters that are whole."""

    draft: int
    township: int
    villages: Sequence[int]
    months: Sequence[Period]

    @property
    def quarters(self) -> list[Period]:
        found = dict.fromkeys(Period.of(Kind.QUARTER, month.start) for month in self.months)
        return [quarter for quarter in found if set(quarter.split(Kind.MONTH)) <= set(self.months)]


@dataclass(frozen=True)
class QuarterRow:
    """A household's quarter: stars and hundredths of a point, as locked and under the draft."""

    village: int
    quarter: date
    account: int
    stars_before: int
    stars_after: int
    before: int
    after: int


_GIVEN = "CASE WHEN e.reverses_id IS NULL THEN e.score ELSE -e.score END"

# Every deed of the township's versions beside the draft's deed of the same code.
_PAIRS = """
SELECT d.id AS old_id, CAST(d.score AS integer) AS old_low, CAST(d.score_high AS integer) AS old_high,
       n.id AS deed_id, n.head, CAST(n.score AS integer) AS low, CAST(n.score_high AS integer) AS high, n.is_veto,
       n.cap_month, n.cap_quarter, n.cap_year
  FROM moral_bank_deed n JOIN moral_bank_deed d ON d.code = n.code JOIN moral_bank_ruleset s ON s.id = d.rule_set_id
 WHERE n.rule_set_id = %(draft)s AND s.township_id = %(township)s"""

_RATED = """
SELECT c.village_id, c.start AS quarter, c.computed_at, r.account_id, r.stars, CAST(ROUND(r.score * 100) AS integer) AS before
  FROM moral_bank_closing c JOIN moral_bank_rating r ON r.closing_id = c.id
 WHERE c.kind = 'quarter' AND c.state = 'locked' AND c.start IN ({quarters}) AND c.village_id IN ({villages})"""


def quarter_rows(
    scope: Scope, heads: Mapping[str, HeadRule], stars: StarRule, deltas: Iterable[Delta] = ()
) -> list[QuarterRow]:
    """Every household whose quarter is locked, in order of quarter and village, in one statement."""
    if not scope.quarters or not scope.villages:
        return []
    names, values = _calendar(scope.months)
    extra, delta_values = _deltas(deltas)
    sums = ", ".join(f"COALESCE(SUM(score) FILTER (WHERE head = '{head}'), 0) AS {head}" for head in HEADS)
    total = " + ".join(
        clamp_sql(f"{heads[head].base} + COALESCE(s.{head}, 0)", 0, heads[head].maximum) for head in HEADS
    )
    statement = f"""
    WITH calendar AS ({names}), pairs AS ({_PAIRS}),
    rated AS ({_rated(scope)}),
    monthly AS (SELECT r.account_id, k.quarter, c.start AS month
                  FROM moral_bank_closing c JOIN calendar k ON k.month = c.start
                  JOIN moral_bank_rating r ON r.closing_id = c.id
                 WHERE c.kind = 'month' AND c.state = 'locked'),
    parts AS (SELECT m.account_id, m.quarter, m.month
                FROM rated q JOIN monthly m ON m.account_id = q.account_id AND m.quarter = q.quarter),
    scores AS (SELECT e.account_id, e.month, p.head,
                      CASE WHEN e.reverses_id IS NULL THEN 1 ELSE -1 END * {_value()} AS score
                 FROM moral_bank_entry e JOIN pairs p ON p.old_id = e.deed_id
                WHERE e.month IN (SELECT month FROM calendar) {extra}),
    sums AS (SELECT account_id, month, {sums} FROM scores GROUP BY account_id, month),
    vetoes AS (SELECT e.account_id, k.quarter,
                      (SELECT MIN(w.posted_at) FROM moral_bank_entry w WHERE w.reverses_id = e.id) AS lifted_at
                 FROM moral_bank_entry e JOIN pairs p ON p.old_id = e.deed_id AND p.is_veto
                 JOIN calendar k ON k.month = e.month
                WHERE e.reverses_id IS NULL),
    vetoed AS (SELECT DISTINCT r.account_id, r.quarter
                 FROM rated r JOIN vetoes v ON v.account_id = r.account_id AND v.quarter = r.quarter
                WHERE v.lifted_at IS NULL OR v.lifted_at > r.computed_at),
    means AS (SELECT q.account_id, q.quarter, CAST(COUNT(*) AS integer) AS parts, CAST(SUM({total}) AS integer) AS total
                FROM parts q LEFT JOIN sums s ON s.account_id = q.account_id AND s.month = q.month
               GROUP BY q.account_id, q.quarter),
    tried AS (SELECT r.village_id, r.quarter, r.account_id, r.stars, r.before,
                     {mean_sql("(100 * m.total)", "m.parts")} AS after,
                     v.account_id IS NOT NULL AS vetoed
                FROM rated r JOIN means m ON m.account_id = r.account_id AND m.quarter = r.quarter
                LEFT JOIN vetoed v ON v.account_id = r.account_id AND v.quarter = r.quarter)
    SELECT village_id, quarter, account_id, stars, {stars_sql("after", "vetoed", stars.lines())}, before, after
      FROM tried ORDER BY quarter, village_id, account_id"""
    rows = _fetch(statement, {**_names(scope), **values, **delta_values})
    return [QuarterRow(row[0], _day(row[1]), *row[2:]) for row in rows]


@dataclass(frozen=True)
class CapLine:
    """A gain under the draft: `on` is its month, `reversed_in` the month of its reversal."""

    account: int
    deed: int
    on: date
    head: str
    score: int
    reversed_in: date | None


def cap_lines(scope: Scope, household: Mapping[str, int | None], deeds_have: Iterable[str]) -> list[CapLine]:
    """Gains of the households that reach beyond one of the draft's caps, in the order in which they count.

    `household`: the rule set's cap by its field; `deeds_have`: fields that any of its deeds fills. From the first of the year on,
    since a cap of the year counts from there.
    """
    year = Period.of(Kind.YEAR, scope.months[0].start)
    names, values = _calendar(_through(year.start, scope.months[-1]))
    spans = dict(zip(CAPS, ("month", "quarter", "year"), strict=True))
    beyond = [
        f"SELECT account_id FROM gains WHERE {cap} IS NOT NULL GROUP BY account_id, deed_id, {spans[cap]}, {cap} "
        f"HAVING SUM(score) > {cap}"
        for cap in deeds_have
    ] + [
        f"SELECT account_id FROM gains GROUP BY account_id, {spans[cap]} HAVING SUM(score) > {most}"
        for cap, most in household.items()
        if most is not None
    ]
    statement = f"""
    WITH calendar AS ({names}), pairs AS ({_PAIRS}),
    rated AS ({_rated(scope)}),
    valued AS (SELECT e.id, e.account_id, e.occurred_on, e.month, k.quarter, k.year, p.*, {_value()} AS score
                 FROM moral_bank_entry e JOIN pairs p ON p.old_id = e.deed_id JOIN calendar k ON k.month = e.month
                WHERE e.reverses_id IS NULL AND e.account_id IN (SELECT account_id FROM rated)),
    gains AS (SELECT * FROM valued WHERE score > 0),
    beyond AS ({" UNION ".join(beyond)})
    SELECT g.account_id, g.deed_id, g.month, g.head, g.score,
           (SELECT w.month FROM moral_bank_entry w WHERE w.reverses_id = g.id)
      FROM gains g WHERE g.account_id IN (SELECT account_id FROM beyond)
     ORDER BY g.account_id, g.occurred_on, g.id"""
    rows = _fetch(statement, {**_names(scope), **values})
    return [
        CapLine(account, deed, _day(month), head, score, _day(back) if back else None)
        for account, deed, month, head, score, back in rows
    ]


def read_only() -> tuple[str, str]:
    """Statements that let the database refuse every write from here on, and that end it ("" where the transaction's end
    does)."""
    if connection.vendor == "postgresql":
        return "SET TRANSACTION READ ONLY", ""
    return "PRAGMA query_only = ON", "PRAGMA query_only = OFF"


def _fetch(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL jit = off")  # compiling so long a statement costs more than it saves
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _rated(scope: Scope) -> str:
    quarters = ", ".join(f"%(quarter{number})s" for number in range(len(scope.quarters)))
    villages = ", ".join(str(int(village)) for village in scope.villages)
    return _RATED.format(quarters=quarters, villages=villages)


def _names(scope: Scope) -> dict[str, Any]:
    quarters = {f"quarter{number}": quarter.start for number, quarter in enumerate(scope.quarters)}
    return {"draft": scope.draft, "township": scope.township, **quarters}


def _calendar(months: Sequence[Period]) -> tuple[str, dict[str, date]]:
    """SELECT of (month, quarter, year) by their first days, and its parameters."""
    lines, values = [], {}
    for number, month in enumerate(months):
        for kind in ("month", "quarter", "year"):
            values[f"{kind}_{number}"] = Period.of(kind, month.start).start
        lines.append(f"SELECT %(month_{number})s AS month, %(quarter_{number})s AS quarter, %(year_{number})s AS year")
    return " UNION ALL ".join(lines), values


def _through(first: date, last: Period) -> list[Period]:
    months = [Period.of(Kind.MONTH, first)]
    while months[-1] < last:
        months.append(months[-1].next())
    return months


def _deltas(deltas: Iterable[Delta]) -> tuple[str, dict[str, str]]:
    """UNION of what the caps change, as one parameter however many lines there are."""
    lines = [{"account": account, "month": month.isoformat(), "head": head, "score": score} for account, month, head, score in deltas]
    if not lines:
        return "", {}
    if connection.vendor == "postgresql":
        columns = "account bigint, month date, head text, score integer"
        table = f"SELECT account, month, head, score FROM json_to_recordset(%(deltas)s::json) AS x({columns})"
    else:
        fields = ", ".join(f"json_extract(value, '$.{name}')" for name in ("account", "month", "head", "score"))
        table = f"SELECT {fields} FROM json_each(%(deltas)s)"
    return f"UNION ALL {table}", {"deltas": json.dumps(lines)}


def _value() -> str:
    """What an entry gives under the draft (`n`), by what it gave under its own deed (`d`); a reversal gives the opposite of
    what its entry gives. A fixed deed keeps its quantity, also a part that a cap had left of it; a judged one is kept in
    its range."""
    over = least_sql(_GIVEN, "p.high")
    return f"""
CASE WHEN p.high IS NULL AND p.old_high IS NULL
     THEN (CASE WHEN p.low < 0 THEN -1 ELSE 1 END) * ((2 * ABS(p.low) * ABS(e.score) + ABS(p.old_low)) / (2 * ABS(p.old_low)))
     WHEN p.high IS NULL THEN p.low
     WHEN p.old_high IS NOT NULL AND {_GIVEN} < p.old_low THEN {over}
     ELSE {clamp_sql(_GIVEN, "p.low", "p.high")} END"""


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
