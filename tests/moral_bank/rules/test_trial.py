"""Trial runs: an unchanged copy gives the locked ratings, a changed one what the pure functions say, and nothing is written."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import Error, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.periods import Kind, Period
from moral_bank.closings.ratings import HEADS, HeadRule, Line, StarRule, mean_score, month_standing, stars_of
from moral_bank.ledger.services import entry_reverse
from moral_bank.models import Account, Entry, Rating
from moral_bank.rules import trial_sql
from moral_bank.rules.models import Deed, RuleSet
from moral_bank.rules.services import RuleError, deed_remove, deed_save, draft_edit, rule_set_copy
from moral_bank.rules.trial import cap_deltas, cuts, trial_months, trial_run
from moral_bank.rules.trial_sql import CapLine
from tests.builders import make_account, make_entry, make_household, make_village
from tests.moral_bank.closings.house import ClosingHouse, noon

QUARTERS = ("2026-Q1", "2026-Q2")
MONTHS = [Period.parse(f"2026-{month:02d}") for month in range(1, 7)]
LOSS, GAIN = ("L1", "V1"), ("S1", "J1")


class TrialHouse(ClosingHouse):
    """Two villages with random deeds in six months, both quarters locked."""

    def __init__(self, households: int = 6, seed: int = 7, entries: int = 120) -> None:
        super().__init__(households)
        self.staff = self.cast["staff"]
        self.second = make_village(self.township, "新城社区", "511923102001")
        self.accounts += [make_account(make_household(self.second)) for _ in range(households // 2)]
        rng = random.Random(seed)
        for _ in range(entries):
            code = rng.choice(("S1", "S1", "S1", "J1", "L1"))
            on = date(2026, rng.randint(1, 6), rng.randint(1, 28))
            score = {"score": rng.randint(1, 10)} if code == "J1" else {}
            self.enter(code, on, rng.choice(self.accounts), **score)
        self.enter("V1", date(2026, 2, 3), self.accounts[1])

    def lock_all(self) -> None:
        for month in range(1, 7):
            self.reverse_some(month)
            self.lock_both(f"2026-{month:02d}")
        for quarter in QUARTERS:
            self.lock_both(quarter)

    def reverse_some(self, month: int) -> None:
        """A gain of this month is reversed in the next, one in the month itself."""
        entries = Entry.objects.filter(month=date(2026, month, 1), score__gt=0, reverses=None, reversed_by=None)
        for entry, on in zip(entries[:2], (date(2026, month, 28), date(2026, month + 1, 2)), strict=False):
            if on < date(2026, 7, 1) and entry.points <= Account.objects.get(pk=entry.account_id).balance:
                at = noon(on.year, on.month, on.day)
                entry_reverse(entry=entry, reason="记错户", by=self.staff, occurred_on=on, at=at)

    def lock_both(self, text: str) -> None:
        for village in (self.village, self.second):
            self.lock(text, village)

    def copy(self, **values: Any) -> RuleSet:
        draft = rule_set_copy(rule_set=self.rule_set, valid_from=date(2026, 12, 1), by=self.staff)
        return draft_edit(rule_set=draft, values=values, heads={}, by=self.staff)

    def rows(self, draft: RuleSet) -> dict[tuple[int, date], tuple[int, int]]:
        """(account, quarter) → stars and hundredths under the draft; before, it holds the locked ones against the result."""
        result = trial_run(draft=draft, months=MONTHS, by=self.staff)
        assert result.rows == sum(map(sum_of, result.spread.values())) == Rating.objects.filter(closing__kind="quarter").count()
        scope = trial_sql.Scope(
            draft.pk, self.township.pk, [self.village.pk, self.second.pk], MONTHS
        )
        heads = {row.head: HeadRule(row.base, row.maximum) for row in draft.heads.all()}
        stars = StarRule(draft.five_star, draft.four_star, draft.three_star, draft.two_star)
        rows = trial_sql.quarter_rows(scope, heads, stars, cap_deltas(draft, scope))
        assert {(row.account, row.quarter): (row.stars_before, row.before) for row in rows} == locked()
        moved = {(row.account, row.quarter) for row in rows if row.stars_before != row.stars_after}
        assert {(move.account, move.quarter.start) for move in result.moves} == moved
        return {(row.account, row.quarter): (row.stars_after, row.after) for row in rows}


def sum_of(counter: Any) -> int:
    return sum(counter.values())


def locked() -> dict[tuple[int, date], tuple[int, int]]:
    ratings = Rating.objects.filter(closing__kind="quarter", closing__state="locked")
    return {
        (account, start): (stars or 0, int(score * 100))
        for account, start, stars, score in ratings.values_list("account", "closing__start", "stars", "score")
    }


@pytest.fixture
def house(db: None) -> TrialHouse:
    house = TrialHouse()
    house.lock_all()
    return house


def test_an_unchanged_copy_gives_exactly_the_locked_ratings(house: TrialHouse) -> None:
    found = house.rows(house.copy())
    assert found == locked()
    assert len({stars for stars, _ in found.values()}) > 1, "the house must not be uniform"
    assert Entry.objects.exclude(reverses=None).count() >= 6


def oracle(draft: RuleSet, accounts: list[Account]) -> dict[tuple[int, date], tuple[int, int]]:
    """The same by the pure functions and a plain loop over the ledger."""
    deeds = {deed.code: deed for deed in draft.deeds.all()}
    heads = {row.head: HeadRule(row.base, row.maximum) for row in draft.heads.all()}
    stars = StarRule(draft.five_star, draft.four_star, draft.three_star, draft.two_star)
    found = {}
    for account in accounts:
        lines = plain_lines(account, deeds, draft)
        for text in QUARTERS:
            quarter = Period.parse(text)
            standings = [month_standing(heads, lines[month.start]) for month in quarter.split(Kind.MONTH)]
            score = mean_score([standing.score for standing in standings])
            vetoed = any(standing.vetoed for standing in standings)
            found[account.pk, quarter.start] = (stars_of(score, stars, vetoed=vetoed), int(score * 100))
    return found


def plain_lines(account: Account, deeds: dict[str, Deed], draft: RuleSet) -> dict[date, list[Line]]:
    used: dict[tuple[object, ...], int] = defaultdict(int)
    lines: dict[date, list[Line]] = defaultdict(list)
    given_by: dict[int, int] = {}
    entries = account.entries.select_related("deed").order_by("occurred_on", "pk")
    for entry in entries.filter(reverses=None):
        assert entry.deed is not None
        new = deeds.get(entry.deed.code)
        if new is None:
            continue
        score = value(entry.deed, new, entry.score)
        is_reversed = Entry.objects.filter(reverses=entry).exists()
        if score > 0:
            rooms = []
            for owner, key in ((new, new.code), (draft, "")):
                for kind in ("month", "quarter", "year"):
                    most = getattr(owner, f"cap_{kind}")
                    if most is not None:
                        rooms.append(((key, Period.of(kind, entry.occurred_on)), most))
            score = min([score, *(max(most - used[room], 0) for room, most in rooms)])
            if not is_reversed:
                for room, _ in rooms:
                    used[room] += score
        given_by[entry.pk] = score
        lines[entry.month].append(Line(new.head, score, new.is_veto and not is_reversed))
    for entry in entries.exclude(reverses=None):
        assert entry.deed is not None and entry.reverses_id is not None
        new = deeds.get(entry.deed.code)
        if new is not None:
            lines[entry.month].append(Line(new.head, -given_by[entry.reverses_id]))
    return lines


def value(old: Deed, new: Deed, score: int) -> int:
    if new.score_high is None:
        if old.score_high is not None:
            return new.score
        size = abs(new.score) * abs(score) / abs(old.score)
        return int(size + 0.5) * (-1 if new.score < 0 else 1)
    return min(max(score, new.score), new.score_high)


def test_it_maps_changed_absent_and_moved_deeds(house: TrialHouse) -> None:
    draft = house.copy(five_star=70, four_star=66, three_star=63, two_star=61)
    deeds = {deed.code: deed for deed in draft.deeds.all()}
    deed_save(rule_set=draft, deed=deeds["S1"], values={"score": 8, "points": 8, "head": "civility"}, by=house.staff)
    deed_save(rule_set=draft, deed=deeds["J1"], values={"score": 4, "score_high": 6}, by=house.staff)
    deed_remove(deed=deeds["L1"], by=house.staff)
    deed_save(rule_set=draft, deed=deeds["V1"], values={"is_veto": False}, by=house.staff)
    draft_edit(rule_set=draft, values={}, heads={"service": (10, 25), "law": (15, 15)}, by=house.staff)
    found = house.rows(draft)
    assert found == oracle(draft, house.accounts)
    assert found != locked()


@pytest.mark.parametrize(
    "caps",
    [
        {"S1": {"cap_month": 5}},
        {"S1": {"cap_quarter": 8, "cap_year": 12}, "J1": {"cap_month": 3}},
        {"": {"cap_month": 6}},
        {"": {"cap_month": 9, "cap_quarter": 14, "cap_year": 20}, "S1": {"cap_year": 9}, "J1": {"cap_quarter": 6}},
    ],
)
def test_it_counts_the_drafts_caps_in_order(house: TrialHouse, caps: dict[str, dict[str, int]]) -> None:
    draft = house.copy(**caps.pop("", {}))
    for code, values in caps.items():
        deed_save(rule_set=draft, deed=draft.deeds.get(code=code), values=values, by=house.staff)
    found = house.rows(draft)
    assert found == oracle(draft, house.accounts)
    assert found != locked()


def test_a_copy_of_capped_rules_gives_the_locked_ratings(db: None) -> None:
    """With caps in force that the ledger kept, an unchanged copy cuts nothing more."""
    house = TrialHouse(households=4, entries=40)
    house.lock_all()
    most = max(sum_of(gains_of(account)) for account in house.accounts)
    assert house.rows(house.copy(cap_year=most)) == locked()


def gains_of(account: Account) -> dict[int, int]:
    return dict(account.entries.filter(score__gt=0, reverses=None).values_list("pk", "score"))


@given(st.randoms(use_true_random=False), st.lists(st.none() | st.integers(0, 12), min_size=6, max_size=6))
@settings(max_examples=200, deadline=None)
def test_cuts_leave_no_cap_overrun_and_cut_no_more_than_needed(rng: random.Random, caps: list[int | None]) -> None:
    days = sorted(date(2026, 1, 1) + timedelta(days=rng.randrange(330)) for _ in range(rng.randint(1, 12)))
    lines = [
        CapLine(1, rng.randint(1, 2), day.replace(day=1), rng.choice(HEADS), rng.randint(1, 5), None) for day in days
    ]
    deeds = {1: caps[:3]}
    total = sum(line.score for line in lines) + sum(delta[3] for delta in cuts(lines, deeds, caps[3:]))
    used: dict[tuple[object, ...], int] = defaultdict(int)
    kept = 0
    for line in lines:
        rooms = [
            ((deed, Period.of(kind, line.on)), most)
            for deed, limits in ((line.deed, deeds.get(line.deed, [None] * 3)), (None, caps[3:]))
            for kind, most in zip(("month", "quarter", "year"), limits, strict=True)
            if most is not None
        ]
        left = min([line.score, *(most - used[room] for room, most in rooms)])
        for room, _ in rooms:
            used[room] += left
        kept += left
    assert total == kept


TABLES = ("moral_bank_entry", "moral_bank_account", "moral_bank_rating", "moral_bank_closing", "moral_bank_claim")


def state_of_tables() -> list[tuple[object, ...]]:
    """Counts and newest row versions of the ledger's tables, and what this session wrote to them."""
    found = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"SELECT count(*), max(xmin::text::bigint), pg_stat_get_xact_tuples_inserted('{table}'::regclass) "
                f"+ pg_stat_get_xact_tuples_updated('{table}'::regclass) + pg_stat_get_xact_tuples_deleted('{table}'::regclass) "
                f"FROM {table}"
            )
            found.append(cursor.fetchone()[:2])
    return found


