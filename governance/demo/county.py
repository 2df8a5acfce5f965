"""A county for measuring: synthetic townships beside the real one, written by INSERT … SELECT on both engines.

Light on purpose: households with placements, accounts and entries; of people only the heads, and only if asked for,
without ID numbers. Nothing is random: the same sizes give the same rows. Used by `manage.py demo --villages --households`
and by scripts/bench.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.demo.loading import analyze, instant
from governance.demo.rulebook import FIRST_DAY, load_rules
from governance.demo.sources import COUNTY, weighted_names
from governance.demo.units import LONG_AGO
from governance.errors import DomainError
from governance.frame.pinyin import pinyin_key
from governance.periods import Period
from moral_bank.models import Account, Entry
from villages.models import Household, Placement, Unit
from villages.units.loading import units_plan, units_write
from villages.units.planning import UnitRow

# Township numbers from 900 on are given to no real township of the county.
FIRST_TOWNSHIP, TOWNSHIPS = 900, 100
VILLAGES_EACH, GROUPS_EACH = 25, 4
PREFIX = f"/{COUNTY}/{COUNTY[:6]}9"
SURNAMES, GIVEN_NAMES = 30, 30
OPENED = date(2015, 12, 20)


class CountyError(DomainError):
    """The county cannot be made: `size`, `exists`."""


def county_is_loaded() -> bool:
    return Unit.objects.filter(path__startswith=PREFIX).exists()


def load_county(
    *,
    villages: int,
    households: int,
    entries_per_month: int,
    months: Sequence[Period],
    residents: bool = False,
    at: datetime | None = None,
) -> None:
    """`villages` synthetic villages (25 to a township) with `households` in all, and in each of `months` as many entries.

    Months are of 2016 or later. Entries are spread evenly over households, deeds and the first 28 days; each township has
    its own rules, adopted as of the first month. One transaction; needs no worker. Raises CountyError.
    """
    if not 0 < villages <= TOWNSHIPS * VILLAGES_EACH or households < villages:
        raise CountyError(f"虚构的村须在 1 到 {TOWNSHIPS * VILLAGES_EACH} 个之间，且每村至少一户。", "size")
    if county_is_loaded():
        raise CountyError("虚构的乡镇已经装入。", "exists")
    with transaction.atomic():
        poster, _ = User.objects.get_or_create(
            username="yanshi-ruzhang", defaults={"name": "演示入账", "is_active": False, "password": "!"}
        )
        since = min((month.start for month in months), default=FIRST_DAY)
        for township in _load_units(villages):
            load_rules(township, None, since)
        _load_households(villages, households)
        if residents:
            _run(HEADS, [b"", f"{PREFIX}%"])
        for month in months:
            _load_entries(month, households, entries_per_month, poster, at or timezone.now())
    analyze(Household, Placement, Account, Entry)


def _load_units(villages: int) -> list[Unit]:
    """Synthetic townships with villages and groups; returns the townships."""
    county = COUNTY[:6]
    towns = [f"{county}{FIRST_TOWNSHIP + index}" for index in range(-(-villages // VILLAGES_EACH))]
    rows = [UnitRow(COUNTY, "平昌县"), *(UnitRow(f"{town}000", f"演示{index}镇") for index, town in enumerate(towns, 1))]
    for index in range(villages):
        code = f"{towns[index // VILLAGES_EACH]}{201 + index % VILLAGES_EACH}"
        rows.append(UnitRow(code, f"演示{index + 1}村委会"))
        rows += [UnitRow(f"{code}{number:03d}", f"第{number}村民小组") for number in range(1, GROUPS_EACH + 1)]
    made = units_write(units_plan(rows), LONG_AGO, None)
    return [made[f"{town}000"] for town in towns]


SERIES = "WITH RECURSIVE series(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM series WHERE n < %s)"

HOUSEHOLDS = f"""
INSERT INTO villages_household (number, head_name, head_pinyin, kind, address, village_id, unit_id)
{SERIES},
names(i, name, pinyin) AS (VALUES {{names}}),
villages AS (SELECT id, code, row_number() OVER (ORDER BY code) - 1 AS i
               FROM villages_unit WHERE level = 'village' AND path LIKE %s)
