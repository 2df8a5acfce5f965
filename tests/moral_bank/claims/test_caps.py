"""Caps through the service, and around it by SQL: a gain never goes beyond what the rules allow (plan §三.1; M22)."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.accounts.models import User
from moral_bank.claims.caps import granted, grants
from moral_bank.ledger.services import LedgerError, entry_post, entry_reverse
from moral_bank.models import Account, Claim, Entry
from moral_bank.rules.models import Deed, Head, RuleSet
from tests.builders import (
    make_account,
    make_cast,
    make_deed,
    make_entry,
    make_household,
    make_rule_set,
    make_township,
    make_village,
)
from tests.moral_bank.ledger.test_ledger import refused

NOW = datetime(2026, 12, 2, 4, tzinfo=UTC)
MARCH = date(2026, 3, 2)


class House:
    """A village whose rules cap deeds and households: C1 +3 (month 5, quarter 8, year 10), F1 +4 and R1 +1 to +30 without
    caps of their own, H1 +1 an hour (month 4); a household gains at most `month` a month."""

    def __init__(self, month: int | None = 20, quarter: int | None = None, year: int | None = None) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.clerk: User = make_cast(self.township, self.village)["staff"]
        self.rule_set: RuleSet = make_rule_set(
            self.township, adopted=False, cap_month=month, cap_quarter=quarter, cap_year=year
        )
        make_deed(self.rule_set, "C1", Head.SERVICE, "巡逻", 3, points=3, cap_month=5, cap_quarter=8, cap_year=10)
        make_deed(self.rule_set, "F1", Head.SERVICE, "帮厨", 4, points=4)
        make_deed(self.rule_set, "R1", Head.CIVILITY, "见义勇为", 1, score_high=30)
        make_deed(self.rule_set, "H1", Head.SERVICE, "义务劳动", 1, points=2, unit="小时", by_quantity=True, cap_month=4)
        self.rule_set.state, self.rule_set.adopted_at = RuleSet.State.ADOPTED, timezone.now()
        self.rule_set.save()
        self.account: Account = make_account(make_household(self.village))
        self.other: Account = make_account(make_household(self.village, "李四"))

    def deed(self, code: str) -> Deed:
        return self.rule_set.deeds.select_related("rule_set").get(code=code)

    def post(self, code: str, key: str, on: date = MARCH, quantity: int = 1, memo: str = "", score: int | None = None) -> Entry:
        return entry_post(
            account=self.account,
            deed=self.deed(code),
            occurred_on=on,
            score=score,
            quantity=quantity,
            memo=memo,
            by=self.clerk,
            source_key=key,
            at=NOW,
        )

    def approved(self, code: str, score: int, on: date = MARCH) -> Claim:
        """Past the panel, whose own guards stand aside."""
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE moral_bank_claim DISABLE TRIGGER USER")
        return Claim.objects.create(
            account=self.account,
            deed=self.deed(code),
            occurred_on=on,
            counts_on=on,
            score=score,
            state=Claim.State.APPROVED,
            declared_by=self.clerk,
            declared_at=NOW,
            decided_at=NOW,
        )


@pytest.fixture
def house(db: None) -> House:
    return House()


def test_it_cuts_a_gain_to_what_the_month_leaves_and_says_so(house: House) -> None:
    whole, cut = house.post("C1", "1"), house.post("C1", "2", memo="巡逻（夜间）")
    assert (whole.score, whole.memo) == (3, "巡逻")
    assert (cut.score, cut.points) == (2, 2)
    assert cut.memo == "巡逻（夜间，超过该事项每月上限 5 分，记 2 分）"
    with pytest.raises(LedgerError, match="已达该事项每月上限 5 分") as refusal:
        house.post("C1", "3")
    assert refusal.value.code == "cap"
    assert house.post("F1", "4").score == 4


def test_it_returns_a_cut_entry_for_its_key(house: House) -> None:
    house.post("C1", "1")
    cut = house.post("C1", "2")
    assert house.post("C1", "2") == cut
    with pytest.raises(LedgerError) as refusal:
        house.post("F1", "2")
    assert refusal.value.code == "conflict"
    judged = house.post("R1", "judged", score=6)
    with pytest.raises(LedgerError) as refusal:
        house.post("R1", "judged", score=9)
    assert (judged.score, refusal.value.code) == (6, "conflict")


@pytest.mark.parametrize(
    ("days", "scores"),
    [
        # Month 5, quarter 8, year 10 of one deed that gives 3.
        ([date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 31), date(2026, 4, 1)], [3, 3, 2, 2]),
        ([date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1), date(2026, 12, 1)], [3, 2, 3, 2]),
        ([date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 1), date(2026, 10, 1)], [3, 3, 2, 0]),
    ],
)
def test_it_caps_by_month_quarter_and_year(house: House, days: list[date], scores: list[int]) -> None:
    lines = [(house.account.pk, house.deed("C1"), day, 3) for day in days]
    assert granted(lines) == scores


@pytest.mark.parametrize(
    ("caps", "scores"),
    [((10, None, None), [6, 4, 0, 6]), ((None, 15, None), [6, 6, 3, 0]), ((None, None, 11), [6, 5, 0, 0])],
)
def test_it_caps_households(db: None, caps: tuple[int | None, ...], scores: list[int]) -> None:
    house = House(*caps)
    days = [MARCH, MARCH, MARCH, date(2026, 2, 1)]
    lines = [(house.account.pk, house.deed(code), day, 6) for code, day in zip(("R1", "R1", "F1", "R1"), days, strict=True)]
    assert granted(lines) == scores
    assert granted([(house.other.pk, house.deed("R1"), MARCH, 6), *lines])[0] == 6


def test_it_counts_approved_claims_and_not_what_was_reversed(house: House) -> None:
    line = (house.account.pk, house.deed("C1"), MARCH, 3)
    first = house.post("C1", "1")
    house.approved("C1", 1)
    assert granted([line]) == [1]
    entry_reverse(entry=first, reason="记错户", by=house.clerk, at=NOW)
    assert granted([line, line]) == [3, 1]
    loss = make_entry(house.account, house.deed("L1"), MARCH, house.clerk)
    entry_reverse(entry=loss, reason="记错户", by=house.clerk, occurred_on=MARCH, at=NOW)
    assert granted([(house.account.pk, house.deed("F1"), MARCH, 20)]) == [19]


def test_it_never_caps_a_loss(house: House) -> None:
    assert grants([(house.account.pk, house.deed("L1"), MARCH, -10)])[0].score == -10


def test_it_multiplies_by_a_quantity_where_the_deed_says_so(house: House) -> None:
    assert house.post("H1", "1", quantity=3).points == 6
    cut = house.post("H1", "2", quantity=5)
    assert (cut.score, cut.points) == (1, 2)
    with pytest.raises(LedgerError, match="不按数量计分"):
        house.post("F1", "3", quantity=2)
    with pytest.raises(LedgerError, match="核对数量"):
        house.post("H1", "4", quantity=40_000)


def test_it_asks_as_often_for_many_lines_as_for_one(house: House) -> None:
    line = (house.account.pk, house.deed("C1"), MARCH, 3)
    for count in (1, 200):
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            granted([line] * count)
        assert len(queries) == 3
    free = House.__new__(House)
    free.rule_set = make_rule_set(house.township, version=2, valid_from=date(2026, 2, 1))
    with CaptureQueriesContext(connection) as queries:
        assert granted([(house.account.pk, free.deed("S1"), MARCH, 5)]) == [5]
    assert len(queries) == 1


COPY = (
    "INSERT INTO moral_bank_entry (account_id, township_id, village_id, deed_id, head, veto, memo, score, points, "
    "occurred_on, month, source_key, posted_by_id, posted_at) SELECT account_id, township_id, village_id, deed_id, head, "
    "veto, memo, {score}, {score}, '{day}', '{month}', 'around ' || memo || '{day}', posted_by_id, posted_at FROM moral_bank_entry "
    "WHERE source_key = '{key}'"
)


def copy(key: str, score: int, day: date) -> str:
    return COPY.format(key=key, score=score, day=day, month=day.replace(day=1))


# Beyond C1's month (5), quarter (8) and year (10) and the household's 20 a month, after 3 (C1) and 10 (R1) on 2 March.
BEYOND = {
    "deed by month": copy("c", 3, date(2026, 3, 31)),
    "deed by quarter": copy("c", 6, date(2026, 1, 31)),
    "deed by year": copy("c", 8, date(2026, 12, 31)),
    "household by month": copy("r", 8, date(2026, 3, 31)),
}
WITHIN = {
    "deed by month": copy("c", 2, date(2026, 3, 31)),
    "deed by quarter": copy("c", 5, date(2026, 1, 31)),
    "deed by year": copy("c", 5, date(2026, 12, 31)),
    "household by month": copy("r", 7, date(2026, 3, 31)),
    "household in another month": copy("r", 20, date(2026, 4, 1)),
    "a loss": copy("r", -100, MARCH).replace("-100, -100", "-100, 0"),
}


def start(house: House) -> None:
    house.post("C1", "c")
    house.post("R1", "r", score=10)


@pytest.mark.parametrize("statement", BEYOND.values(), ids=BEYOND.keys())
def test_it_refuses_sql_beyond_a_cap(house: House, statement: str) -> None:
    start(house)
    assert refused(statement)


@pytest.mark.parametrize("statement", WITHIN.values(), ids=WITHIN.keys())
def test_it_lets_sql_within_the_caps_pass(house: House, statement: str) -> None:
    start(house)
    assert not refused(statement)


@pytest.mark.parametrize("caps", [(None, 17, None), (None, None, 17)])
def test_it_refuses_sql_beyond_a_households_quarter_and_year(db: None, caps: tuple[int | None, ...]) -> None:
    house = House(*caps)
    start(house)
    assert refused(copy("r", 5, date(2026, 2, 1)))
    assert not refused(copy("r", 4, date(2026, 2, 1)))


def test_it_refuses_a_set_as_a_whole(house: House) -> None:
    """Two lines of one statement that are too much together."""
    start(house)
    both = copy("c", 2, MARCH).replace("memo || '2026", "memo || n || '2026")
    both = both.replace("FROM moral_bank_entry", "FROM moral_bank_entry, generate_series(1, 2) AS n")
    assert refused(both)
    assert not refused(both.replace(" 2, 2,", " 1, 1,"))


def _two_sessions() -> list[bool]:
    """Two sessions insert 3 of a deed that may give 5 a month, around the service: the first commits only when the second
    has sent its own. Returns who got through."""
    house = House()
    key = house.post("C1", "c", on=date(2026, 4, 1)).source_key
    sent, done = threading.Event(), []

    def second() -> None:
        sent.wait()
        try:
            done.append(not refused(copy(key, 3, date(2026, 3, 3))))
        finally:
            connections.close_all()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(copy(key, 3, date(2026, 3, 2)))
        sent.set()
        thread.join(0.5)
    thread.join()
    return done


@pytest.mark.django_db(transaction=True)
def test_it_keeps_a_cap_between_two_sessions() -> None:
    assert _two_sessions() == [False]


@pytest.mark.django_db(transaction=True)
def test_it_would_go_beyond_without_the_guard() -> None:
    """The control: without the trigger both get through."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE moral_bank_entry DISABLE TRIGGER moral_bank_entry_cap")
    try:
        assert _two_sessions() == [True]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE moral_bank_entry ENABLE TRIGGER moral_bank_entry_cap")


@pytest.mark.django_db(transaction=True)
def test_it_cuts_for_two_sessions_that_post_at_once() -> None:
    house = House()
    barrier, scores = threading.Barrier(2), []

    def post(key: str) -> None:
        try:
            deed = house.deed("C1")
            barrier.wait()
            scores.append(
                entry_post(account=house.account, deed=deed, occurred_on=MARCH, by=house.clerk, source_key=key, at=NOW).score
            )
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post, args=(key,)) for key in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(scores) == [2, 3]