def test_it_writes_nothing(house: TrialHouse) -> None:
    draft, before = house.copy(cap_month=5), state_of_tables()
    with CaptureQueriesContext(connection) as queries:
        trial_run(draft=draft, months=MONTHS, by=house.staff)
    assert state_of_tables() == before
    told = [query["sql"] for query in queries]
    assert "SET TRANSACTION READ ONLY" in told
    assert not [sql for sql in told if sql.split(None, 1)[0] in ("INSERT", "UPDATE", "DELETE")]


def test_a_write_within_a_trial_fails(house: TrialHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = house.copy()

    def write(*_: object) -> None:
        Account.objects.update(opened_on=date(2020, 1, 1))

    monkeypatch.setattr("moral_bank.rules.trial.trial_sql.quarter_rows", write)
    with pytest.raises(Error, match="read-only"):
        trial_run(draft=draft, months=MONTHS, by=house.staff)
    monkeypatch.undo()
    make_entry(house.accounts[0], house.deed("S1"), date(2026, 8, 1), house.staff)


def test_it_asks_as_often_for_many_households_as_for_few(house: TrialHouse) -> None:
    draft = house.copy(cap_month=5)
    trial_run(draft=draft, months=MONTHS, by=house.staff)  # reads the draft's township and the user's posts
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            trial_run(draft=draft, months=MONTHS, by=house.staff)
        counts.append(len(queries))
        for _ in range(5):
            make_entry(house.accounts[0], house.deed("S1"), date(2026, 8, 1), house.staff)
    assert counts[0] == counts[1] <= 16


def test_it_offers_the_locked_quarters(house: TrialHouse) -> None:
    assert trial_months(house.copy(), house.staff) == MONTHS


def test_it_refuses_strangers_and_odd_months(house: TrialHouse) -> None:
    draft = house.copy()
    for months, by, reason in (
        (MONTHS, house.cast["secretary"], "不归您维护"),
        ([], house.staff, "请选"),
        (MONTHS[:2], house.staff, "不满一个季度"),
        ([Period.parse("2026-Q1")], house.staff, "请选"),
    ):
        with pytest.raises(RuleError, match=reason):
            trial_run(draft=draft, months=months, by=by)
    draft.heads.filter(head="law").delete()
    with pytest.raises(RuleError, match="填齐"):
        trial_run(draft=draft, months=MONTHS, by=house.staff)
