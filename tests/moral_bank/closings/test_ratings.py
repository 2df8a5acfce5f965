"""The arithmetic by tables, and the statements of `closing_sql` held against it on a random year, on both engines."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from governance.periods import Kind, Period
from moral_bank.claims.services import accounts_open
from moral_bank.closings.checks import PART_KINDS
from moral_bank.closings.explain import star_rule
from moral_bank.closings.ratings import (
    HEADS,
    HeadRule,
    Line,
    Result,
    Standing,
    StarRule,
    head_score,
    honours,
    mean_score,
    month_standing,
    ranks_of,
    rate_month,
    rate_quarter,
    rate_year,
    stars_of,
)
from moral_bank.closings.sql import MANY, claims_mark, homes_without_account, ratings_write
from moral_bank.models import Account, Claim, Closing, Entry, Rating
from tests.answers import the
from tests.builders import HEADS as BUILT
from tests.builders import end_household, make_account, make_household, make_village
from tests.moral_bank.closings.house import noon
from tests.moral_bank.panel.house import PanelHouse, make_member
from tests.trial import run_in_trial_mode
from villages.models import Household, Placement, Unit

RULES = {str(head): HeadRule(base, maximum) for head, (base, maximum) in BUILT.items()}
YEAR = Period.parse("2026")


@pytest.mark.parametrize(
    ("total", "score"), [(0, 8), (12, 20), (13, 20), (500, 20), (-8, 0), (-9, 0), (-500, 0), (-3, 5)]
)
def test_it_keeps_a_head_between_nothing_and_its_maximum(total: int, score: int) -> None:
    assert head_score(HeadRule(base=8, maximum=20), total) == score


@pytest.mark.parametrize(
    ("scores", "mean"),
    [
        (["80", "81", "81"], "80.67"),
        (["80", "80", "81"], "80.33"),
        (["80.01", "80.02"], "80.02"),
        (["80.00", "80.01", "80.00", "80.01"], "80.01"),
        (["100", "100", "100"], "100"),
        (["0"], "0"),
    ],
)
def test_it_rounds_means_half_up_to_two_decimals(scores: list[str], mean: str) -> None:
    assert mean_score([Decimal(score) for score in scores]) == Decimal(mean)


@pytest.mark.parametrize(
    ("score", "stars"),
    [("100", 5), ("90", 5), ("89.99", 4), ("80", 4), ("79.99", 3), ("70", 3), ("69.99", 2), ("60", 2), ("59.99", 0)],
)
def test_it_gives_stars_by_thresholds_and_none_to_a_veto(score: str, stars: int) -> None:
    assert stars_of(Decimal(score), StarRule(), vetoed=False) == stars
    assert stars_of(Decimal(score), StarRule(), vetoed=True) == 0


def test_it_shares_a_rank_between_equals_and_skips_the_next() -> None:
    assert ranks_of([Decimal(score) for score in (70, 90, 80, 80, 60)]) == [4, 1, 2, 2, 5]


@pytest.mark.parametrize(("households", "last"), [(1, 1), (9, 1), (10, 1), (11, 2), (100, 10), (101, 11), (0, 0)])
def test_it_honours_a_rounded_up_tenth(households: int, last: int) -> None:
    assert honours(households, StarRule(top_percent=10)) == last


def test_it_adds_a_month_up_by_heads() -> None:
    standing = month_standing(
        RULES, [Line("service", 5), Line("service", 4), Line("law", -10), Line("law", -20, veto=True)]
    )
    assert dict(standing.heads) == {"law": 0, "service": 14, "sanitation": 15, "participation": 8, "civility": 12}
    assert (standing.score, standing.vetoed) == (Decimal(49), True)


def test_it_honours_nobody_without_stars() -> None:
    rule = StarRule(top_percent=100)
    standings = {
        1: Standing(Decimal(95), vetoed=True),
        2: Standing(Decimal(90), vetoed=False),
        3: Standing(Decimal(59), vetoed=False),
    }
    results = rate_year(standings, rule)
    assert [(results[key].rank, results[key].stars, results[key].honoured) for key in (1, 2, 3)] == [
        (1, 0, False),
        (2, 5, True),
        (3, 0, False),
    ]
    assert not any(result.honoured for result in rate_quarter(standings, rule).values())


@pytest.mark.parametrize(("floor", "honoured"), [(0, [1, 2, 3]), (80, [1, 2]), (81, [1]), (90, [1]), (91, [])])
def test_it_honours_a_year_from_its_floor_up(floor: int, honoured: list[int]) -> None:
    rule = StarRule(top_percent=100, floor=floor)
    scores = {1: Decimal(90), 2: Decimal("80.00"), 3: Decimal("79.99")}
    results = rate_year({key: Standing(score, vetoed=False) for key, score in scores.items()}, rule)
    assert [key for key, result in results.items() if result.honoured] == honoured
    assert [result.stars for result in results.values()] == [5, 4, 3]


class RandomYear(PanelHouse):
    """Two villages, households that move, end, come late or have no account, and a year of entries and of claims that each
    month posts; by a fixed seed."""

    def __init__(self, seed: int, floor: int = 0) -> None:
        super().__init__(households=0, members=0, year_floor=floor)
        self.draw = random.Random(seed)
        self.villages = [self.village, make_village(self.township, "桥坝村委会", "511923102202")]
        households = [make_household(self.draw.choice(self.villages)) for _ in range(24)]
        self.accounts = [make_account(household) for household in households[:20]]
        self._move(households[0], date(2026, 5, 20))
        self._move(households[1], date(2026, 7, 1))
        self._move(households[21], date(2026, 3, 31))
        end_household(households[2].pk, date(2026, 6, 30))
        end_household(households[3].pk, date(2026, 10, 1))
        Placement.objects.filter(household=households[4]).update(valid_from=date(2026, 8, 31))
        self._fill()

    def _move(self, household: Household, on: date) -> None:
        into = self.villages[household.village_id == self.villages[0].pk]
        Placement.objects.filter(household=household).update(valid_to=on)
        unit = Unit.objects.get(level="settlement", path__startswith=into.path)
        Placement.objects.create(household=household, village=into, unit=unit, valid_from=on)

    def _fill(self) -> None:
        """Some 400 entries, each fifth reversed in the next month, some vetoes among them, and spending."""
        for _ in range(400):
            day = date(2026, 1, 1) + timedelta(days=self.draw.randrange(365))
            account, code = self.draw.choice(self.accounts), self.draw.choice(["S1", "S1", "L1", "J1", "J1", "V1"])
            if code == "V1" and self.draw.random() < 0.8:
                continue
            score = self.draw.randint(1, 10) if code == "J1" else None
            entry = self.enter(code, day, account, **({"score": score} if score else {}))
            if self.draw.random() < 0.2:
                self._reverse(entry, min(day + timedelta(days=31), date(2026, 12, 31)))
        for account in self.accounts:
            self._spend(account)
        for village in self.villages:
            self._judge(village)

    def _judge(self, village: Unit) -> None:
        """Some 40 claims of the year let pass at its end, for the village in which their households are now."""
        homes = [account for account in self.accounts if account.household.village_id == village.pk]
        self.members = [make_member(village, by=self.cast["staff"]) for _ in range(3)]
        claims = []
        for _ in range(40):
            code = self.draw.choice(["S1", "L1", "J1", "J1", "V1"])
            day = date(2026, 1, 1) + timedelta(days=self.draw.randrange(365))
            claims.append(self.claim(code, self.draw.choice(homes), day))
        verdicts = [self.verdict(claim, **self._figure(claim)) for claim in claims]
        self.sit(*verdicts, village=village, by=self.cast["staff"], held_on=date(2026, 12, 31), at=noon(2026, 12, 31))

    def _figure(self, claim: Claim) -> dict[str, Any]:
        return {"score": self.draw.randint(1, 10), "reason": "整洁"} if claim.deed.is_judged else {}

    def _reverse(self, entry: Entry, on: date) -> None:
        copy = {"score": -entry.score, "points": -entry.points, "reverses": entry, "veto": False}
        self._insert(entry, on, f"reverse:{entry.pk}", **copy)

    def _spend(self, account: Account) -> None:
        account.refresh_from_db()
        entry = Entry.objects.filter(account=account).first()
        if entry and account.balance > 0:
            self._insert(
                entry, entry.occurred_on, f"spend:{account.pk}", deed=None, head="", score=0, points=-1, veto=False
            )

    def _insert(self, like: Entry, on: date, key: str, **changes: object) -> None:
        values = {field.attname: getattr(like, field.attname) for field in Entry._meta.concrete_fields}
        values |= {"id": None, "occurred_on": on, "month": on.replace(day=1), "source_key": key, "reverses_id": None}
        entry = Entry(**values)
        for name, value in changes.items():
            setattr(entry, name, value)
        entry.save()

    def belonging(self, village: Unit, period: Period) -> list[int]:
        """Accounts of the households that belong to the village on the period's last day."""
        last = period.end - timedelta(days=1)
        return [
            row.household.account.pk
            for row in Placement.objects.filter(village=village).select_related("household__account")
            if row.valid_from <= last
            and (row.valid_to is None or row.valid_to > last)
            and (row.household.ended_on is None or row.household.ended_on > last)
        ]

    def lines(self, account: int, period: Period) -> list[Line]:
        """Entries of the period and claims that wait for its lock; a veto that was reversed (before any computation) is none."""
        reversed_ids = set(Entry.objects.exclude(reverses=None).values_list("reverses", flat=True))
        waiting = Claim.objects.filter(account=account, state=Claim.State.APPROVED).select_related("deed")
        return [
            Line(claim.deed.head, claim.score, claim.deed.is_veto) for claim in waiting if the(claim.counts_on) in period
        ] + [
            Line(entry.head, entry.score, entry.veto and entry.pk not in reversed_ids)
            for entry in Entry.objects.filter(account=account).exclude(head="")
            if entry.occurred_on in period
        ]

    def expected(self, village: Unit, period: Period, before: dict[tuple[Period, int], Result]) -> dict[int, Result]:
        """The pure functions' ratings; `before` holds those of the shorter periods."""
        standings = {}
        for account in self.belonging(village, period):
            lines = self.lines(account, period)
            if period.kind == Kind.MONTH:
                standings[account] = month_standing(RULES, lines)
                continue
            parts = [
                before[part, account] for part in period.split(PART_KINDS[period.kind]) if (part, account) in before
            ]
            if parts:
                vetoed = any(line.veto for line in lines)
                standings[account] = Standing(mean_score([part.score for part in parts]), vetoed)
        if period.kind == Kind.MONTH:
            return rate_month(standings)
        rule = star_rule(self.rule_set)
        return rate_quarter(standings, rule) if period.kind == Kind.QUARTER else rate_year(standings, rule)