SELECT CAST(s.n / %s + 1 AS varchar(30)), names.name, names.pinyin, 'booklet', '', v.id, g.id
  FROM series s
  JOIN villages v ON v.i = s.n %% %s
  JOIN names ON names.i = s.n %% %s * 7919 %% %s
  JOIN villages_unit g ON g.code = v.code || '00' || CAST(s.n / %s %% {GROUPS_EACH} + 1 AS varchar(1))"""

PLACEMENTS = """
INSERT INTO villages_placement (household_id, village_id, unit_id, valid_from)
SELECT h.id, h.village_id, h.unit_id, %s
  FROM villages_household h JOIN villages_unit v ON v.id = h.village_id WHERE v.path LIKE %s"""

ACCOUNTS = """
INSERT INTO moral_bank_account (household_id, township_id, balance, opened_on)
SELECT h.id, v.parent_id, 0, %s
  FROM villages_household h JOIN villages_unit v ON v.id = h.village_id WHERE v.path LIKE %s"""

HEADS = """
INSERT INTO villages_resident (household_id, name, name_pinyin, sex, id_cipher, id_hash, id_tail_hash, phone, relation, status, note)
SELECT h.id, h.head_name, h.head_pinyin, 'M', %s, '', '', '', '户主', 'present', ''
  FROM villages_household h JOIN villages_unit v ON v.id = h.village_id WHERE v.path LIKE %s"""

ENTRIES = f"""
INSERT INTO moral_bank_entry (account_id, township_id, village_id, deed_id, head, veto, memo, score, points,
                              occurred_on, month, source_key, posted_by_id, posted_at)
{SERIES},
days(i, day) AS (VALUES {{days}}),
accounts AS (SELECT a.id, a.township_id, h.village_id, row_number() OVER (ORDER BY a.id) - 1 AS i
               FROM moral_bank_account a
               JOIN villages_household h ON h.id = a.household_id
               JOIN villages_unit v ON v.id = h.village_id
              WHERE v.path LIKE %s),
deeds AS (SELECT d.id, r.township_id, d.head, d.name, d.score,
                 CASE WHEN d.score_high IS NULL THEN d.points ELSE d.score END AS points,
                 row_number() OVER (PARTITION BY r.township_id ORDER BY d.code) - 1 AS i,
                 count(*) OVER (PARTITION BY r.township_id) AS deeds
            FROM moral_bank_deed d JOIN moral_bank_ruleset r ON r.id = d.rule_set_id
           WHERE NOT d.is_veto)
SELECT a.id, a.township_id, a.village_id, d.id, d.head, %s, d.name, d.score, d.points,
       days.day, %s, %s || CAST(a.id AS varchar(20)) || ':' || CAST(s.n AS varchar(10)), %s, %s
  FROM accounts a
  JOIN series s ON s.n * %s + a.i < %s
  JOIN deeds d ON d.township_id = a.township_id AND d.i = (a.i * 31 + s.n * 17 + %s) %% d.deeds
  JOIN days ON days.i = (a.i * 7 + s.n * 11) %% 28"""


def _load_households(villages: int, households: int) -> None:
    surnames, given = weighted_names("last")[0][:SURNAMES], weighted_names("first_male")[0][:GIVEN_NAMES]
    names = [surname + name for surname in surnames for name in given]
    cells = [cell for index, name in enumerate(names) for cell in (index, name, pinyin_key(name))]
    statement = HOUSEHOLDS.format(names=", ".join(["(%s, %s, %s)"] * len(names)))
    _run(statement, [households - 1, *cells, f"{PREFIX}%", villages, villages, len(names), len(names), villages])
    _run(PLACEMENTS, [OPENED, f"{PREFIX}%"])
    _run(ACCOUNTS, [OPENED, f"{PREFIX}%"])


def _load_entries(month: Period, households: int, entries: int, poster: User, at: datetime) -> None:
    days = [cell for index in range(28) for cell in (index, month.start + timedelta(days=index))]
    statement = ENTRIES.format(days=", ".join(["(%s, %s)"] * 28))
    key, posted_at = f"county:{month}:", instant(at)
    rounds = -(-entries // households) - 1
    _run(
        statement,
        [rounds, *days, f"{PREFIX}%", False, month.start, key, poster.pk, posted_at, households, entries]
        + [month.start.month],
    )


def _run(statement: str, parameters: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