def stored(closing: Closing) -> dict[int, Result]:
    return {
        row.account_id: Result(
            row.score,
            row.rank,
            row.stars,
            row.vetoed,
            row.honoured,
            {head: getattr(row, head) for head in HEADS} if closing.kind == Kind.MONTH else {},
        )
        for row in Rating.objects.filter(closing=closing)
    }


def compare(seed: int = 1, floor: int = 0) -> dict[str, int]:
    """Close the random year and hold each closing against the pure functions; counts of what was seen."""
    house = RandomYear(seed, floor)
    results: dict[tuple[Period, int], Result] = {}
    seen: list[Result] = []
    for kind in (Kind.MONTH, Kind.QUARTER, Kind.YEAR):
        for period in YEAR.split(kind):
            for village in house.villages:
                closing = house.lock(str(period), village)
                expected = house.expected(village, period, results)
                assert stored(closing) == expected, (str(period), village.code)
                assert closing.household_count == len(expected)
                seen += expected.values()
            for village in house.villages:
                results |= {
                    (period, account): result for account, result in stored(house.closing(str(period), village)).items()
                }
    return _tally(seen)


def _tally(results: Sequence[Result]) -> dict[str, int]:
    return {
        "rated": len(results),
        "vetoed": sum(result.vetoed for result in results),
        "honoured": sum(result.honoured for result in results),
        "starred": sum(bool(result.stars) for result in results),
        "fractions": sum(result.score != int(result.score) for result in results),
    }


@pytest.mark.django_db
def test_it_rates_many_villages_in_one_statement() -> None:
    """Summing the whole month up, as from `MANY` closings on, says the same as looking the entries up."""
    house = RandomYear(seed=1)
    period = Period.parse("2026-05")
    others = [make_village(house.township, "新村委会", f"5119231023{number:02}") for number in range(MANY)]
    closings = [house.closing(str(period), village) for village in (*house.villages, *others)]
    Closing.objects.update(rule_set=house.rule_set)
    accounts_open(homes_without_account(closings), period.start)
    claims_mark(closings)
    with transaction.atomic():
        ratings_write(closings)
    for village, closing in zip(house.villages, closings, strict=False):
        closing.refresh_from_db()
        expected = house.expected(village, period, {})
        assert stored(closing) == expected
        assert closing.household_count == len(expected) > 0


@cache
def first_year() -> tuple[dict[str, int], tuple[Decimal, ...]]:
    """What was seen in the random year of seed 1, and the scores of those it honours, lowest first; nothing of it stays."""
    with transaction.atomic():
        seen = compare(1)
        scores = Rating.objects.filter(honoured=True).order_by("score").values_list("score", flat=True)
        found = seen, tuple(scores)
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(1, 13) if os.environ.get("SOAK") == "1" else [1])
def test_it_rates_in_sql_what_the_arithmetic_says(seed: int) -> None:
    seen = first_year()[0] if seed == 1 else compare(seed)
    assert min(seen.values()) > 0, seen


@pytest.mark.django_db
def test_it_honours_no_year_below_the_floor_in_sql_either() -> None:
    """The same random year again: a floor just above the lowest honoured score takes that honour and leaves the others."""
    seen, scores = first_year()
    floor = int(scores[0]) + 1
    left = sum(score >= floor for score in scores)
    assert 0 < left < seen["honoured"]
    assert compare(floor=floor)["honoured"] == left



def test_it_rates_the_same_on_sqlite(tmp_path: Path) -> None:
    seen = run_in_trial_mode("tests.moral_bank.closings.test_ratings:compare", tmp_path)
    assert min(seen.values()) > 0, seen
